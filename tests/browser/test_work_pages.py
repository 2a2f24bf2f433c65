"""The queue by keyboard, the dashboard, long work and tokens, in a real Chromium."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment, Review
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job, Request
from tests.browser.test_pages import quadrants
from tests.cast import scenery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_work(
    project: Project, anna: User, rita: User, tiled_image: Any, make_annotation: Any
) -> dict[str, Annotation]:
    """Anna has one image returned, two begun, one submitted and one accepted; a sixth is free."""
    made = {}
    states = {
        "returned": "returned",
        "begun": "open",
        "other": "open",
        "sent": "submitted",
        "done": "accepted",
    }
    for number, (name, state) in enumerate(states.items()):
        picture = np.roll(scenery(96, 64), 9 * number, axis=1)
        annotation = make_annotation(tiled_image(project, picture, f"{name}.png"), anna, quadrants(96, 64))
        Annotation.objects.filter(pk=annotation.pk).update(
            state="draft" if state == "open" else state,
            submitted_at=None if state == "open" else timezone.now(),
        )
        Assignment.objects.filter(pk=annotation.assignment_id).update(
            state=state, lease=None, lease_holder=None
        )
        made[name] = annotation
    Review.objects.create(
        annotation=made["returned"], reviewer=rita, verdict="return", revision_number=1,
        reason="The tree on the left ends at the wall.",
    )  # fmt: skip
    tiled_image(project, scenery(96, 64)[:, ::-1], "free.png")
    return made


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_the_queue_by_keyboard(
    at_work: dict[str, Annotation], anna: User, page_of: Callable[..., Page], shoot: Any
) -> None:
    page = page_of(anna)
    page.goto("/")
    page.get_by_role("link", name="My queue").click()
    expect(page.locator(".queue-section h2")).to_have_text(
        [re.compile("Returned to you 1"), re.compile("given to you 2"), re.compile("for a reviewer 1"),
         re.compile("Done 1")]
    )  # fmt: skip
    expect(page.locator(".queue-reason")).to_contain_text("The tree on the left")
    shoot(page, "queue_dark")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    shoot(page, "queue_light")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "returned.png"
    page.keyboard.press("j")
    first_begun = focused(page)
    page.keyboard.press("b")
    page.get_by_role("dialog").get_by_role("button", name="Give back").click()
    expect(page.locator(".toast")).to_contain_text("given back")
    expect(page.locator(".queue-section h2").nth(1)).to_contain_text("Begun or given to you 1")
    dropped = Assignment.objects.get(state="dropped")
    assert dropped.image.file_name == first_begun
    assert dropped.annotation.state == "dropped"
    page.keyboard.press("n")
    page.wait_for_url(re.compile(rf"/annotate/{at_work['returned'].pk}$"))
    expect(page.get_by_role("link", name="My queue")).to_be_visible()
    page.get_by_role("button", name="Give this image back").click()
    page.get_by_role("dialog").get_by_role("button", name="Give back").click()
    page.wait_for_url(re.compile(r"/queue$"))
    expect(page.locator(".queue-section h2").first).to_contain_text("Begun or given to you 1")
    assert Assignment.objects.filter(state="dropped").count() == 2


def test_the_reviewers_queue_and_what_was_given_back(
    at_work: dict[str, Annotation], anna: User, rita: User, page_of: Callable[..., Page]
) -> None:
    begun = at_work["begun"]
    Annotation.objects.filter(pk=begun.pk).update(state="dropped", revision_number=4)
    Assignment.objects.filter(pk=begun.assignment_id).update(state="dropped")
    Image.objects.filter(file_name="free.png").delete()
    page = page_of(rita)
    page.goto("/queue")
    expect(page.get_by_role("link", name="sent.png")).to_have_attribute(
        "href", f"/review/{at_work['sent'].pk}"
    )
    Annotation.objects.filter(pk=at_work["sent"].pk).update(state="accepted")
    Assignment.objects.filter(pk=at_work["sent"].assignment_id).update(state="accepted")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url(re.compile(r"/annotate/\d+$"))
    page.goto("/queue")
    expect(page.get_by_text("anna began this and gave it back at 100 %")).to_be_visible()
    page.get_by_role("button", name="Go on from there").click()
    page.wait_for_url(re.compile(r"/annotate/\d+$"))
    taken = Assignment.objects.get(annotator=rita)
    assert taken.annotation.map_sha256 == begun.map_sha256
    assert set(taken.annotation.masks.values_list("provenance", flat=True)) == {"human"}


def test_the_dashboard_shows_a_project_over_time(
    at_work: dict[str, Annotation],
    project: Project,
    anna: User,
    rita: User,
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    version = ModelVersion.objects.create(name="Starter", stage="champion")
    today = timezone.now()
    for number in range(24):
        moment = today - timedelta(days=number)
        Submission.objects.create(
            annotation=at_work["done"], project=project, annotator=rita if number % 3 else anna,
            attempt=number + 1,
            model_version=version if number % 4 else None, day=moment.date(), submitted_at=moment, pixels=100,
            void_px=number % 3, masks=20 + number, kept=10, edited=4, rejected=3, drawn=6, active_ms=600_000,
            verdict="return" if number % 5 == 0 else "accept", verdict_day=moment.date(), is_latest=True,
        )  # fmt: skip
    page = page_of(rita)
    page.goto(f"/projects/{project.pk}")
    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator("#dashboard")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".chart h3")).to_have_text(
        [
            "Progress",
            "Throughput by day and person",
            "People",
            "Proposals by model version",
            "The dataset so far",
            "Coverage",
            "Vocabulary",
        ]
    )
    expect(page.get_by_role("row", name=re.compile("Starter"))).to_contain_text("180")
    expect(page.get_by_role("row", name=re.compile("EntitySeg"))).to_contain_text("2700.7")
    page.get_by_role("button", name="Active hours").click()
    expect(page.get_by_role("button", name="Active hours")).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 2600})
    shoot(page, "dashboard_dark")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    shoot(page, "dashboard_light")
    page.get_by_role("button", name="7 days").click()
    expect(page).to_have_url(re.compile(r"first=\d{4}-\d\d-\d\d&last="))
    expect(page.locator("#dashboard")).to_have_attribute("aria-busy", "false")
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("table", name="Progress").get_by_role("row")).to_have_count(8)
    page.go_back()
    expect(page.get_by_role("button", name="30 days")).to_have_attribute("aria-pressed", "true")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").first.click()
    assert download.value.suggested_filename.startswith(f"project-{project.pk}-progress-")


def test_long_work_and_tokens(project: Project, ada: User, page_of: Callable[..., Page], shoot: Any) -> None:
    running = Request.objects.create(
        project=project, kind="predict", state="running", total=4, done=1, created_by=ada
    )
    Job.objects.create(request=running, task="ml.predict", queue="ml", state="running", progress=0.5)
    Request.objects.create(
        project=project, kind="release", state="failed", total=1, error="Nothing is accepted."
    )
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/work")
    expect(page.locator(".work-row")).to_have_count(2)
    expect(page.locator(".work-row").nth(0)).to_contain_text("Nothing is accepted.")
    shoot(page, "long_work")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Call off").click()
    expect(page.locator(".badge", has_text="Cancelled")).to_be_visible()
    page.goto("/tokens")
    expect(page.get_by_text("No tokens yet")).to_be_visible()
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name").fill("cluster")
    page.get_by_label("Your password").fill("correct horse battery staple")
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_role("row", name=re.compile("cluster"))).to_contain_text("Never")
    shoot(page, "tokens")
    page.get_by_role("button", name="Revoke cluster").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No tokens yet")).to_be_visible()
