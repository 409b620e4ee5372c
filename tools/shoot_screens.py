"""Takes pictures of the main screens: light and dark, Russian and English, wide and narrow.

    python tools/shoot_screens.py                         starts a demonstration of its own
    python tools/shoot_screens.py --address http://localhost:8000 --password WORD
                                                          looks at one that runs (`veche up --demo`)

Pictures lie in docs/images/screens. Four looks are kept, so that each language, each theme and each width is
among them and the folder stays small; `--all` takes every combination.
"""

import argparse
import io
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "screens"
#: Sample appeals of a demonstration that is started here.
APPEALS = 2_000
#: Seconds in which they are to be understood, and themes and cards made of them.
READY_SECONDS = 600
#: A picture is no wider than so many pixels, and of this quality (WebP, 0 to 100).
WIDEST, QUALITY = 880, 32


class Look(NamedTuple):
    """How a screen is looked at."""

    theme: str
    language: str
    width: int

    @property
    def height(self) -> int:
        """Pixels of the window."""
        return 900 if self.width > 500 else 844


KEPT = (
    Look("light", "ru", 1440),
    Look("dark", "en", 1440),
    Look("light", "en", 390),
    Look("dark", "ru", 390),
)
ALL = tuple(Look(*each) for each in product(("light", "dark"), ("ru", "en"), (1440, 390)))


class Screen(NamedTuple):
    """A screen: who looks at it, where it is, and what is done there before the picture is taken."""

    name: str
    person: str
    address: str
    prepare: Callable[[Page], object] | None = None


def _first(selector: str) -> Callable[[Page], object]:
    """Follow the first link that fits; stay where there is none."""

    def follow(page: Page) -> None:
        link = page.locator(selector).first
        if link.count():
            page.goto(
                page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + str(link.get_attribute("href"))
            )

    return follow


def _call(page: Page) -> None:
    page.locator("#id_text").press_sequentially(
        "Здравствуйте, у нас на улице Лесной третий день нет горячей воды, в доме маленькие дети."
    )
    page.locator("#id_contact").press_sequentially("+7 913 555-01-01")
    with suppress(Exception):
        page.wait_for_selector("#glance dl", timeout=45_000)


def _danger(page: Page) -> None:
    page.locator("#id_text").press_sequentially("В подъезде сильно пахнет газом, ребёнку плохо!")
    with suppress(Exception):
        page.wait_for_selector("#glance .danger", timeout=45_000)


def _keys(page: Page) -> None:
    page.locator("#show-keys").click()


def _help(page: Page) -> None:
    page.locator("#show-help").click()
    page.wait_for_selector("#help")


def _sent(form: str) -> Callable[[Page], object]:
    """Send a form as it stands."""

    def send(page: Page) -> None:
        with page.expect_navigation():
            page.locator(form).first.evaluate("form => form.requestSubmit()")

    return send


def _preview(page: Page) -> None:
    """Choose some appeals, say what is to be decided of them, and see what it would do."""
    for box in page.locator("#chosen input[name=ids]").all()[:12]:
        box.check()
    with page.expect_navigation():
        page.locator("#chosen button[value=chosen]").click()
    page.locator("#value").evaluate("list => { list.value = list.options[1].value; }")
    _sent("form.bulk")(page)
    page.locator("#would").scroll_into_view_if_needed()


def _original(page: Page) -> None:
    _first("main a[href^='/appeals/'][href$='/']")(page)
    page.locator("#id_reason").fill("The author asks what became of this letter.")
    _sent("form[action$='/original/']")(page)


