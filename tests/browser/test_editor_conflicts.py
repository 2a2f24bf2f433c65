"""Two who write at once: conflicts are shown and decided, and one at a time holds the pen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation import lease
from annotation_server.annotation.label_maps import current_manifest, read_map
from annotation_server.annotation.models import Annotation, LabelMap, Mask
from annotation_server.segmentation.tiled_map import pack_map
from tests.browser.editor import (
    area,
    client_of,
    kept,
    map_sha256,
    open_editor,
    state,
    stroke,
    wait_for,
    wait_until_saved,
)
from tests.browser.saving import SAVES, paint, save_elsewhere, save_tiles, status, take_over

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def save_stripe_elsewhere(annotation: Annotation, user: User) -> None:
    """Another program of the same person paints a stripe of entity 4 through the first tile."""
    label_map = read_map(annotation.pk)
    pixels = label_map.pixels()
    pixels[290:310, 250:500] = 4
    changed = pack_map(pixels)
    versions = current_manifest(annotation.pk).versions
    save_tiles(annotation, user, {0: (int(versions[0]), changed.tiles[0])})


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
    expect(rows).to_have_count(3)
    shoot(page, "conflict_compare")
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
