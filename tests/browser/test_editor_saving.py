"""Nothing drawn is ever lost, applied twice or silently overwritten."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, Route

from annotation_server.accounts.models import User
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from annotation_server.segmentation.rle import label_map_from_rles, label_map_rles
from tests.browser.editor import (
    area,
    client_of,
    kept,
    map_sha256,
    open_editor,
    picture,
    quarters,
    state,
    stroke,
    wait_for,
    wait_until_saved,
)
from tests.browser.saving import HEIGHT, SAVES, WIDTH, paint, save_elsewhere, status
from tests.cast import PASSWORD
from tests.chromium import FLAGS, VIEWPORT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_work_survives_a_killed_browser(
    drawing: Annotation,
    anna: User,
    live_server: Any,
    log_in: Callable[[BrowserContext, User], None],
    playwright_driver: Any,
    chromium_path: str,
    tmp_path: Path,
) -> None:
    def start() -> tuple[BrowserContext, Page]:
        context = playwright_driver.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium_path,
            args=FLAGS,
            viewport=VIEWPORT,
            base_url=live_server.url,
        )
        log_in(context, anna)
        return context, context.new_page()

    context, page = start()
    page.route(SAVES, lambda route: route.abort())  # offline
    open_editor(page, drawing)
    paint(page)
    painted = map_sha256(page)
    wait_for(page, "tessera.saveStatus().state === 'offline'")
    assert kept(drawing).revision_number == 1
    found = subprocess.run(["pgrep", "-f", str(tmp_path / "profile")], capture_output=True, text=True)
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    try:
        context.close()
    except Exception as gone:
        assert "closed" in str(gone).lower()

    context, page = start()
    open_editor(page, drawing)
    wait_until_saved(page)
    assert map_sha256(page) == painted == kept(drawing).map_sha256
    context.close()


def test_a_lost_answer_applies_nothing_twice(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    lost = []

    def lose_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(SAVES, lose_first_answer)
    paint(page)
    wait_for(page, "tessera.counters().replays === 1")
    assert lost == [200]
    assert kept(drawing).revision_number == 2
    assert drawing.map_sha256 == map_sha256(page)
    stroke(page, (300, 60), (100, 500))
    wait_until_saved(page)
    assert kept(drawing).revision_number == 3


# The first retry comes after a second; without it only the button asks again.
NO_RETRY_BY_ITSELF = """
const later = window.setTimeout;
window.setTimeout = (run, ms, ...rest) => (ms === 1000 ? 0 : later(run, ms, ...rest));
"""


def test_a_failing_server_is_tried_again(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    page.add_init_script(NO_RETRY_BY_ITSELF)
    open_editor(page, drawing)
    page.route(SAVES, lambda route: route.fulfill(status=503, body="{}"))
    paint(page)
    page.wait_for_selector("text=Offline: kept on this computer")
    page.unroute(SAVES)
    page.click("text=Try now")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    page.wait_for_selector("text=All changes saved")


def test_logging_in_again_loses_nothing(
    drawing: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    Session.objects.all().delete()
    paint(page)
    page.wait_for_selector("dialog >> text=Log in to go on")
    shoot(page, "log_in_again")
    page.fill("#login-password", "wrong")
    page.click("dialog >> button:has-text('Log in')")
    page.wait_for_selector("dialog .form-error:visible")
    page.fill("#login-password", PASSWORD)
    page.click("dialog >> button:has-text('Log in')")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)


def test_a_refused_save_can_be_taken_out_and_brought_back(
    drawing: Annotation, anna: User, page_of: Callable[..., Page], tmp_path: Path, shoot: Callable
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    refusal = '{"error": "Number 9 is no entity of this label map.", "code": "bad_payload"}'
    posts = []
    page.on("filechooser", lambda chooser: None)  # caught from now on, not from the key press on

    def refuse(route: Route) -> None:
        posts.append(1)
        route.fulfill(status=422, body=refusal, content_type="application/json")

    page.route(SAVES, refuse)
    paint(page)
    painted = map_sha256(page)
    page.wait_for_selector("dialog >> text=The server refused this save")
    page.wait_for_selector("text=Number 9 is no entity of this label map.")
    shoot(page, "refused")
    with page.expect_download() as downloaded:
        page.click("dialog >> button:has-text('Download them')")
    downloaded.value.save_as(tmp_path / "unsaved.json")
    assert len(posts) == 1, "the same again would be refused again"
    page.unroute(SAVES)
    with page.expect_navigation():
        page.click("dialog >> button:has-text('Set aside and reload')")
    page.wait_for_selector("#editor[data-ready=true]")
    assert map_sha256(page) == kept(drawing).map_sha256 != painted
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Control+Alt+r")
    asked.value.set_files(tmp_path / "unsaved.json")
    wait_for(page, "!tessera.isSaved()")
    wait_until_saved(page)
    assert map_sha256(page) == painted == kept(drawing).map_sha256


def history(page: Page) -> tuple[int, int]:
    depth = page.evaluate("tessera.history()")
    return depth["undo"], depth["redo"]


def test_undo_survives_a_reload(drawing: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna)
    open_editor(page, drawing)
    hashes = [map_sha256(page)]
    paint(page)
    hashes.append(map_sha256(page))
    for step in range(4):
        stroke(page, (80, 100 + 90 * step), (600, 140 + 90 * step))
        hashes.append(map_sha256(page))
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    page.reload()
    page.wait_for_selector("#editor[data-ready=true]")
    wait_for(page, "tessera.history().undo === 4 && tessera.history().redo === 1")
    page.keyboard.press("Control+Shift+z")
    assert map_sha256(page) == hashes[5]
    for expected in reversed(hashes[:5]):
        page.keyboard.press("Control+z")
        assert map_sha256(page) == expected
    wait_until_saved(page)
    saved = kept(drawing)
    assert saved.map_sha256 == hashes[0]
    numbers = list(saved.revisions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, saved.revision_number + 1)), "undo after a save is a new revision"

    page.reload()
    page.wait_for_selector("#editor[data-ready=true]")
    wait_for(page, "tessera.history().redo === 5")
    page.goto("about:blank")
    save_elsewhere(drawing, anna, 2)
    open_editor(page, drawing)
    page.wait_for_timeout(300)
    assert history(page) == (0, 0), "what no longer fits the server's map is dropped"


def test_what_is_too_large_for_one_save_goes_in_several(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    refused = []

    def let_small_pass(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if len(body) < 2200:
            route.continue_()
        else:
            refused.append(len(body))
            route.fulfill(status=413, body="{}")

    page.route(SAVES, let_small_pass)
    paint(page)
    wait_until_saved(page)
    saved = kept(drawing)
    assert refused and saved.revision_number > 2
    assert saved.map_sha256 == map_sha256(page)
    made = saved.masks.get(number=state(page)["selected"])
    assert (made.area, made.deleted) == (area(page, made.number), False)


FULL_DISK = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...row) {
  if (globalThis.diskIsFull) throw new DOMException("full", "QuotaExceededError");
  return put.apply(this, row);
};
"""
NO_DISK = """
IDBFactory.prototype.open = () => { throw new DOMException("private", "InvalidStateError"); };
"""


