"""Two annotations compared, decided side by side into the reviewer's own map, spoken about, and settled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Comment
from annotation_server.annotation.start import store_prediction
from annotation_server.annotation.submit import submit
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.label_map import check
from annotation_server.segmentation.tiled_map import pack_map
from tests.browser.editor import (
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
)
from tests.browser.test_editor_names import violations
from tests.browser.test_review import open_review

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 600, 400


def other_opinion() -> np.ndarray:
    """The quarters as somebody else sees them [height, width].

    1 and 2 meet elsewhere, 3 is two entities, 4 has a hole with a fifth in it.
    """
    labels = quarters(WIDTH, HEIGHT)
    labels[: HEIGHT // 2, 220:300] = 2
    labels[HEIGHT // 2 :, :120] = 5
    labels[280:320, 420:480] = 6
    return labels


@pytest.fixture
def drawn(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four trees without gaps, handed in by Anna."""
    image = tiled_image(project, picture(WIDTH, HEIGHT))
    annotation: Annotation = make_annotation(image, anna, quarters(WIDTH, HEIGHT), named="tree")
    assert annotation.assignment is not None
    submit(anna, annotation.pk, str(annotation.assignment.lease))
    return kept(annotation)


@pytest.fixture
def proposal(drawn: Annotation, project: Project) -> Annotation:
    """What a model makes of the same image: trees everywhere."""
    model = ModelVersion.objects.create(name="starter")
    made = store_prediction(drawn.image, model, pack_map(other_opinion()), {})
    made.masks.update(term=project.terms.get(name="tree"), raw_name="tree")
    return made


def open_comparison(page: Page, annotation: Annotation, other: Annotation) -> None:
    open_review(page, annotation)
    page.select_option("#compare-with", str(other.pk))
    wait_for(page, "tessera.disagreements().length > 0")


def disagreements(page: Page) -> dict[str, Any]:
    """By key: kind, area, decision."""
    found = page.evaluate("tessera.disagreements()")
    return {item["key"]: (item["kind"], item["area"], item.get("decision")) for item in found}


def choose(page: Page, key: str) -> None:
    """Walk with J until the disagreement is the current one."""
    for _ in range(12):
        if page.evaluate("tessera.current()") == key:
            return
        page.keyboard.press("j")
    raise AssertionError(f"J never came to {key}")


