"""Naming by keyboard, and submitting what is complete."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from annotation_server.vocabulary.models import Term
from tests.browser.editor import (
    area,
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
    page.wait_for_selector("text=4 entities, 4 named")
    wait_until_saved(page)
    assert names_of(annotation) == named
    assert Term.objects.get(project=project, name="glockenspiel").status == Term.Status.PENDING
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    assert names_of(annotation)[last] is None


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
    assert area(page, 0) == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=4 entities have no name")
    shoot(page, "unnamed")
    page.click("dialog >> text=#2")
    assert state(page)["selected"] == 2
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
