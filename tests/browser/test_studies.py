"""Consistency studies in a real Chromium: what annotators of one see, and the pages of who runs it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.consistency.models import Study
from annotation_server.projects.models import Project
from tests.browser.drawn_study import accepted_drawings, draw_everything, work_off_study
from tests.browser.editor import area, kept, open_editor, picture, quarters, state, wait_for
from tests.browser.test_every_page import EVERY_RULE, serious_problems

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
    Assignment.objects.filter(pk=annotation.assignment_id).update(round=Assignment.Round.NAMES)
    Study.objects.create(
        project=project, name="Spring", state="naming", population_images=1, seed=1, annotators=1,
        not_before_days=0, every=1, instructions="Name what you see, in the singular.",
    )  # fmt: skip
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
    assert kept(annotation).state == Annotation.State.SUBMITTED


def test_a_study_is_planned_opened_closed_and_read(
    project: Project,
    anna: User,
    rita: User,
    carl: User,
    ada: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    accepted_drawings(project, anna, tiled_image, make_annotation)
    page = page_of(ada, reduced_motion="reduce", color_scheme="dark")
    page.goto(f"/projects/{project.pk}/studies")
    page.get_by_role("button", name="Plan the first study").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 accepted images pass. People left for each who know no masks of it: 3.")
    dialog.get_by_label("Further annotators per image").fill("4")
    expect(dialog).to_contain_text("3 images have too few and are left out.")
    dialog.get_by_label("Further annotators per image").fill("2")
    expect(dialog).not_to_contain_text("too few")
    expect(dialog).to_contain_text("carl: could draw 3")
    dialog.get_by_label("Name", exact=True).fill("Spring")
    dialog.get_by_label("Images in the study").fill("3")
    shoot(page, "study_dialog")
    assert serious_problems(page, EVERY_RULE) == []
    dialog.get_by_role("button", name="Plan the study").click()
    expect(page.get_by_role("heading", name="Spring")).to_contain_text("Planned")
    take_step(page, "Open the study")
    expect(page.get_by_role("heading", name="Spring")).to_contain_text("Masks are drawn")
    study = Study.objects.get()
    draw_everything(study, {2: rita, 3: carl})
    take_step(page, "Close the study")
    expect(page.locator("#study-report")).to_contain_text("being worked out")
    work_off_study()
    table = page.get_by_role("table", name="Agreement of masks, AP")  # it comes by itself
    expect(table.get_by_role("rowheader", name="A2")).to_be_visible()
    page.get_by_role("button", name="Covering").click()
    expect(page.get_by_role("table", name="Agreement of masks, Covering")).to_be_visible()
    page.get_by_role("button", name="Compare the maps of scene_0.png").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".found-list")).to_contain_text("Granularity")
    page.keyboard.press("n")
    dialog.get_by_role("button", name="Missing").click()
    expect(dialog.locator(".picture-window img").first).to_have_attribute(
        "style", re.compile(r"scale\((?!1\))")
    )
    for place in range(3):
        expect(dialog.locator(".picture-window img").nth(place)).to_have_js_property("complete", True)
    shoot(page, "study_pictures")
    dialog.get_by_role("link", name="Open both in the review page").click()
    page.wait_for_selector("#review[data-ready=true]")
    expect(page.locator(".figures")).to_contain_text(re.compile(r"AP0\.\d{3}"))
    shoot(page, "study_review")
    client = Client()
    client.force_login(anna)
    assert client.get(f"/projects/{project.pk}/studies/{study.pk}").status_code == 403


def take_step(page: Page, name: str) -> None:
    """Press a button of the study and confirm it."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
