"""Naming by keyboard, and submitting what is complete."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.mask_vectors import store
from annotation_server.annotation.models import Annotation
from annotation_server.model_registry.register import ensure_starter
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.vocabulary.models import Term
from ml_worker.embed import embed
from ml_worker.predict import Predictor
from tests.browser.editor import (
    kept,
    open_editor,
    picture,
    quarters,
    state,
    stroke,
    wait_for,
    wait_until_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 600, 400


@pytest.fixture
def make_quarters(project: Project, tiled_image: Callable, make_annotation: Callable) -> Callable:
    """`make_quarters(anna)`: four unnamed entities on a fresh image."""
    return lambda user, **options: make_annotation(
        tiled_image(project, picture(WIDTH, HEIGHT)), user, quarters(WIDTH, HEIGHT), **options
    )


def names_of(annotation: Annotation) -> dict[int, str | None]:
    return {mask.number: mask.term and mask.term.name for mask in annotation.masks.select_related("term")}


def name_it(page: Page, typed: str, key: str = "Enter") -> int:
    """Name the selected entity; returns its number once the next one has come up."""
    number = int(state(page)["selected"])
    page.fill("#entity-name", typed)
    page.keyboard.press(key)
    wait_for(page, f"tessera.entity({number}).name !== ''")
    return number


def test_naming_needs_only_the_keyboard(
    project: Project, make_quarters: Callable, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    annotation = make_quarters(anna)
    term = Term.objects.get(project=project, name="tree")
    term.aliases = ["arbor"]
    term.save()
    page = page_of(anna)
    open_editor(page, annotation)
    page.keyboard.press("F3")
    assert page.evaluate("document.activeElement.id") == "entity-name"
    named = {name_it(page, "arb"): "tree"}
    named[name_it(page, "glockenspiel", "Control+Enter")] = "glockenspiel"
    wait_for(page, f"tessera.state().selected !== {next(reversed(named))}")
    quick = int(state(page)["selected"])
    page.keyboard.press("Alt+u")
    wait_for(page, f"tessera.entity({quick}).name === 'unknown'")
    named[quick] = "unknown"
    last = int(state(page)["selected"])
    shoot(page, "names")
    page.keyboard.press("Alt+3")  # the first of the three names used so far
    wait_for(page, f"tessera.entity({last}).name === 'tree'")
    named[last] = "tree"
    page.wait_for_selector("text=4 of 4 named")
    wait_until_saved(page)
    assert names_of(annotation) == named
    assert Term.objects.get(project=project, name="glockenspiel").status == Term.Status.PENDING
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    assert names_of(annotation)[last] is None


COLUMNS, STRIPE, TALL = 8, 60, 300


@pytest.fixture
def striped(project: Project, tiled_image: Callable, make_annotation: Callable, anna: User) -> Annotation:
    """Eight upright stripes, green (odd numbers) and red (even), at which the shipped model has looked."""
    rgb = np.zeros((TALL, COLUMNS * STRIPE, 3), np.uint8)
    labels = np.zeros(rgb.shape[:2], np.uint16)
    for number in range(1, COLUMNS + 1):
        stripe = slice(STRIPE * (number - 1), STRIPE * number)
        rgb[:, stripe] = (40, 160, 60) if number % 2 else (200, 60, 40)
        labels[:, stripe] = number
    rgb[::6] //= 2
    annotation = make_annotation(tiled_image(project, rgb, "stripes.png"), anna, labels)
    predictor = Predictor.from_checkpoint()
    numbers, vectors = embed(predictor, rgb, pack_map(labels))
    starter = ensure_starter()
    assert starter is not None and starter.checkpoint_sha256 == predictor.checkpoint.sha256
    digest = predictor.checkpoint.sha256
    store(annotation.pk, annotation.map_sha256, digest, np.array(numbers, "<u2").tobytes(), vectors.tobytes())
    return annotation


def test_similar_entities_get_their_names_together(
    striped: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, striped)
    page.keyboard.press("F3")
    page.click(".entity-row[data-number='1']")
    page.keyboard.press("F3")
    name_it(page, "grass")
    page.wait_for_selector("text=3 similar unnamed here")
    page.locator(".similar-chip").first.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".similar-chip[aria-pressed=false]:focus")
    shoot(page, "similar")
    page.keyboard.press("F3")
    page.keyboard.press("Alt+a")
    expect(page.locator(".similar-chip[aria-pressed=true]")).to_have_count(3)
    assert violations(page) == []
    page.keyboard.press("Shift+Enter")
    wait_for(page, "[3, 5, 7].every((n) => tessera.entity(n).name === 'grass')")
    assert page.evaluate("tessera.history().undo") == 2
    page.keyboard.press("Control+z")
    wait_for(page, "[3, 5, 7].every((n) => tessera.entity(n).name === '')")
    assert set(state(page)["chosen"]) == {3, 5, 7}
    page.keyboard.press("Control+Shift+z")
    wait_until_saved(page)
    assert {n for n, name in names_of(striped).items() if name == "grass"} == {1, 3, 5, 7}
    # Five named masks are enough for the model to say something of the sixth.
    page.click(".entity-row[data-number='2']")
    page.keyboard.press("F3")
    name_it(page, "wall")
    page.wait_for_selector(".name-guess >> text=wall")
    shoot(page, "guesses")
    guessed = int(state(page)["selected"])
    place = (
        page.locator(".name-guess")
        .all_inner_texts()
        .index(next(text for text in page.locator(".name-guess").all_inner_texts() if "wall" in text))
    )
    assert page.input_value("#entity-name") == ""
    page.keyboard.press(str(place + 1))
    wait_for(page, f"tessera.entity({guessed}).name === 'wall'")
    wait_until_saved(page)
    operation = striped.revisions.order_by("-number").first().operations[-1]
    wall = Term.objects.get(project=striped.image.project, name="wall")
    assert operation["taken"] == place + 1 and operation["suggested"][place] == wall.pk


def test_several_are_chosen_and_named_at_once(
    striped: Annotation,
    project: Project,
    make_quarters: Callable,
    anna: User,
    page_of: Callable[..., Page],
    shoot: Callable,
) -> None:
    make_quarters(anna, named="tree")
    page = page_of(anna)
    open_editor(page, striped)
    page.keyboard.press("F3")
    page.select_option("#next-order", "space")
    page.click(".entity-row[data-number='1']")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    assert set(state(page)["chosen"]) == {1, 2, 3}
    shoot(page, "several")
    page.keyboard.press("F3")
    page.fill("#entity-name", "tre")
    page.wait_for_selector(".term-card-example")
    shoot(page, "term_card")
    page.keyboard.press("Enter")
    wait_for(page, "[1, 2, 3].every((n) => tessera.entity(n).name === 'tree')")
    assert state(page)["selected"] == 4 and page.evaluate("tessera.history().undo") == 1
    # A lasso round 6 and 7; a near name is asked about once.
    stroke(page, (305, 5), (418, 5), (418, 295), (305, 295), (305, 8))
    assert set(state(page)["chosen"]) == {6, 7}
    page.keyboard.type("gras")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Did you mean grass?")
    assert page.evaluate("tessera.entity(6).name") == ""
    shoot(page, "near_name")
    page.keyboard.press("Enter")
    wait_for(page, "[6, 7].every((n) => tessera.entity(n).name === 'grass')")
    page.fill("#entity-name", "grasz")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    wait_for(page, "tessera.entity(8).name === 'grasz'")
    # All of one name are renamed in one command.
    page.click(".entity-row[data-number='2']")
    page.keyboard.press("Alt+r")
    assert set(state(page)["chosen"]) == {1, 2, 3}
    page.keyboard.type("bush")
    page.keyboard.press("Enter")
    wait_for(page, "[1, 2, 3].every((n) => tessera.entity(n).name === 'bush')")
    wait_until_saved(page)
    assert names_of(striped) == {
        1: "bush", 2: "bush", 3: "bush", 4: None, 5: None, 6: "grass", 7: "grass", 8: "grasz",
    }  # fmt: skip
    assert Term.objects.get(project=project, name="grasz").status == Term.Status.PENDING


def test_some_other_kind_is_named_by_its_supercategory(
    make_quarters: Callable, anna: User, page_of: Callable[..., Page]
) -> None:
    annotation = make_quarters(anna)
    page = page_of(anna)
    open_editor(page, annotation)
    page.keyboard.press("F3")
    number = int(state(page)["selected"])
    page.keyboard.press("Alt+o")
    page.keyboard.type("vehi")
    page.keyboard.press("Enter")
    wait_for(page, f"tessera.entity({number}).name === 'vehicle_other'")
    wait_until_saved(page)
    assert names_of(annotation)[number] == "vehicle_other"


def test_a_name_is_text_and_never_markup(
    make_quarters: Callable, anna: User, page_of: Callable[..., Page]
) -> None:
    annotation = make_quarters(anna)
    page = page_of(anna)
    open_editor(page, annotation)
    page.keyboard.press("F3")
    hostile = "<img src=x onerror=alert(1)>"
    name_it(page, hostile, "Control+Enter")
    page.wait_for_selector(f"text={hostile}")
    assert page.locator(".entity-name img").count() == 0


def test_what_is_missing_is_listed_to_jump_to(
    make_quarters: Callable, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    annotation = make_quarters(anna)
    page = page_of(anna, may_complain=True)
    open_editor(page, annotation)
    page.keyboard.press("e")
    stroke(page, (100, 100), (200, 120))
    page.keyboard.press("Control+Enter")
    page.click("dialog >> text=Gap of")
    page.mouse.move(5, 5)
    page.keyboard.press("Shift+g")
    wait_for(page, "tessera.area(0) === 0")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=Entities without a name: 4.")
    shoot(page, "unnamed")
    page.click("dialog >> text=#2")
    wait_for(page, "tessera.state().selected === 2 && document.activeElement.id === 'entity-name'")
    assert state(page)["step"] == "names"
    assert kept(annotation).state == Annotation.State.DRAFT


def test_submitting_a_complete_image_leads_to_the_next(
    make_quarters: Callable, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    annotation = make_quarters(anna, named="tree")
    following = make_quarters(anna, named="tree")
    page = page_of(anna)
    open_editor(page, annotation)
    page.keyboard.press("n")
    stroke(page, (100, 100), (300, 120))
    page.keyboard.press("F3")
    page.keyboard.press("Alt+u")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=Submitted")
    assert kept(annotation).state == Annotation.State.SUBMITTED
    shoot(page, "submitted")
    page.click("text=Next image")
    page.wait_for_url(f"**/annotate/{following.pk}")
    page.wait_for_selector("#editor[data-ready=true]")


def violations(page: Page) -> list[Any]:
    return [
        (found["id"], [node["html"][:120] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
    ]


def test_the_editor_is_accessible(
    make_quarters: Callable, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, make_quarters(anna))
    page.wait_for_selector("text=No gaps")
    assert violations(page) == []
    page.keyboard.press("F3")
    page.keyboard.type("tr")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    page.wait_for_selector(".help-dialog")
    shoot(page, "help")
    assert violations(page) == []
