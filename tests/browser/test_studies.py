"""Consistency studies in a real Chromium: what annotators of one see, and the pages of who runs it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.projects.models import Project
from tests.browser.editor import area, kept, open_editor, picture, quarters, state, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 420, 300


def test_masks_to_be_named_stay_as_they_are(
    project: Project,
    anna: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    annotation = make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))
    Assignment.objects.filter(pk=annotation.assignment_id).update(
        round=Assignment.Round.NAMES, instructions="Name what you see, in the singular."
    )
    page = page_of(anna)
    open_editor(page, annotation)
    note = page.get_by_role("region", name="What is asked for")
    expect(note).to_contain_text("Name what you see, in the singular.")
    expect(page.get_by_role("button", name="Brush", exact=True)).to_be_disabled()
    expect(page.locator("#coverage")).to_be_hidden()
    shoot(page, "editor_names_only")
    page.keyboard.press("Escape")
    for key in ("b", "Delete", "n"):
        page.keyboard.press(key)
    expect(page.locator(".canvas-note")).to_have_text("These masks are finished: only names are asked for.")
    assert (state(page)["tool"], area(page, 1)) == ("select", WIDTH * HEIGHT // 4)
    note.locator("summary").click()
    page.get_by_label("Name of #").click()
    for name in ("tree", "sky", "road", "car"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    wait_for(page, "tessera.numbers().every((number) => tessera.entity(number).name)")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Submitted")
    assert kept(annotation).state == Annotation.State.ACCEPTED
