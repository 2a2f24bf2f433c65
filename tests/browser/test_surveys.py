"""Surveys in a real Chromium: made by an admin, answered by strangers on two devices, read by a reviewer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from annotation_server.accounts.models import User
from annotation_server.projects.models import Project
from annotation_server.surveys.models import Survey, SurveyAnswer
from tests.browser.test_every_page import EVERY_RULE, serious_problems
from tests.surveys.conftest import make, models, prepared  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def stranger(chromium: Browser, live_server: Any) -> Any:
    """`stranger(**options)`: a browser of somebody without an account."""
    contexts: list[BrowserContext] = []

    def stranger(**options: Any) -> Page:
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        return contexts[-1].new_page()

    yield stranger
    for context in contexts:
        context.close()


def agree(page: Page) -> None:
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".stage-window:not(.loading)").first).to_be_visible()


def test_two_strangers_answer_what_an_admin_asks(
    project: Project,
    ada: User,
    models: list[Any],  # noqa: F811
    page_of: Callable[..., Page],
    stranger: Callable[..., Page],
    shoot: Any,
) -> None:
    admin = page_of(ada)
    admin.goto(f"/projects/{project.pk}/surveys")
    admin.get_by_role("button", name="New survey").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_text("Preference", exact=True).click()
    dialog.get_by_label("Name", exact=True).fill("Plain or bold")
    dialog.get_by_label("Set 1").select_option(label="plain · 5 images")
    dialog.get_by_label("Set 2").select_option(label="bold · 5 images")
    expect(dialog.get_by_text("5 images have them all.")).to_be_visible()
    dialog.get_by_label("Images", exact=True).fill("3")
    dialog.get_by_text("Attention checks").click()
    dialog.get_by_label("Identical pairs").fill("0")
    dialog.get_by_label("Moved maps").fill("0")
    dialog.get_by_role("button", name="Make survey").click()
    expect(admin.get_by_role("heading", name="Plain or bold")).to_contain_text("Being prepared")
    survey = prepared(Survey.objects.get())
    admin.reload()
    admin.get_by_role("button", name="Open the survey").click()
    admin.get_by_role("button", name="Make a link").click()
    admin.get_by_role("button", name="Make the link").click()
    expect(admin.locator("#survey-url")).to_be_visible()
    link = admin.locator("#survey-url").inner_text()
    admin.get_by_role("button", name="I have copied it").click()
    expect(admin.get_by_text("Link works", exact=True)).to_be_visible()

    phone = stranger(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.goto(link)
    agree(phone)
    shoot(phone, "survey_phone")
    phone.get_by_role("button", name="A is better").tap()
    expect(phone.locator("#part-progress")).to_contain_text("2 of 3")
    phone.goto(link)  # closed and opened again: it goes on where it stopped
    expect(phone.locator("#part-progress")).to_contain_text("2 of 3")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="No difference").tap()
    expect(phone.locator(".saving-note")).to_contain_text("1 answer waits on this device")
    phone.context.set_offline(False)
    expect(phone.locator(".saving-note")).to_have_text("Saved")
    assert SurveyAnswer.objects.filter(participant__survey=survey).count() == 2

    desk = stranger(viewport=DESK)
    desk.goto(link)
    agree(desk)
    shoot(desk, "survey_question")
    desk.keyboard.press("+")
    moved = re.compile(r"scale\(1\.5\)")
    for image in desk.locator(".stage-window img").all():
        expect(image).to_have_attribute("style", moved)
    for n, key in enumerate(("1", "0", "ArrowRight")):
        expect(desk.locator("#part-progress")).to_contain_text(f"{n + 1} of 3")
        desk.keyboard.press(key)
    expect(desk.get_by_role("heading", name="That was the last one")).to_be_visible()
    desk.get_by_role("button", name="Finish").click()
    expect(desk.get_by_role("heading", name="Thank you")).to_be_visible()
    assert survey.participants.filter(finished_at__isnull=False).count() == 1

    admin.reload()
    expect(admin.get_by_role("row", name=re.compile("P002"))).to_contain_text("Counts, finished")
    expect(admin.get_by_role("heading", name="Which is preferred", exact=True)).to_be_visible()
    shoot(admin, "survey_preference")
    assert serious_problems(admin, EVERY_RULE) == []
    admin.get_by_role("button", name="Close").click()
    expect(admin.get_by_role("button", name="Open again")).to_be_visible()
    desk.goto(link)
    expect(desk.get_by_role("heading", name="Closed")).to_be_visible()


def test_a_member_scores_inside_and_a_reviewer_reads(
    project: Project,
    anna: User,
    rita: User,
    make: Callable[..., Survey],  # noqa: F811
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    survey = make("satisfaction", name="Halves", definition="One thing, whole.")
    member = page_of(anna)
    member.goto(f"/projects/{project.pk}/surveys")
    member.get_by_role("link", name="Take part").click()
    agree(member)
    expect(member.get_by_text("One thing, whole.").first).to_be_visible()
    member.keyboard.press("c")
    member.get_by_role("textbox", name="Comment").fill("Cut in two.")
    member.get_by_role("button", name="4", exact=True).click()
    member.get_by_role("button", name="Onward").click()
    member.keyboard.press("t")
    expect(member.locator("#part-progress")).to_contain_text("3 of 3")
    member.keyboard.press("9")
    member.get_by_role("button", name="Finish").click()
    member.get_by_role("link", name="Back to the project").last.click()
    assert sorted(SurveyAnswer.objects.values_list("score", flat=True)) == [4, 9, 10]

    reader = page_of(rita)
    reader.goto(f"/projects/{project.pk}/surveys/{survey.pk}")
    expect(reader.locator(".survey-headline")).to_contain_text("7.67")
    expect(reader.get_by_text("Cut in two.")).to_be_visible()
    expect(reader.get_by_role("button", name="Close")).to_have_count(0)
    shoot(reader, "survey_satisfaction")
