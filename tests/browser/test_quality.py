"""How annotators do, in a real Chromium: an admin looks into an alarm and at honeypots, Anna at herself."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from annotation_server.quality import keep_up
from annotation_server.quality.models import Alarm, Honeypot
from tests.browser.test_every_page import DESK
from tests.cast import scenery
from tests.quality.conftest import HALVES, ben, days_ago, submitted  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def steady(
    project: Project,
    anna: User,
    ben: User,  # noqa: F811
    rita: User,
    submitted: Callable[..., Any],  # noqa: F811
) -> None:
    """Three weeks at one speed, then a day on which Anna takes a tenth of the time."""
    for day in range(22, 0, -1):
        for person, more in ((anna, day % 3), (ben, day % 2)):
            hurry = 10 if day == 1 and person == anna else 1
            active_ms = (600_000 + 30_000 * more) // hurry
            submitted(person, days_ago(day), reviewer=rita, active_ms=active_ms)
    keep_up.keep_quality()


def test_an_alarm_is_looked_into_and_honeypots_are_chosen(
    steady: None,
    project: Project,
    anna: User,
    ada: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    trusted = make_annotation(tiled_image(project, scenery(8, 8), "crossing.png"), ada, HALVES)
    Annotation.objects.filter(pk=trusted.pk).update(state="accepted")
    page = page_of(ada, reduced_motion="reduce", viewport=DESK)
    page.goto(f"/projects/{project.pk}/quality")
    expect(page.get_by_role("heading", name="1 alarm")).to_be_visible()
    page.get_by_role("button", name="Masks per hour").click()
    rows = page.locator(".people-table tbody tr")
    expect(rows.first).to_contain_text("Anna")
    expect(page.get_by_role("columnheader", name="Masks per hour")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.get_by_role("button", name="Masks per hour").click()
    expect(rows.first).to_contain_text("Ben")
    rows.last.get_by_role("button", name="Anna").press("Enter")
    expect(page.get_by_role("heading", name="Active time per mask")).to_be_visible()
    expect(page.locator(".control-alarm")).to_have_count(1)
    page.get_by_role("button", name="Acknowledge").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What did you find?").fill("A day of skies.")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("heading", name="No alarms")).to_be_visible()
    assert Alarm.objects.get().note == "A day of skies."
    page.get_by_role("button", name="Add honeypots").click()
    page.get_by_role("button", name="Trust crossing.png").click()
    expect(page.get_by_role("button", name="Trust crossing.png")).to_have_count(0)
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Retire crossing.png").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Taken out by hand.")).to_be_visible()
    assert Honeypot.objects.get().state == "retired"
    own = page_of(anna)
    own.goto(f"/projects/{project.pk}/quality")
    expect(own.get_by_role("heading", name="Your figures")).to_be_visible()
    expect(own.get_by_role("heading", name="Active time per mask")).to_be_visible()
    expect(own.locator("body")).not_to_contain_text("oneypot")
    expect(own.locator("body")).not_to_contain_text("Ben")
