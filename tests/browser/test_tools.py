"""The tools beyond the brush, each on a real picture in real tiles: what they show is what they do."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from tests.browser.editor import (
    area,
    click,
    client_of,
    frame,
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
from tests.browser.test_every_page import EVERY_RULE, serious_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560
CENTRE, RADIUS = (340, 270), 110


def disc() -> np.ndarray:
    """Bool [HEIGHT, WIDTH]: where the picture shows a red disc."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return (x - CENTRE[0]) ** 2 + (y - CENTRE[1]) ** 2 <= RADIUS**2


def red_disc() -> np.ndarray:
    """A grainy red disc on grainy slate, uint8 [HEIGHT, WIDTH, 3]."""
    colours = np.where(disc()[..., None], (190, 60, 50), (60, 80, 120))
    grain = np.random.default_rng(3).normal(0, 7, (HEIGHT, WIDTH, 1))
    return np.clip(colours + grain, 0, 255).astype(np.uint8)


def iou(annotation: Annotation, number: int) -> float:
    """Of an entity, as the server has it, with the disc."""
    mask = read_map(annotation.pk).pixels() == number
    return float((mask & disc()).sum() / (mask | disc()).sum())


def press_new(page: Page, tool: str) -> int:
    """Start an entity, take a tool in hand; its number."""
    page.keyboard.press("n")
    page.keyboard.press(tool)
    return int(state(page)["selected"])


def wait_for_area(page: Page, number: int, pixels: str) -> None:
    """Wait until an entity's area is as said, such as "> 0"."""
    wait_for(page, f"tessera.area({number}) {pixels}")


def choose(page: Page, setting: str, value: str) -> None:
    """Choose a tool's setting, and go back to the canvas."""
    page.select_option(f"#setting-{setting}", value)
    page.focus("#stage")


