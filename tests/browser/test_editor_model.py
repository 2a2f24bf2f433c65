"""The model in the editor: its proposals are accepted and rejected, and its worker answers clicks."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Mask, RejectedProposal
from annotation_server.annotation.start import store_prediction
from annotation_server.images.models import Image
from annotation_server.model_registry.register import ensure_starter
from annotation_server.projects.models import Project
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from tests.browser.editor import (
    area,
    click,
    client_of,
    kept,
    map_sha256,
    open_editor,
    state,
    stroke,
    wait_for,
    wait_until_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560


@pytest.fixture
def image(project: Project, tiled_image: Callable) -> Image:
    """A generated scene."""
    return tiled_image(project, make_scene(7, HEIGHT, WIDTH)[0])


def proposed() -> np.ndarray:
    """Uint16 [HEIGHT, WIDTH]: six columns, numbers 1 to 6, and a gap at the foot."""
    label_map = np.repeat(np.arange(1, 7, dtype=np.uint16), -(-WIDTH // 6))[None, :WIDTH].repeat(HEIGHT, 0)
    label_map[HEIGHT - 60 :] = 0
    return label_map


@pytest.fixture
def annotation(project: Project, anna: User, image: Image) -> Annotation:
    """Begun empty, in a project that lets its annotators choose among proposals."""
    project.annotations_start = "empty"
    project.save()
    scores = {number: number / 10 + 0.3 for number in range(1, 7)}
    store_prediction(image, ensure_starter(), pack_map(proposed()), scores)
    return next_assignment(anna, project.pk).annotation


def in_column(number: int) -> tuple[float, float]:
    return (number - 0.5) * WIDTH / 6, 200


def test_proposals_are_accepted_and_rejected_and_never_overlap(
    annotation: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, annotation)
    wait_for(page, "tessera.state().tool === 'proposals'")
    page.wait_for_selector("#proposal-6")
    empty = map_sha256(page)
    shoot(page, "editor-proposals")

    page.keyboard.press("b")
    stroke(page, (60, 100), (350, 100))
    mine = state(page)["selected"]
    page.keyboard.press("Shift+q")
    page.mouse.move(*client_of(page, in_column(6)))
    page.keyboard.press("Enter")
    wait_for(page, "tessera.numbers().length === 2")
    page.mouse.move(*client_of(page, in_column(5)))
    page.keyboard.press("Backspace")
    wait_until_saved(page)
    assert list(RejectedProposal.objects.values_list("annotation", "number")) == [(annotation.pk, 5)]
    taken = Mask.objects.get(annotation=annotation, source_number=6)
    assert (taken.provenance, taken.source, round(taken.score or 0, 2)) == (
        "model", kept(annotation).prediction, 0.9,
    )  # fmt: skip

    painted = area(page, mine)
    page.locator("#proposals-score").fill("50")
    page.get_by_role("button", name="Accept all 3 into").click()
    wait_for(page, "tessera.numbers().length === 5")
    assert area(page, mine) == painted
    columns = proposed()
    for number in (2, 3, 4):
        here = page.evaluate("(point) => tessera.numberAt(...point)", [round(v) for v in in_column(number)])
        assert area(page, here) == int((columns == number).sum()) - overlap_with_stroke(page, mine, number)
    page.keyboard.press("Control+z")
    wait_for(page, "tessera.numbers().length === 2")
    page.keyboard.press("Control+y")
    wait_for(page, "tessera.numbers().length === 5")
    wait_until_saved(page)
    assert map_sha256(page) == kept(annotation).map_sha256 != empty
    shoot(page, "editor-proposals-accepted")

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait_for(page, "document.querySelector('#proposal-5') !== null")
    wait_until_saved(page)
    assert not RejectedProposal.objects.exists()


def overlap_with_stroke(page: Page, mine: int, number: int) -> int:
    """Pixels of a column that the stroke holds."""
    script = """([mine, from, to]) => {
      let count = 0;
      for (let y = 0; y < 200; y++) for (let x = from; x < to; x++) count += tessera.numberAt(x, y) === mine;
      return count;
    }"""
    inside = np.flatnonzero(proposed()[0] == number)
    return int(page.evaluate(script, [mine, int(inside[0]), int(inside[-1]) + 1]))


@pytest.mark.services
def test_an_ai_click_is_answered_by_the_worker_and_accepted(
    annotation: Annotation,
    anna: User,
    page_of: Callable[..., Page],
    shoot: Callable,
    start_worker: Callable,
) -> None:
    start_worker("questions")
    page = page_of(anna, may_complain=True)
    open_editor(page, annotation)
    page.keyboard.press("q")
    click(page, (350, 280))
    wait_for(page, "/^1 of/.test(tessera.state().note) && !/asking/.test(tessera.state().note)", seconds=60)
    shoot(page, "editor-ai-click")
    page.keyboard.down("Alt")
    click(page, (60, 60))
    page.keyboard.up("Alt")
    wait_for(page, "!/asking/.test(tessera.state().note)", seconds=60)
    page.keyboard.press("Backspace")
    wait_for(page, "/^1 of/.test(tessera.state().note) && !/asking/.test(tessera.state().note)", seconds=60)
    page.keyboard.press("Enter")
    wait_for(page, "tessera.numbers().length === 1")
    wait_until_saved(page)
    (mask,) = Mask.objects.filter(annotation=annotation, area__gt=0)
    assert (mask.provenance, mask.source_number, mask.strokes) == ("model", 0, 1)
    assert read_map(annotation.pk).pixels()[280, 350] == mask.number
    assert mask.active_ms > 0
    expect(page.locator("#entity-details")).to_contain_text(f"#{mask.number} · From the model")

    stroke(page, (200, 200), (420, 420))
    wait_for(page, "tessera.state().note !== ''")
    page.keyboard.press("Escape")
    wait_for(page, "tessera.state().note === ''")
    assert page.evaluate("tessera.numbers().length") == 1