def test_deciding_side_by_side(
    drawn: Annotation,
    proposal: Annotation,
    anna: User,
    rita: User,
    project: Project,
    page_of: Callable[..., Page],
    shoot: Callable,
) -> None:
    page = page_of(rita)
    open_comparison(page, drawn, proposal)
    assert disagreements(page) == {
        "3|3,5": ("split", 120 * 200, None),
        "1|1": ("alike", 80 * 200, None),
        "2|2": ("alike", 80 * 200, None),
        "4|4": ("alike", 40 * 60, None),
        "|6": ("extra", 40 * 60, None),
    }
    expect(page.locator(".figures")).to_contain_text("17.67 %")  # disputed: 42,400 of 240,000 px
    for figure in ("PQ0.617", "F10.800", "AP0.552", "Covering0.771"):
        expect(page.locator(".figures")).to_contain_text(figure)
    wait_for(page, "tessera.views().every((view) => view && view.W === tessera.views()[0].W)")
    page.mouse.move(*client_of(page, (100, 100)))
    page.mouse.wheel(0, -300)
    page.keyboard.press("r")
    wait_for(page, "tessera.views()[0].b !== 0")
    frame(page)
    first, second = page.evaluate("tessera.views()")
    assert second == pytest.approx(first, abs=1e-6)  # one viewport: zoom, place and rotation are equal
    page.keyboard.press("Shift+r")
    page.keyboard.press("0")
    page.keyboard.press("w")
    frame(page)
    shoot(page, "compare_side")
    assert violations(page) == []

    choose(page, "3|3,5")
    page.keyboard.press("2")
    wait_for(page, "tessera.ownMap() !== null && tessera.disagreements()[0].decision === 'B'")
    choose(page, "1|1")
    page.keyboard.press("2")
    wait_for(page, "tessera.disagreements().filter((item) => item.decision).length === 2")
    choose(page, "|6")
    page.keyboard.press("2")
    wait_for(page, "tessera.disagreements().filter((item) => item.decision).length === 3")
    page.keyboard.press("Control+z")
    wait_for(page, "tessera.disagreements().filter((item) => item.decision).length === 2")
    choose(page, "4|4")
    page.keyboard.press("1")
    wait_for(
        page, "tessera.disagreements().filter((item) => item.decision).length === 3 && tessera.isSaved()"
    )
    assert disagreements(page)["4|4"][2] == "A"
    shoot(page, "compare_decided")

    expected = quarters(WIDTH, HEIGHT)
    expected[: HEIGHT // 2, 220:300] = 2
    own = Annotation.objects.get(original=drawn)
    [new] = set(np.unique(read_map(own.pk).pixels()).tolist()) - {1, 2, 3, 4}
    expected[HEIGHT // 2 :, :120] = new  # the larger part of what was split keeps number and name
    assert np.array_equal(read_map(own.pk).pixels(), expected)
    masks = {m.number: (m.area, [m.x, m.y, m.width, m.height]) for m in own.masks.all()}
    check(read_map(own.pk), masks)
    assert own.masks.get(number=new).raw_name == "tree"  # the name came with the pixels
    assert own.masks.get(number=new).source == proposal
    assert kept(drawn).map_sha256 != kept(own).map_sha256 == map_sha256(page)

    page.keyboard.press("3")  # by hand, at this place
    page.wait_for_selector("#editor[data-ready=true]")
    assert (page.url.split("/")[-1].split("?")[0], state(page)["selected"]) == (str(own.pk), 4)
    page.wait_for_selector("text=Your corrected map of Anna's work")
    page.keyboard.press("F4")
    page.wait_for_selector("#review[data-ready=true]")
    wait_for(page, f"tessera.ownMap() === {own.pk}")
    page.keyboard.press("Control+Enter")
    page.click("dialog >> button:has-text('Accept my map')")
    page.wait_for_selector(".badge[data-state=replaced]")
    assert (kept(drawn).state, kept(own).state) == ("replaced", "accepted")
    assert [row.pk for row in accepted(project.pk)] == [own.pk]

    annas = page_of(anna)
    open_editor(annas, drawn)
    annas.click("text=See what was changed")
    annas.wait_for_selector("#review[data-ready=true]")
    wait_for(annas, "tessera.disagreements().length > 0")
    assert annas.is_disabled("#review-controls >> text=Accept")
    annas.keyboard.press("1")
    annas.wait_for_selector("text=Decisions are for reviewers")
    shoot(annas, "compare_replaced")


def test_curtain_and_blink(
    drawn: Annotation, proposal: Annotation, rita: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(rita)
    open_comparison(page, drawn, proposal)
    page.focus("#stage")
    page.keyboard.press("v")
    divider = page.locator(".curtain-divider")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "40")
    box = divider.bounding_box()
    stage = page.locator("#stage").bounding_box()
    assert box and stage
    page.mouse.move(box["x"] + 7, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] * 0.6, box["y"] + 300)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "60")
    shoot(page, "compare_curtain")
    assert violations(page) == []
    page.focus("#stage")
    page.keyboard.press("b")
    right = page.locator(".pane-right")
    expect(right).to_be_hidden()
    page.keyboard.down("Tab")
    expect(right).to_be_visible()
    shoot(page, "compare_blink")
    page.keyboard.up("Tab")
    expect(right).to_be_hidden()

    page.click(".chip[data-kind=alike]")
    expect(page.locator(".disagreement")).to_have_count(2)
    page.select_option("#compare-with", "")
    wait_for(page, "!tessera.state().isComparing")
    expect(page.locator("#tab-differences")).to_be_hidden()


def test_speaking_of_a_place_and_returning(
    drawn: Annotation, anna: User, rita: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(rita)
    open_review(page, drawn)
    page.focus("#stage")
    page.keyboard.press("c")
    stroke(page, (50, 50), (150, 120))
    page.fill("#comment-text", "The kerb <b>belongs</b> to the pavement.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".comment-pin >> text=1")
    click(page, (450, 300))
    page.keyboard.press("Shift+c")
    page.fill("#comment-text", "Is this a tree?")
    page.click(".composer >> text=Comment >> nth=-1")
    page.wait_for_selector(".comment-pin >> text=2")
    shoot(page, "review_comments")
    assert violations(page) == []
    region, entity = Comment.objects.order_by("id")
    x, y, w, h = region.box
    assert (abs(x - 50), abs(y - 50), abs(w - 101), abs(h - 71)) <= (2, 2, 2, 2)
    assert (region.text, entity.number) == ("The kerb <b>belongs</b> to the pavement.", 4)
    page.keyboard.press("Shift+a")
    page.wait_for_selector("dialog >> text=2 open comments go with it")
    shoot(page, "review_return")
    page.click("dialog >> button:has-text('Return')")
    page.wait_for_selector(".badge[data-state=returned]")

    annas = page_of(anna)
    open_editor(annas, drawn)
    annas.wait_for_selector("text=2 open comments")
    annas.wait_for_selector(".comment-pin >> text=2")
    annas.click(".comment-pin >> text=2")
    wait_for(annas, "tessera.state().selected === 4")
    thread = annas.locator(f".thread[data-comment='{entity.pk}']")
    thread.locator("textarea").fill("It is a bush.")
    thread.get_by_role("button", name="Answer").click()
    annas.wait_for_selector("text=It is a bush.")
    shoot(annas, "editor_comments")
    assert violations(annas) == []
    thread.get_by_role("button", name="Resolve").click()
    expect(annas.locator(".comment-pin")).to_have_count(1)
    assert kept_comment(entity).resolved_by == anna
    assert state(annas)["readOnly"] == ""


def kept_comment(comment: Comment) -> Comment:
    comment.refresh_from_db()
    return comment
