"""Editor and review for everybody: axe in every theme, three languages, keyboard only, own keys."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.submit import submit
from annotation_server.projects.models import Project
from tests.browser.editor import open_editor, picture, quarters, state, wait_for, wait_until_saved
from tests.browser.test_every_page import COLOURS, EVERY_RULE, serious_problems, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 420, 300
OTHER_LANGUAGES = ["de", "zh-hans"]


@pytest.fixture
def covered(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four entities, all trees, no gap."""
    return make_annotation(
        tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT), named="tree"
    )


def problems_of(page: Page, name: str, *, themes: tuple[str, ...] = ("contrast", "light", "dark")) -> list[str]:
    """What axe finds on a page as it is now, in these themes; a picture of each."""
    problems = []
    for theme in themes:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        shoot(page, f"{name}_{theme}")
        problems += serious_problems(page, EVERY_RULE if theme == "dark" else COLOURS)
    return problems


def test_everybody_can_use_the_editor(covered: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, reduced_motion="reduce")
    open_editor(page, covered)
    problems = problems_of(page, "editor_masks")
    page.keyboard.press("F1")
    problems += problems_of(page, "editor_keys", themes=("dark",))
    page.get_by_role("button", name="Change keys").click()
    problems += problems_of(page, "settings_keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("F3")
    problems += problems_of(page, "editor_names")
    assert problems == []


def test_everybody_can_use_the_review(
    covered: Annotation, anna: User, rita: User, page_of: Callable[..., Page]
) -> None:
    submit(anna, covered.pk, str(covered.assignment.lease))
    page = page_of(rita, reduced_motion="reduce")
    page.goto(f"/review/{covered.pk}")
    page.wait_for_selector("#review[data-ready=true]")
    assert problems_of(page, "review") == []
