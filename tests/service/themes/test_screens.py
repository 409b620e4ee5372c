"""The pages of themes: who finds what on them, and what hostile words come to."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import connected

KEEP_ROWS = True

ATTACK = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"


@pytest.fixture
def enter(town):
    """Return a browser in which a person of the cast is signed in."""
    from django.test import Client

    def client(name):
        browser = Client()
        browser.force_login(getattr(town.people, name))
        return browser

    return client


@pytest.fixture
def first(town):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(town.region.pk):
        return Theme.objects.filter(tenant=town.region, into=None, gone_at=None).order_by("-size", "code")[0]


def page_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def again(theme):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(theme.tenant_id):
        return Theme.objects.get(pk=theme.pk)


def post(browser, theme, act, **given):
    given = {"version": again(theme).version, **given}
    return browser.post(f"/themes/{theme.pk}/{act}/", given, follow=True)


def test_everybody_who_sees_the_picture_sees_the_list(enter, first):
    for name in ("editor", "analyst", "official", "controller", "administrator", "auditor", "head"):
        page = page_of(enter(name), f"/themes/?tenant={first.tenant.slug}")
        assert f"/themes/{first.pk}/" in page, name
        assert ("Find themes now" in page) == (name in ("editor", "analyst")), name


def test_who_works_elsewhere_finds_neither_list_nor_theme(enter, first):
    for browser in (enter("stranger"), enter("mayor")):
        assert browser.get(f"/themes/{first.pk}/").status_code == 404
        assert browser.get("/themes/?tenant=region").status_code == 404
    assert enter("stranger").post(f"/themes/{first.pk}/sign/", {"version": 1}).status_code == 404


def test_a_theme_is_shown_with_quotations_audit_and_members(enter, first):
    page = page_of(enter("analyst"), f"/themes/{first.pk}/")
    assert "What people write" in page
    assert "Whom the quotations leave out" in page
    assert "drawn by lot" in page
    assert len(re.findall(r"<blockquote", page)) >= 3
    numbers = set(re.findall(r'href="/appeals/([\d-]+)/"', page))
    assert len(numbers) >= min(first.size, 20)
    assert 'name="belong"' in page


def test_who_reads_no_appeals_sees_numbers_and_no_words_of_people(enter, first):
    page = page_of(enter("administrator"), f"/themes/{first.pk}/")
    assert "<blockquote" not in page
    assert 'name="belong"' not in page
    assert "No quotation from an appeal that you may see." in page


def test_an_auditor_reads_and_decides_nothing(enter, first):
    page = page_of(enter("auditor"), f"/themes/{first.pk}/")
    assert "<blockquote" in page
    assert "/sign/" not in page
    assert enter("auditor").post(f"/themes/{first.pk}/sign/", {"version": 1}).status_code == 404


def test_a_narrowed_editor_sees_the_themes_and_the_numbers_of_their_part_alone(town, enter, first):
    from veche.service.accounts.acting import working
    from veche.service.accounts.models import Role, User
    from veche.service.inbox.models import Appeal
    from veche.service.themes.models import Member, Quotation, Theme

    with working(town.region.pk):
        members = Member.objects.filter(theme=first, appeal__territory__gt="")
        path = Appeal.objects.filter(pk__in=members.values("pk")).values_list("territory", flat=True)[0]
        inside = Member.objects.filter(tenant=town.region, appeal__territory__startswith=path)
        part = {theme: inside.filter(theme=theme).count() for theme in inside.values_list("theme", flat=True)}
        quoted = Quotation.objects.filter(tenant=town.region)
        theirs = {q.text for q in quoted.filter(appeal__territory__startswith=path)}
        others = {q.text for q in quoted} - theirs
        names = {t.pk: str(t) for t in Theme.objects.filter(tenant=town.region, into=None, gone_at=None)}
    with connected(town.urls.owner):
        user = User.objects.create_user(f"narrow{datetime.now(UTC).timestamp()}@veche.example", "Narrow")
        since = datetime.now(UTC) - timedelta(days=1)
        Role.objects.create(tenant=town.region, user=user, role="editor", territory=path, valid_from=since)
    town.people.narrow = user
    browser = enter("narrow")
    page = page_of(browser, "/themes/")
    shown = {key for key in names if str(key) in page}
    assert shown == set(part) & set(names)
    assert first.pk in shown
    assert len(shown) < len(names)
    one = page_of(browser, f"/themes/{first.pk}/")
    assert not any(text in one for text in others)
    assert len(re.findall(r'<td class="number"><a href="/appeals/', one)) == part[first.pk]
    assert "Whom the quotations leave out" not in one
    assert "/sign/" not in one
    hidden = next(key for key in names if key not in shown)
    assert browser.get(f"/themes/{hidden}/").status_code == 404


def test_a_theme_is_signed_renamed_and_taken_back_on_its_page(enter, first):
    browser = enter("editor")
    page = post(browser, first, "rename", name=f"{ATTACK} & Ко").content.decode()
    assert "The theme has its name." in page
    assert "<script>window.pwned" not in page
    assert "&lt;script&gt;window.pwned" in page
    assert "<script>window.pwned" not in page_of(browser, "/themes/?tenant=region")
    assert again(first).named
    post(browser, first, "sign")
    assert again(first).state == "signed"
    for _ in range(2):
        page = page_of(browser, f"/themes/{first.pk}/")
        [undo] = re.findall(r'action="(/themes/decisions/[^"]+/undo/)"', page)
        assert "taken back" in browser.post(undo, follow=True).content.decode()
    now = again(first)
    assert (now.state, now.named, now.name) == ("found", False, first.name)


def test_a_page_of_before_decides_nothing_and_says_so(enter, first):
    page = post(enter("editor"), first, "sign", version=again(first).version - 1).content.decode()
    assert "changed meanwhile" in page
    page = post(enter("editor"), first, "sign", version="x' OR 1=1").content.decode()
    assert "changed meanwhile" in page
    assert again(first).state == "found"


def test_nonsense_is_refused_without_a_fault(enter, first):
    browser = enter("editor")
    assert browser.post(f"/themes/{first.pk}/explode/", {"version": 1}).status_code == 404
    assert "Choose another theme" in post(browser, first, "merge", into="nonsense").content.decode()
    assert "Pick one appeal or more" in post(browser, first, "split", belong="nonsense").content.decode()
    for after in ("x", "0.5_x", "_", "nan_" + str(first.pk), "1e999_" + str(first.pk)):
        assert browser.get(f"/themes/{first.pk}/", {"after": after}).status_code == 200
    assert browser.get("/themes/", {"tenant": "region", "state": "nonsense"}).status_code == 200
    assert browser.get("/themes/", {"tenant": "none"}).status_code == 404


def test_a_theme_with_one_member_and_one_with_none_can_be_looked_at(town, enter, first):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Member

    browser = enter("editor")
    with working(town.region.pk):
        [one] = Member.objects.filter(theme=first).values_list("pk", flat=True)[:1]
        stay = list(Member.objects.filter(theme=first).exclude(pk=one).values_list("pk", flat=True))[:40]
    post(browser, first, "split", belong=[str(one)], stay=[str(id) for id in stay], name="Один")
    with working(town.region.pk):
        from veche.service.themes.models import Theme

        part = Theme.objects.filter(tenant=town.region, name="Один", gone_at=None).get()
    page = page_of(browser, f"/themes/{part.pk}/")
    assert page.count('<td class="number"><a href="/appeals/') == part.size >= 1
    with working(town.region.pk):
        Member.objects.filter(theme=part).delete()
        Theme.objects.filter(pk=part.pk).update(size=0)
    page = page_of(browser, f"/themes/{part.pk}/")
    assert "No appeal that you may see lies in this theme now." in page
    assert "Один" in page_of(browser, "/themes/?tenant=region")


def test_words_of_right_to_left_and_of_ten_thousand_letters_are_shown(town, enter, first):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Quotation, Theme

    with working(town.region.pk):
        Theme.objects.filter(pk=first.pk).update(name="\u202eأهلا" + "w" * 190, words=["w" * 100] * 6)
        [quotation] = Quotation.objects.filter(theme=first, sub=None)[:1]
        Quotation.objects.filter(pk=quotation.pk).update(text=ATTACK + "w" * 10_000)
    page = page_of(enter("editor"), f"/themes/{first.pk}/")
    assert 'dir="auto"' in page
    assert "<script>window.pwned" not in page
    with working(town.region.pk):
        Theme.objects.filter(pk=first.pk).update(name=first.name, words=first.words)


def test_a_search_is_asked_for_once_shown_and_cancelled(town, enter):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Work

    browser = enter("analyst")
    page = browser.post("/themes/find/", {"tenant": "region"}, follow=True).content.decode()
    assert "<progress" in page
    again_ = browser.post("/themes/find/", {"tenant": "region"}, follow=True).content.decode()
    assert "searched for already" in again_
    assert "<progress" in browser.get("/themes/work/?tenant=region&ran=1").content.decode()
    page = browser.post("/themes/cancel/", {"tenant": "region"}, follow=True).content.decode()
    assert "Ends after this step" in page
    assert enter("auditor").post("/themes/find/", {"tenant": "region"}).status_code == 404
    with connected(town.urls.worker):
        from veche.service.themes import tasks

        tasks.find_themes(str(town.region.pk))
    with working(town.region.pk):
        assert Work.objects.get(pk=town.region.pk).state == "cancelled"
    done = browser.get("/themes/work/?tenant=region&ran=1")
    assert done.headers["HX-Refresh"] == "true"
    assert "Find themes now" in done.content.decode()


def test_the_job_that_was_asked_for_finds_themes(town, enter, rows_of):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Work

    enter("editor").post("/themes/find/", {"tenant": "region"})
    assert rows_of("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'themes.find'")[0][0] >= 1
    with connected(town.urls.worker):
        from veche.service.themes import tasks

        tasks.find_themes(str(town.region.pk))
    with working(town.region.pk):
        work = Work.objects.get(pk=town.region.pk)
    assert (work.state, work.failure) == ("done", "")
    assert rows_of("SELECT count(*) FROM ledger_entry WHERE act = 'themes.found'")[0][0] >= 1


def test_a_search_that_fails_says_so_and_changes_nothing(town, enter, monkeypatch):
    from veche.service.accounts.acting import working
    from veche.service.themes import finding, tasks
    from veche.service.themes.models import Theme, Work

    enter("editor").post("/themes/find/", {"tenant": "region"})
    with working(town.region.pk):
        before = list(Theme.objects.filter(tenant=town.region).order_by("pk").values_list("pk", "version"))

    def broken(*_args, **_kwargs):
        raise ValueError("no disk")

    monkeypatch.setattr(finding, "lay_out", broken)
    with connected(town.urls.worker):
        tasks.find_themes(str(town.region.pk))
    with working(town.region.pk):
        work = Work.objects.get(pk=town.region.pk)
        after = list(Theme.objects.filter(tenant=town.region).order_by("pk").values_list("pk", "version"))
    assert (work.state, work.failure) == ("failed", "VECHE-V226")
    assert after == before
    assert "nothing was changed" in page_of(enter("editor"), "/themes/?tenant=region")


def test_an_authority_without_appeals_is_told_what_to_do(enter):
    page = page_of(enter("mayor"), "/themes/")
    assert "No themes yet." in page


def test_the_page_of_an_appeal_names_its_theme_and_knows_what_was_taken_back(town, enter):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal
    from veche.service.inbox.numbers import shown
    from veche.service.themes.models import Act, Member, Theme

    with working(town.region.pk):
        shown_ones = Theme.objects.filter(tenant=town.region, into=None, gone_at=None, size__gt=0)
        one, other = shown_ones.exclude(pk__in=Act.objects.values("theme")).order_by("-size")[:2]
        appeal = Appeal.objects.get(pk=Member.objects.filter(theme=one).order_by("pk")[0].pk)
    browser = enter("editor")
    address = f"/appeals/{shown(appeal.number)}/"
    assert str(one) in page_of(browser, address)
    post(browser, one, "merge", into=str(other.pk))
    page = page_of(browser, f"/themes/{one.pk}/")
    [undo] = re.findall(r'action="(/themes/decisions/[^"]+/undo/)"', page)
    assert str(other) in page_of(browser, address)
    browser.post(undo)
    with working(town.region.pk):
        from veche.service.desk.history import matters

        held = [d for m in matters(appeal, "ru") for d in m.decided if d.facet and d.finding.facet == "theme"]
    assert [d.value for d in held if d.in_force] == [str(one)]
    assert [d.value for d in held if d.undone_at] == [str(other)]


#: What tells how many appeals an authority has.
SEARCHED = r"Last search: [^<]*, \d+ appeals"


def numbers_in(page):
    """The numbers of appeals on a page: those set as numbers, and those that drawings are described by."""
    content = page.partition("<main")[2]
    found = re.findall(r'class="(?:soft )?number[^"]*"[^>]*>(?:<a [^>]*>)?([\d\u202f\xa0]+)<', content)
    drawn = re.findall(r"At most (\d+) at a time, (\d+) at the end", content)
    return [int(re.sub(r"\D", "", n)) for n in (*found, *(n for pair in drawn for n in pair))]


def test_who_may_not_see_small_numbers_finds_those_of_the_board_on_the_pages_of_themes(town, enter):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(town.region.pk):
        known = list(
            Theme.objects.filter(tenant=town.region, into=None, gone_at=None).exclude(state="dropped")
        )
    assert any(theme.size % 5 for theme in known), "or nothing is rounded here"
    browser = enter("administrator")
    listed = page_of(browser, "/themes/?tenant=region")
    assert "rounded to multiples of 5" in listed
    assert "/appeals/?" not in listed
    assert not re.search(SEARCHED, listed)
    assert not re.search(r"\d %<|\d%<", listed), "a share of all tells the number"
    assert all(n % 5 == 0 for n in numbers_in(listed))
    for theme in known:
        page = page_of(browser, f"/themes/{theme.pk}/")
        [(_link, n)] = re.findall(
            rf'href="/themes/({theme.pk})/".*?data-label="Appeals">(\d+)<', listed, re.DOTALL
        )
        assert "rounded to multiples of 5" in page
        assert numbers_in(page)[0] == int(n)
        assert all(shown % 5 == 0 for shown in numbers_in(page)), theme
        board = page_of(browser, f"/board/?theme={theme.pk}")
        assert re.findall(r'data-figure="total">(\d+)<', board) == [n], "one set has one number"
        audit = page.partition('id="h-audit">')[2].partition("</h2>")[2].partition("</section>")[0]
        assert not re.search(r"\d", audit), audit


def test_who_may_see_small_numbers_finds_them_as_they_are_with_the_way_to_the_appeals(town, enter):
    from django.http import QueryDict

    from veche.service.accounts.acting import acting, working
    from veche.service.board.scopes import cube_of
    from veche.service.search.filters import Filters
    from veche.service.themes.models import Theme

    with working(town.region.pk):
        known = list(Theme.objects.filter(tenant=town.region, into=None, gone_at=None, size__gt=0))
    browser, user = enter("auditor"), town.people.auditor
    listed = page_of(browser, "/themes/?tenant=region")
    assert "rounded to multiples" not in listed
    assert re.search(SEARCHED, listed)
    for theme in known:
        cell = rf'href="/appeals/\?([^"]*theme={theme.pk})">{theme.size}</a>'
        [query] = re.findall(cell, listed)
        with acting(user):
            filters = Filters.read(QueryDict(query.replace("&amp;", "&")), user)
            assert cube_of(user).rows(filters).sum() == theme.size
        subs = theme.digest.get("subthemes", ())
        page = page_of(browser, f"/themes/{theme.pk}/")
        assert numbers_in(page)
        assert all(f'<span class="soft number">{sub["size"]}</span>' in page for sub in subs)
        audit = page.partition('id="h-audit">')[2].partition("</h2>")[2].partition("</section>")[0]
        assert bool(theme.audit) == bool(re.search(r"Of \d+ pe", audit))
