"""Nothing drawn is ever lost, applied twice or silently overwritten."""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, Route

from annotation_server.accounts.models import User
from annotation_server.annotation import lease
from annotation_server.annotation.autosave import save
from annotation_server.annotation.label_maps import current_manifest, read_map
from annotation_server.annotation.models import Annotation, LabelMap, Mask
from annotation_server.projects.models import Project
from annotation_server.segmentation.rle import label_map_from_rles, label_map_rles
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.tiles import Tile
from annotation_server.segmentation.transaction import TileChange, Transaction, encode_transaction
from tests.browser.conftest import FLAGS, VIEWPORT
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
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560
SAVES = "**/transactions"


@pytest.fixture
def drawing(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Anna's annotation of four entities."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))


def save_elsewhere(annotation: Annotation, user: User, number: int) -> None:
    """Another program of the same person fills the first tile, under the lease the browser holds."""
    version = int(current_manifest(annotation.pk).versions[0])
    save_tiles(annotation, user, {0: (version, Tile(number))})


def save_tiles(annotation: Annotation, user: User, tiles: dict[int, tuple[int, Tile]]) -> None:
    """Save tiles (with the versions they start from) under the lease that the browser holds."""
    assignment = annotation.assignment
    assert assignment is not None
    assignment.refresh_from_db()
    change = Transaction(
        txid=str(uuid.uuid4()),
        lease=str(assignment.lease),
        entities=(),
        ops=(),
        tiles=tuple(TileChange(t, base, tile) for t, (base, tile) in tiles.items()),
    )
    save(user, annotation.pk, encode_transaction(change))


def status(page: Page) -> str:
    return str(page.evaluate("tessera.saveStatus().state"))


def paint(page: Page) -> None:
    """A new entity, one stroke across all four tiles."""
    page.keyboard.press("n")
    stroke(page, (60, 60), (640, 540))


def take_over(page: Page) -> None:
    with page.expect_navigation():
        page.click("text=Edit here instead")
    page.wait_for_selector("#editor[data-ready=true]")
    assert state(page)["readOnly"] == ""


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


def test_a_failing_server_is_tried_again(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    page.route(SAVES, lambda route: route.fulfill(status=503, body="{}"))
    paint(page)
    page.wait_for_selector("text=Offline: kept on this computer")
    page.unroute(SAVES)
    page.click("text=Try now")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    page.wait_for_selector("text=All changes saved")


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_a_conflict_is_asked_about(
    drawing: Annotation, anna: User, page_of: Callable[..., Page], choice: str, shoot: Callable
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    save_elsewhere(drawing, anna, 2)
    paint(page)
    made = state(page)["selected"]
    mine = area(page, made)
    page.wait_for_selector("dialog >> text=Changed elsewhere")
    if choice == "Keep mine":
        shoot(page, "conflict")
    assert kept(drawing).revision_number == 2
    page.click(f"dialog >> text={choice}")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    if choice == "Keep mine":
        assert area(page, made) == mine
    else:
        assert page.evaluate("tessera.numberAt(300, 300)") == 2
        assert area(page, made) < mine
        assert page.evaluate("tessera.history().undo") == 0
    # Work goes on from there.
    stroke(page, (300, 60), (100, 500))
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)


def test_an_entity_deleted_here_lives_on_in_the_tiles_taken_from_there(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    save_elsewhere(drawing, anna, 2)
    page.keyboard.press("v")
    page.mouse.click(*client_of(page, (600, 100)))
    page.keyboard.press("Delete")
    assert area(page, 2) == 0
    page.click("dialog >> text=Take theirs")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    assert area(page, 2) > 0
    assert not drawing.masks.get(number=2).deleted


def test_a_second_tab_only_looks_until_it_takes_over(
    drawing: Annotation, anna: User, open_context: Callable[..., BrowserContext], shoot: Callable
) -> None:
    context = open_context(anna, may_complain=True)
    first, second = context.new_page(), context.new_page()
    open_editor(first, drawing)
    open_editor(second, drawing)
    second.wait_for_selector("text=This image is open in another tab.")
    before = map_sha256(second)
    stroke(second, (60, 60), (400, 300))
    assert map_sha256(second) == before
    shoot(second, "second_tab")
    take_over(second)
    first.wait_for_selector("text=This image is now edited in another tab.")
    paint(second)
    wait_until_saved(second)
    assert kept(drawing).map_sha256 == map_sha256(second)
    second.close()
    first.wait_for_selector("text=The other tab is closed: you can edit here now.")
    take_over(first)
    assert map_sha256(first) == drawing.map_sha256
    stroke(first, (300, 60), (100, 400))
    wait_until_saved(first)
    assert kept(drawing).map_sha256 == map_sha256(first)


def test_taken_over_by_a_reviewer(
    drawing: Annotation, anna: User, rita: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    assert drawing.assignment_id is not None
    lease.claim(rita, drawing.assignment_id)
    paint(page)
    painted = map_sha256(page)
    page.wait_for_selector("text=Rita has taken over this assignment.")
    assert status(page) == "lease_lost"
    assert state(page)["readOnly"]
    take_over(page)
    wait_until_saved(page)
    assert map_sha256(page) == painted == kept(drawing).map_sha256


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


def test_two_versions_are_compared_place_by_place(
    drawing: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    page.keyboard.press("n")
    stroke(page, (60, 60), (160, 60))
    wait_until_saved(page)
    made = state(page)["selected"]

    page.route(SAVES, lambda route: route.abort())
    stroke(page, (60, 120), (160, 120))  # a place that only this side has
    stroke(page, (200, 420), (330, 420))  # and another one
    mine = map_sha256(page)
    save_stripe_elsewhere(drawing, anna)
    page.unroute(SAVES)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.click("dialog >> text=Compare…")
    page.wait_for_selector("text=Compare the two versions")
    rows = page.locator(".conflict-row")
    shoot(page, "conflict_compare")
    assert rows.count() == 3, rows.all_inner_texts()
    page.keyboard.press("ArrowDown")
    page.keyboard.down("b")
    page.wait_for_selector("text=Shown: theirs")
    page.keyboard.up("b")
    theirs_first = page.locator(".conflict-row", has_text="theirs: #4")
    theirs_first.get_by_role("button", name="Theirs", exact=True).click()
    assert page.evaluate("tessera.numberAt(300, 300)") == 4
    page.click("dialog >> text=Use this")
    wait_until_saved(page)
    assert page.evaluate("tessera.numberAt(300, 300)") == 4
    assert page.evaluate("tessera.numberAt(100, 120)") == made
    assert page.evaluate("tessera.numberAt(300, 420)") == made
    assert kept(drawing).map_sha256 == map_sha256(page) != mine
    page.keyboard.press("Control+z")
    assert page.evaluate("tessera.numberAt(100, 120)") == 1, "one command: undo takes it back to theirs"
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)


def save_stripe_elsewhere(annotation: Annotation, user: User) -> None:
    """Another program of the same person paints a stripe of entity 4 through the first tile."""
    label_map = read_map(annotation.pk)
    pixels = label_map.pixels()
    pixels[290:310, 250:500] = 4
    changed = pack_map(pixels)
    versions = current_manifest(annotation.pk).versions
    save_tiles(annotation, user, {0: (int(versions[0]), changed.tiles[0])})


def test_a_server_that_went_back_gets_its_strokes_again(
    drawing: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)
    open_editor(page, drawing)
    go_back = backup_of(drawing)
    paint(page)
    wait_until_saved(page)
    go_back()
    stroke(page, (300, 60), (100, 400))
    wait_for(page, "tessera.counters().saves >= 2")
    wait_until_saved(page)
    assert kept(drawing).map_sha256 == map_sha256(page)
    assert area(page, state(page)["selected"]) == drawing.masks.get(number=state(page)["selected"]).area


def backup_of(annotation: Annotation) -> Callable[[], None]:
    """Everything of an annotation as it is now; call it to have that back, and nothing made since."""
    rows = [*annotation.masks.all(), LabelMap.objects.get(pk=annotation.pk), kept(annotation)]
    revision = annotation.revision_number

    def restore() -> None:
        annotation.revisions.filter(number__gt=revision).delete()
        annotation.masks.all().delete()
        for row in rows:
            row.save(force_insert=isinstance(row, Mask))

    return restore


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
    end = time.monotonic() + 5
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