def _file(page: Page) -> None:
    """Bring a file of which some rows cannot be taken, and see what it holds."""
    rows = [f"На улице Лесной, у дома {n}, не горят фонари.;2026-11-0{n}" for n in range(1, 9)]
    content = "\n".join(["Текст обращения;Дата", *rows, ";2026-11-03", "Яма на дороге.;вчера"])
    file = {"name": "letters.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.locator("input[type=file]").set_input_files(file)
    _sent("form[action='/files/bring/']")(page)
    # It is looked through by a job; the page asks again by itself.
    page.locator("form[action$='/confirm/']").wait_for(timeout=60_000)


SCREENS = (
    Screen("login", "", "/account/login/"),
    Screen("desk", "editor", "/desk/"),
    Screen("card", "editor", "/desk/", _first("main a[href^='/desk/0']")),
    Screen("checks", "editor", "/desk/checks/"),
    Screen("urgent", "editor", "/desk/urgent/"),
    Screen("decisions", "editor", "/desk/decisions/"),
    Screen("appeals", "editor", "/appeals/"),
    Screen("search", "editor", "/appeals/?q=вода&urgency=none"),
    Screen("preview", "editor", "/appeals/", _preview),
    Screen("appeal", "editor", "/appeals/", _first("main a[href^='/appeals/'][href$='/']")),
    Screen("original", "editor", "/appeals/", _original),
    Screen("themes", "analyst", "/themes/"),
    Screen("theme", "analyst", "/themes/", _first("main a[href^='/themes/0']")),
    Screen("board", "analyst", "/board/"),
    Screen("compare", "analyst", "/board/compare/"),
    Screen("wall", "analyst", "/board/wall/"),
    Screen("annotations", "analyst", "/board/annotations/"),
    Screen("mailings", "analyst", "/board/mailings/"),
    Screen("operator", "editor", "/operator/", _call),
    Screen("danger", "editor", "/operator/", _danger),
    Screen("files", "editor", "/files/"),
    Screen("file", "editor", "/files/", _file),
    Screen("aside", "administrator", "/aside/"),
    Screen("people", "administrator", "/people/nation/"),
    Screen("channels", "administrator", "/channels/nation/"),
    Screen("account", "editor", "/account/"),
    Screen("keys", "editor", "/appeals/", _keys),
    Screen("help", "editor", "/appeals/", _help),
    Screen("write", "", "/{language}/write/nation/"),
)


def main() -> None:
    """Take the pictures."""
    asked = _asked()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.address:
        shoot(asked.address, asked.password, asked)
        return
    with demonstration() as (address, password):
        shoot(address, password, asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--address", help="a service that runs")
    parser.add_argument("--password", default="", help="of the people of its demonstration")
    parser.add_argument("--out", type=Path, default=OUT, help="where the pictures go")
    parser.add_argument("--only", nargs="*", help="names of screens")
    parser.add_argument("--all", action="store_true", help="every combination of theme, language and width")
    return parser.parse_args()


def shoot(address: str, password: str, asked: argparse.Namespace) -> None:
    """Take the pictures of a service that runs."""
    chosen = [screen for screen in SCREENS if not asked.only or screen.name in asked.only]
    with _chromium() as chromium:
        sessions = {p: _session(chromium, address, p, password) for p in {s.person for s in chosen}}
        for look in ALL if asked.all else KEPT:
            for screen in chosen:
                path = asked.out / f"{screen.name}.{look.theme}.{look.language}.{look.width}.webp"
                path.write_bytes(_picture(chromium, address, screen, look, sessions[screen.person]))
    size = sum(path.stat().st_size for path in asked.out.glob("*.webp"))
    print(f"{len(list(asked.out.glob('*.webp')))} pictures, {size / 1e6:.2f} MB: {asked.out}")


def _picture(chromium: Browser, address: str, screen: Screen, look: Look, session: list) -> bytes:
    size = {"width": look.width, "height": look.height}
    context = chromium.new_context(viewport=size, color_scheme=look.theme, reduced_motion="reduce")
    mine = {"django_language": look.language, "veche_look": f"{look.theme}.roomy.on"}
    context.add_cookies([*session, *({"name": n, "value": v, "url": address} for n, v in mine.items())])
    page = context.new_page()
    page.goto(address + screen.address.format(language=look.language))
    if screen.prepare:
        screen.prepare(page)
    # Charts draw themselves after the page is there.
    page.wait_for_timeout(700)
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    context.close()
    if shot.width > WIDEST:
        shot = shot.resize((WIDEST, round(shot.height * WIDEST / shot.width)), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    shot.convert("RGB").save(written, "WEBP", quality=QUALITY, method=6)
    return written.getvalue()


def _session(chromium: Browser, address: str, person: str, password: str) -> list:
    """Sign somebody in, as people do, and return their cookies."""
    if not person:
        return []
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    page.locator("[name=login]").fill(f"{person}@nation.example")
    page.locator("[name=password]").fill(password)
    page.locator("main button.first").click()
    page.wait_for_load_state()
    # Newcomers are offered the tour once; pictures show what is there every day.
    page.goto(f"{address}/appeals/")
    if page.locator("#tour button.small:not(.first)").count():
        page.locator("#tour button.small:not(.first)").click()
        page.wait_for_load_state()
    cookies = [c for c in context.cookies() if c["name"] == "sessionid"]
    context.close()
    if not cookies:
        raise SystemExit(f"{person}@nation.example could not sign in: is the password right?")
    return cookies


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("Chromium is missing: install the system's package `chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """Start a service with sample appeals; yield its address and the password of its people."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="veche-screens-") as folder:
        data = f"{folder}/service"
        veche = [sys.executable, "-c", "from veche.cli import main; main()"]
        up = [*veche, "up", "--data", data, "--port", str(port)]
        service = subprocess.Popen(up, stdout=subprocess.DEVNULL)
        try:
            _wait(lambda: urllib.request.urlopen(f"{address}/readyz", timeout=5).status == 200, 180)
            said = subprocess.run(
                [*veche, "manage", "--data", data, "demo", "--n", str(APPEALS)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            _wait(lambda: _waiting(address) == 0, READY_SECONDS)
            yield address, _password(said)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(60)


def _password(said: str) -> str:
    found = re.search(r"(?:password|паролем|пароль)\s+(\S+?):?$", said, re.MULTILINE)
    if found is None:
        raise SystemExit("The demonstration named no password.")
    return found[1]


def _waiting(address: str) -> int:
    figures = urllib.request.urlopen(f"{address}/metrics", timeout=10).read().decode()
    found = re.search(r"^veche_pending_appeals (\d+)", figures, re.MULTILINE)
    return int(float(found[1])) if found else 1


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if condition():
                return
        time.sleep(1)
    raise SystemExit("The demonstration did not get ready in time.")


if __name__ == "__main__":
    main()
