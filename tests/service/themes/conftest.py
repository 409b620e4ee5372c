"""An authority with sample appeals that were understood, and what is done with its themes."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from tests.conftest import connected, make_cast
from tests.service.inbox.understanding import drain, worker_here

#: Parts of invented letters on one matter that no sample has; no two letters share more than two of them.
_PARTS = (
    ("Третий день не можем выспаться.", "Дети боятся выходить из подъезда.", "Прошу принять меры.",
     "Пишу от имени соседей.", "Такого здесь никогда не было.", "Помогите, пожалуйста."),
    ("Дикие павлины ходят по детской площадке", "Во дворе поселилась стая павлинов",
     "Павлины сидят на крыше гаража", "По нашей улице гуляют павлины", "Павлин напал на собаку соседки",
     "На балконе свили гнездо павлины", "Павлины портят клумбы у школы"),
    ("и громко кричат до утра,", "и никого не боятся,", "и клюют качели,", "и мешают проехать машинам,",
     "и разбрасывают мусор из баков,"),
    ("откуда они взялись, неизвестно.", "хозяина так и не нашли.", "в полиции только смеются.",
     "ветеринарная служба не отвечает.", "из зоопарка никто не приехал.", "старики уже жалуются на сердце.",
     "фотографии могу показать.", "убежали, наверное, из цирка."),
    ("Когда их увезут?", "Нужна служба отлова.", "Ждём ответа до пятницы.", "Кто за это отвечает?",
     "Поставьте хотя бы забор.", "Боимся за малышей.", "Просим разобраться.", "Сколько можно терпеть?",
     "Приезжайте и посмотрите сами.", "Это уже не смешно.", "Очень надеемся на вас."),
)  # fmt: skip
PLANTED = [" ".join(part[i % len(part)] for part in _PARTS) for i in range(60)]


#: Sample texts are those of this day whenever a test runs.
START = date(2026, 11, 2)


def samples(n, *, seed=7):
    """Texts, times and territories of sample appeals of the last four weeks."""
    from veche.packs import load_pack
    from veche.packs.sample.generate import generate

    pack = load_pack("ru")
    rows = [row for block in generate(pack, n=n, seed=seed, start=START) for row in block.appeals.to_pylist()]
    later = datetime.now(UTC).date() - timedelta(days=28) - START
    rows = [row | {"received_at": row["received_at"] + later} for row in rows]
    return sorted(rows, key=lambda row: row["received_at"])


def hand_in(tenant, channel, rows, *, at=None):
    """Take appeals in; `rows` are texts, or rows of samples."""
    from veche.service.accounts.acting import working
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.take import take

    now = datetime.now(UTC)
    batch = []
    for i, row in enumerate(rows):
        if isinstance(row, str):
            when = (at or now) + timedelta(seconds=i)
            batch.append(
                Incoming(
                    text=row,
                    received_at=min(when, now),
                    contacts=(f"p{i}.{abs(hash(row)) % 10**9}@a.example",),
                )
            )
        else:
            batch.append(
                Incoming(
                    text=row["text"],
                    received_at=min(row["received_at"], now),
                    contacts=(f"{row['author']}@people.example",) if row["author"] else (),
                    declared_territory=row["territory"],
                )
            )
    with working(tenant.pk):
        return [t.appeal_id for t in take(tenant.pk, channel.pk, batch, actor="process:test", now=now)]


def understand(urls):
    """Let a worker understand all that waits."""
    with connected(urls.worker):
        return drain(worker_here(urls.worker))


def find(urls, tenant):
    """Search for themes as the process of jobs does."""
    from veche.service.accounts.acting import working
    from veche.service.themes import finding
    from veche.service.themes.models import Work, WorkState

    with connected(urls.worker):
        with working(tenant.pk):
            Work.objects.update_or_create(
                pk=tenant.pk, defaults={"state": WorkState.FINDING, "cancel_asked": False}
            )
        return finding.find(tenant.pk)


@pytest.fixture
def follow(urls):
    """Let what waits be followed; returns how many appeals were placed."""
    from veche.service.themes import following
    from veche.service.themes.remembering import Keeper

    keeper = Keeper()

    def call():
        placed = 0
        with connected(urls.worker):
            for tenant_id in following.waiting():
                while step := following.follow(keeper, tenant_id):
                    placed += step
        return placed

    call.keeper = keeper
    return call


@pytest.fixture
def rows_of(superuser, urls):
    """Read rows past all walls."""
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(superuser, dbname=name), autocommit=True
    ) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


_town = {}


@pytest.fixture
def town(request, urls, installed):  # noqa: ARG001
    """A cast whose region has 300 sample appeals and themes found in them; made once for a module."""
    key = request.module.__name__
    if key not in _town:
        _town.clear()
        with connected(urls.owner):
            cast = make_cast()
        hand_in(cast.tenants.region, cast.channels.region, samples(300))
        understand(urls)
        found = find(urls, cast.tenants.region)
        _town[key] = SimpleNamespace(**vars(cast), urls=urls, region=cast.tenants.region, found=found)
    return _town[key]