@pytest.mark.parametrize(
    ("disk", "said"),
    [(FULL_DISK, "This computer's disk is full"), (NO_DISK, "This browser keeps nothing on its disk")],
    ids=["full", "none"],
)
def test_without_a_disk_saving_goes_straight_to_the_server(
    drawing: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable, disk: str, said: str
) -> None:
    page = page_of(anna, may_complain=True)
    page.add_init_script(disk)
    open_editor(page, drawing)
    if disk is FULL_DISK:
        page.evaluate("() => { globalThis.diskIsFull = true; }")
        paint(page)
    page.wait_for_selector(f"dialog >> text={said}")
    shoot(page, "no_disk")
    page.click("dialog >> text=Go on")
    stroke(page, (300, 60), (100, 400))
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    assert status(page) == "saved"


def test_a_page_that_is_left_sends_its_last_strokes(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, drawing)
    paint(page)
    painted = map_sha256(page)
    page.goto("about:blank")
    end = time.monotonic() + 30
    while kept(drawing).revision_number == 1 and time.monotonic() < end:
        time.sleep(0.05)
    assert drawing.map_sha256 == painted
    open_editor(page, drawing)
    wait_until_saved(page)
    page.wait_for_timeout(300)
    assert kept(drawing).revision_number == 2, "nothing is saved twice"


def test_submission_waits_for_saving_and_is_what_is_exported(
    project: Project,
    anna: User,
    tiled_image: Callable,
    make_annotation: Callable,
    page_of: Callable[..., Page],
) -> None:
    image = tiled_image(project, picture(WIDTH, HEIGHT))
    annotation = make_annotation(image, anna, quarters(WIDTH, HEIGHT), named="tree")
    page = page_of(anna, may_complain=True)
    open_editor(page, annotation)
    page.route(SAVES, lambda route: route.abort())
    page.keyboard.press("v")
    page.mouse.click(*client_of(page, (600, 100)))
    page.keyboard.press("b")
    stroke(page, (200, 60), (640, 400))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Not submitted:")
    assert kept(annotation).state == "draft"
    page.unroute(SAVES)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until_saved(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=Submitted")
    submitted = kept(annotation)
    assert (submitted.state, submitted.map_sha256) == ("submitted", map_sha256(page))
    exported = label_map_rles(read_map(annotation.pk))
    assert label_map_from_rles(WIDTH, HEIGHT, exported).sha256() == submitted.map_sha256
