"""Browsers killed in the middle of strokes: what was on the disk or on the server is there afterwards, once.

`pytest tests/faults --kills 50` kills as often as a release is checked with; `make test` kills a few times.
"""

import contextlib
import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as BrowserError

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from tests.browser.editor import click, map_sha256, open_editor, picture, quarters, wait_for
from tests.chromium import FLAGS, PATIENCE_MS, VIEWPORT
from tests.faults.cutting_proxy import cutting_proxy
from tests.faults.test_saves import assert_linear

pytestmark = [pytest.mark.faults, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560
SPACING = 12
PAINTED = 5  # the entity that the strokes belong to: a new one


def places() -> Iterator[tuple[int, int]]:
    """Where dab after dab goes, none touching another, all clear of what lies over the canvas."""
    for y in range(20, HEIGHT - 120, SPACING):
        for x in range(20, WIDTH - 20, SPACING):
            yield x, y


class Visits:
    """One person's browser profile, visit after visit, each ended by SIGKILL."""

    def __init__(
        self, driver: Any, path: str, profile: Path, url: str, enter: Callable[[BrowserContext], None]
    ):
        self._driver, self._path, self._profile, self._url, self._enter = driver, path, profile, url, enter

    def start(self) -> tuple[BrowserContext, Page]:
        context = self._driver.chromium.launch_persistent_context(
            self._profile, executable_path=self._path, args=FLAGS, viewport=VIEWPORT, base_url=self._url
        )
        context.set_default_timeout(PATIENCE_MS)
        self._enter(context)
        return context, context.new_page()

    def kill(self) -> None:
        found = subprocess.run(["pgrep", "-f", str(self._profile)], capture_output=True, text=True)
        for pid in found.stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def drawing(project: Any, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))


def present(page: Page, dabs: list[tuple[int, int]]) -> list[bool]:
    return [page.evaluate("([x, y]) => tessera.numberAt(x, y)", [x, y]) == PAINTED for x, y in dabs]


def brush_operations(annotation: Annotation) -> int:
    """How many strokes the revisions say were made."""
    rows = annotation.revisions.order_by("number").values_list("operations", flat=True)
    return sum(operation["tool"] == "brush" for operations in rows for operation in operations)


def assert_saved_once(page: Page, annotation: Annotation, strokes: int) -> None:
    """Everything is on the server, the same as on the screen, each stroke once, and the journal is empty."""
    wait_for(page, "tessera.isSaved()", seconds=60)
    annotation.refresh_from_db()
    assert annotation.map_sha256 == map_sha256(page)
    revisions = list(annotation.revisions.order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, annotation.revision_number + 1))
    assert_linear(annotation, revisions)
    assert brush_operations(annotation) == strokes
    assert journal_entries(page) == 0


def journal_entries(page: Page) -> int:
    return page.evaluate(
        """() => new Promise((resolve) => {
            const opening = indexedDB.open("tessera-journal");
            opening.onsuccess = () => {
                const store = opening.result.transaction("entries").objectStore("entries");
                store.count().onsuccess = ({ target }) => { opening.result.close(); resolve(target.result); };
            };
        })"""
    )


def take_up_brush(page: Page, entity_at: tuple[int, int] | None) -> None:
    """A small brush; for the entity at a place, or for a new one."""
    if entity_at is None:
        page.keyboard.press("n")
    else:
        page.keyboard.down("Alt")
        click(page, entity_at)
        page.keyboard.up("Alt")
    page.keyboard.press("b")
    for _ in range(9):
        page.keyboard.press("[")


def paint_until_killed(page: Page, spots: Iterator[tuple[int, int]], painted: list[tuple[int, int]]) -> int:
    """Dab after dab, each noted in ``painted``; how many were on the disk, by the browser's last word."""
    on_disk = 0
    try:
        while True:
            painted.append(next(spots))
            click(page, painted[-1])
            on_disk = page.evaluate("tessera.counters().kept")
    except BrowserError:
        return on_disk


def test_strokes_survive_a_killed_browser(
    drawing: Annotation,
    anna: User,
    live_server: Any,
    log_in: Callable[[BrowserContext, User], None],
    playwright_driver: Any,
    chromium_path: str,
    tmp_path: Path,
    kills: int,
) -> None:
    visits = Visits(
        playwright_driver, chromium_path, tmp_path / "profile", live_server.url, lambda one: log_in(one, anna)
    )
    pick = random.Random(kills)
    spots = places()
    here: list[tuple[int, int]] = []
    tried: list[tuple[int, int]] = []
    on_disk = promised = 0
    for visit in range(kills + 1):
        context, page = visits.start()
        open_editor(page, drawing)
        survived = present(page, tried)
        assert all(survived[:on_disk]), f"kill {visit}: a stroke is lost that was on the disk"
        assert survived == sorted(survived, reverse=True), (
            f"kill {visit}: a later stroke outlived an earlier one"
        )
        here += [spot for spot, is_there in zip(tried, survived, strict=True) if is_there]
        assert all(present(page, here[-50:]))
        assert_saved_once(page, drawing, len(here))
        if visit == kills:
            break
        if visit % 2:
            page.route("**/transactions", lambda route: route.abort())  # no network: only the journal has it
        take_up_brush(page, here[0] if here else None)
        killer = threading.Timer(pick.uniform(0.1, 1.5), visits.kill)
        tried = []
        killer.start()
        on_disk = paint_until_killed(page, spots, tried)
        promised += on_disk
        killer.join()
        with contextlib.suppress(BrowserError):
            context.close()
    assert all(present(page, here))
    context.close()
    print(
        "killed browser:",
        {"kills": kills, "on the disk before a kill": promised, "there": len(here), "lost": 0},
    )


def test_strokes_survive_a_network_cut_anywhere(
    drawing: Annotation,
    anna: User,
    live_server: Any,
    open_context: Callable[..., BrowserContext],
) -> None:
    upstream = int(live_server.url.rpartition(":")[2])
    with cutting_proxy(upstream, seed=3) as proxy:
        context = open_context(anna, may_complain=True, base_url=f"http://localhost:{proxy.port}")
        page = context.new_page()
        open_editor(page, drawing)
        take_up_brush(page, None)
        spots = places()
        here: list[tuple[int, int]] = []
        proxy.is_cutting = True
        while len(here) < 25 or proxy.cuts < 4:
            here.append(next(spots))
            click(page, here[-1])
            page.keyboard.press("Control+s")
            page.wait_for_timeout(60)
            page.evaluate("dispatchEvent(new Event('online'))")
        proxy.is_cutting = False
        page.evaluate("dispatchEvent(new Event('online'))")
        assert all(present(page, here))
        assert_saved_once(page, drawing, len(here))
        print(
            "cut browser:",
            {
                "cuts": proxy.cuts,
                **page.evaluate(
                    "(({posts, replays, saves}) => ({posts, replays, saves}))(tessera.counters())"
                ),
            },
        )