@pytest.fixture
def background(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """One entity everywhere, on a picture of a disc."""
    return make_annotation(tiled_image(project, red_disc()), anna, np.ones((HEIGHT, WIDTH), np.uint16))


@pytest.fixture
def covered(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four entities, no gap."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))


def test_what_the_picture_shows_is_taken_by_wand_wire_and_superpixels(
    background: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, background)
    start = map_sha256(page)
    by_wand = press_new(page, "w")
    click(page, CENTRE)
    wait_for(page, "tessera.state().note.includes('marked')")
    assert map_sha256(page) == start  # shown, not done
    page.keyboard.press("Escape")
    assert state(page)["note"] == ""
    stroke(page, CENTRE, (CENTRE[0] + 24, CENTRE[1]))
    wait_for(page, "tessera.state().note.includes('marked')")
    assert state(page)["settings"]["wand.tolerance"] > 18
    shoot(page, "tool_wand")
    page.keyboard.press("Enter")
    wait_for_area(page, by_wand, "> 0")
    wait_until_saved(page)
    assert kept(background).map_sha256 == map_sha256(page)
    assert iou(background, by_wand) > 0.97
    page.keyboard.press("Control+z")
    assert map_sha256(page) == start

    page.keyboard.press("v")
    click(page, (20, 20))
    page.keyboard.press("Alt+l")
    page.keyboard.press("w")
    click(page, CENTRE)
    page.wait_for_selector("text=Nothing here may be painted over")
    page.keyboard.press("Alt+l")

    by_wire = press_new(page, "Shift+l")
    for angle in np.arange(0, 2 * np.pi, np.pi / 3):
        off = RADIUS + (6 if angle < 3 else -5)  # clicked carelessly
        point = (CENTRE[0] + off * np.cos(angle), CENTRE[1] + off * np.sin(angle))
        page.mouse.move(*client_of(page, point))
        click(page, point)
    shoot(page, "tool_livewire")
    page.keyboard.press("Enter")
    wait_for_area(page, by_wire, "> 0")
    wait_until_saved(page)
    assert iou(background, by_wire) > 0.93
    page.keyboard.press("Control+z")

    by_superpixels = press_new(page, "p")
    wait_for(page, r"/^\d+ superpixels/.test(tessera.state().note)", seconds=20)
    stroke(page, (290, 230), (390, 230), (390, 310), (290, 310), release=False)
    shoot(page, "tool_superpixel")
    page.mouse.up()
    wait_for_area(page, by_superpixels, "> 8000")
    wait_until_saved(page)
    mask = read_map(background.pk).pixels() == by_superpixels
    assert (mask & disc()).sum() > 0.97 * mask.sum()
    page.keyboard.press("Control+z")
    assert map_sha256(page) == start


def test_shapes_are_adjusted_only_after_they_were_shown(
    background: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, background)
    number = press_new(page, "l")
    ring = np.linspace(0, 2 * np.pi, 9)[:-1]
    for angle in ring:
        click(page, (CENTRE[0] + 8 + RADIUS * np.cos(angle), CENTRE[1] - 6 + RADIUS * np.sin(angle)))
    page.keyboard.press("Enter")
    drawn = area(page, number)
    page.keyboard.press("a")
    choose(page, "adjust-op", "grow")
    wait_for(page, "tessera.state().note.startsWith('+')")
    shoot(page, "tool_adjust")
    assert area(page, number) == drawn
    page.keyboard.press("Enter")
    assert area(page, number) > drawn
    assert area(page, number) + area(page, 1) == WIDTH * HEIGHT
    choose(page, "adjust-op", "shrink")
    wait_for(page, "tessera.state().note.startsWith('−')")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    assert area(page, number) == drawn
    choose(page, "adjust-op", "snap")
    page.fill("#setting-adjust-radius", "18")
    page.focus("#stage")
    wait_for(page, "/^[+−]/.test(tessera.state().note)")
    page.keyboard.press("Enter")
    wait_until_saved(page)
    assert area(page, 0) == 0
    assert iou(background, number) > 0.97
    choose(page, "adjust-op", "holes")
    wait_for(page, "tessera.state().note === 'Nothing to change'")
    page.keyboard.press("e")
    click(page, CENTRE)
    hole = area(page, 0)
    page.keyboard.press("a")
    wait_for(page, "tessera.state().note.startsWith('+')")
    page.keyboard.press("Enter")
    assert (area(page, 0), hole > 0) == (0, True)
    page.keyboard.press("Shift+n")
    assert area(page, number) == 0
    assert state(page)["selected"] == number
    stroke(page, (200, 200), (250, 200))
    wait_until_saved(page)
    assert area(page, number) > 0
    assert kept(background).map_sha256 == map_sha256(page)


def test_a_dragged_border_changes_two_entities_and_nothing_else(
    covered: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    before = {number: area(page, number) for number in (1, 2, 3, 4)}
    page.keyboard.press("d")
    for _ in range(4):
        page.keyboard.press("]")
    stroke(page, (348, 150), (400, 150), release=False)
    shoot(page, "tool_border")
    page.mouse.up()
    after = {number: area(page, number) for number in (1, 2, 3, 4)}
    assert after[1] > before[1] + 500
    assert after[1] + after[2] == before[1] + before[2]
    assert (after[3], after[4], area(page, 0)) == (before[3], before[4], 0)
    stroke(page, (100, 100), (120, 100))
    page.wait_for_selector("text=No border within the circle")
    choose(page, "border-way", "push")
    stroke(page, (140, 260), (140, 330))  # from inside 1 into 3
    pushed = {number: area(page, number) for number in (1, 2, 3, 4)}
    assert pushed[3] < after[3]
    assert pushed[1] + pushed[3] == after[1] + after[3]
    assert (pushed[2], pushed[4]) == (after[2], after[4])
    page.keyboard.press("v")
    click(page, (600, 100))
    page.keyboard.press("Alt+l")
    page.keyboard.press("d")
    stroke(page, (640, 275), (640, 240))
    page.wait_for_selector("text=Entity #2 is locked.")
    wait_until_saved(page)
    assert kept(covered).map_sha256 == map_sha256(page)
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert {number: area(page, number) for number in (1, 2, 3, 4)} == before


def test_gaps_are_walked_to_a_hundred_percent_and_parts_put_in_order(
    project: Project,
    anna: User,
    tiled_image: Callable,
    make_annotation: Callable,
    page_of: Callable[..., Page],
    shoot: Callable,
) -> None:
    labels = quarters(WIDTH, HEIGHT)
    labels[100:140, 340:380] = 0  # across the border of 1 and 2
    labels[400:420, 100:120] = 0
    for k in range(5):
        labels[500, 400 + 20 * k : 404 + 20 * k] = 0
    labels[480:484, 650:654] = 1
    labels[300:330, 500:530] = 1
    annotation = make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, labels)
    page = page_of(anna)
    open_editor(page, annotation)
    page.wait_for_selector("text=7 gaps, 2 over 100 px")
    page.click(".gap-details summary")
    expect(page.locator(".gap-list li").nth(1)).to_have_text(re.compile(r"400 px\s*→\s*#3\s*unnamed\s*Give"))
    page.focus("#stage")
    page.keyboard.press("j")
    page.wait_for_selector("text=Gap 1 of 7: 1,600 px →")
    frame(page)
    shoot(page, "tool_gaps")
    assert serious_problems(page, EVERY_RULE) == []
    page.select_option("#setting-gaps-rule", "nearest")
    page.focus("#stage")
    page.mouse.move(5, 5)
    page.keyboard.press("Shift+g")
    wait_for(page, "tessera.area(0) === 420")
    assert page.evaluate("[tessera.numberAt(345, 120), tessera.numberAt(375, 120)]") == [1, 2]
    page.keyboard.press("Alt+g")
    page.wait_for_selector("text=5 gaps given away: 20 px.")
    assert area(page, 0) == 400
    page.wait_for_selector("text=1 gap, 1 over 100 px")
    page.click(".gap-list >> text=Give")
    wait_for(page, "tessera.area(0) === 0")
    expect(page.locator(".coverage-percent")).to_have_text("100 %")

    page.keyboard.press("Shift+f")
    page.wait_for_selector(".fragment-row >> text=3 parts")
    shoot(page, "tool_fragments")
    assert serious_problems(page, EVERY_RULE) == []
    page.click(".fragments-dialog >> text=Give to neighbours")
    page.wait_for_selector(".fragment-row >> text=2 parts")
    assert page.evaluate("tessera.numberAt(651, 481)") == 4
    page.click("text=Make each an entity")
    page.wait_for_selector("text=Every entity is one connected part.")
    made = page.evaluate("tessera.numberAt(510, 310)")
    assert area(page, made) == 900
    page.click("text=Close")
    wait_until_saved(page)
    assert kept(annotation).map_sha256 == map_sha256(page)
    assert kept(annotation).void_px == 0


def test_every_tool_honours_the_write_mask(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    before = {number: area(page, number) for number in (1, 2, 3, 4)}
    made = press_new(page, "b")
    page.select_option("#paint-mode", "within")
    page.focus("#stage")
    stroke(page, (300, 150), (420, 150))
    assert area(page, 1) == before[1] - area(page, made)
    assert [area(page, number) for number in (2, 3, 4)] == [before[number] for number in (2, 3, 4)]
    stroke(page, (640, 540), (760, 600))  # over the image's edge
    assert area(page, 4) < before[4]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("t")  # round to: everything unlocked
    page.keyboard.press("t")
    assert state(page)["paintMode"] == "behind"
    page.keyboard.press("g")
    click(page, (100, 100))
    page.wait_for_selector("text=Only unlabelled pixels")
    page.keyboard.press("w")
    click(page, (100, 100))
    page.wait_for_selector("text=Nothing here may be painted over")
    page.keyboard.press("Shift+4")
    assert state(page)["settings"]["outline.mode"] == "subtract"
    stroke(page, (50, 50), (150, 50), (150, 150), (50, 150), (50, 55))
    hole = area(page, 0)
    assert 8000 < hole < 11000
    page.keyboard.press("Shift+3")
    stroke(page, (20, 20), (250, 20), (250, 250), (20, 250), (20, 25))
    assert (area(page, 0), area(page, made)) == (0, hole)
    assert area(page, 1) == before[1] - hole
    wait_until_saved(page)
    assert kept(covered).map_sha256 == map_sha256(page)
