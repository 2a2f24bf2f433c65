"""A reviewer looks, opens earlier states, accepts or returns with a reason."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.submit import submit
from annotation_server.projects.models import Project
from tests.browser.editor import (
    area,
    click,
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
from tests.browser.test_editor_names import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 600, 400


@pytest.fixture
def drawn(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four trees without gaps, in Anna's hands."""
    image = tiled_image(project, picture(WIDTH, HEIGHT))
    return make_annotation(image, anna, quarters(WIDTH, HEIGHT), named="tree")


@pytest.fixture
def submitted(drawn: Annotation, anna: User) -> Annotation:
    assert drawn.assignment is not None
    submit(anna, drawn.pk, str(drawn.assignment.lease))
    return kept(drawn)


def open_review(page: Page, annotation: Annotation) -> None:
    page.goto(f"/review/{annotation.pk}")
    page.wait_for_selector("#review[data-ready=true]")


def test_accepting_is_final(
    submitted: Annotation, rita: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(rita)
    open_review(page, submitted)
    assert map_sha256(page) == submitted.map_sha256
    page.wait_for_selector("text=Waiting for review")
    click(page, (450, 300))
    assert state(page)["selected"] == 4
    page.wait_for_selector("text=No gaps")
    shoot(page, "review")
    assert violations(page) == []
    page.keyboard.press("a")
    page.click("dialog >> button:has-text('Accept')")
    page.wait_for_selector(".badge[data-state=accepted]")
    assert kept(submitted).state == Annotation.State.ACCEPTED
    page.wait_for_selector("#review-controls button:focus:has-text('Next piece of work')")


def test_a_returned_image_comes_back_with_its_reason(
    submitted: Annotation, anna: User, rita: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(rita)
    open_review(page, submitted)
    page.keyboard.press("Shift+a")
    page.fill("#return-reason", "The kerb belongs to the pavement.")
    page.click("dialog >> button:has-text('Return')")
    page.wait_for_selector(".badge[data-state=returned]")
    assert kept(submitted).state == Annotation.State.RETURNED
    annas = page_of(anna)
    open_editor(annas, submitted)
    annas.wait_for_selector("text=The kerb belongs to the pavement.")
    assert state(annas)["readOnly"] == ""
    shoot(annas, "returned")


def test_any_revision_can_be_opened(
    drawn: Annotation, anna: User, rita: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    annas = page_of(anna)
    open_editor(annas, drawn)
    first = map_sha256(annas)
    annas.keyboard.press("n")
    stroke(annas, (100, 100), (500, 120))
    made = state(annas)["selected"]
    wait_until_saved(annas)
    second = map_sha256(annas)
    page = page_of(rita)
    open_review(page, drawn)
    assert map_sha256(page) == second
    page.click("#tab-history")
    page.click("[data-revision='1']")
    page.wait_for_selector("text=Revision 1: an earlier state")
    assert map_sha256(page) == first
    assert area(page, made) == 0
    shoot(page, "history")
    page.keyboard.press("PageUp")
    wait_for(page, "tessera.revision() === 2")
    assert map_sha256(page) == second
    assert page.is_disabled("#review-controls >> text=Accept")  # not submitted
    page.keyboard.press("PageDown")
    wait_for(page, "tessera.revision() === 1")
    page.click("text=Compare with this")
    page.keyboard.press("PageUp")
    wait_for(page, f"tessera.disagreements().some(({{a}}) => a.includes({made}))")
    assert page.evaluate("tessera.otherSha256()") == first


def test_annotators_do_not_review(submitted: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, may_complain=True)
    answer = page.goto(f"/review/{submitted.pk}")
    assert answer is not None and answer.status == 403
    open_editor(page, submitted)
    page.wait_for_selector("text=Submitted: waiting for review.")
    before = map_sha256(page)
    stroke(page, (100, 100), (300, 120))
    assert map_sha256(page) == before
