"""The models of a project and the page of a training run, in a real Chromium."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import ensure_starter
from annotation_server.projects.models import Project
from annotation_server.requests import progress
from annotation_server.requests.models import Job
from annotation_server.training.models import TrainingRun
from tests.browser.judged_run import accepted_scenes, judged_run
from tests.browser.test_pages import accept, file, quadrants
from tests.cast import scenery
from tests.ml_worker.conftest import TINY
from tests.ml_worker.golden import published_tensors
from tests.model_registry.test_importing import BIAS, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_night_is_looked_at_and_rolled_back(
    project: Project,
    anna: User,
    ada: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
    shoot: Any,
) -> None:
    accepted_scenes(project, anna, tiled_image, make_annotation)
    judged_run(project)
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/releases")
    page.get_by_role("link", name="Models").click()
    champion = page.locator(".champion")
    expect(champion.get_by_role("heading", name="night 1")).to_be_visible()
    expect(champion).to_contain_text("better than the one before")
    shoot(page, "models")
    page.get_by_role("link", name=re.compile("Nightly run")).click()
    expect(page.get_by_role("heading", name="The candidate became champion")).to_be_visible()
    expect(page.locator(".interval-plot.better")).to_be_visible()
    expect(page.locator(".picture-card").first).to_be_visible()
    page.get_by_label("Read the curves at step").press("Home")
    expect(page.locator(".curve-step output")).to_have_text("2")
    page.set_viewport_size({"width": 1280, "height": 3000})
    shoot(page, "training_run")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(".picture-side").first.click()
    page.keyboard.press("b")
    page.keyboard.press("+")
    expect(page.locator(".picture-stage.blinking figure.front img")).to_have_attribute(
        "style", re.compile(r"scale\(1\.5\)")
    )
    shoot(page, "training_pictures")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator(".toast")).to_contain_text("CropFormer Swin-T is the champion again")
    assert ModelVersion.objects.get(project=project, stage="champion").name == "CropFormer Swin-T"


def published(*, without: str = "") -> bytes:
    """A small checkpoint in the published layout."""
    tensors = {name: tensor for name, tensor in published_tensors(TINY).items() if name != without}
    content = BytesIO()
    torch.save({"model": tensors}, content)
    return content.getvalue()


def test_checkpoints_are_imported_refused_and_promoted(
    project: Project, ada: User, page_of: Callable[..., Page], media_root: Path, shoot: Any
) -> None:
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/models")
    expect(page.get_by_role("heading", name="No training yet")).to_be_visible()
    for content in (published(without=BIAS), published()):
        page.get_by_role("button", name="Import a checkpoint").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("File").set_input_files(file("street_model.pth", content))
        expect(dialog.get_by_label("Name")).to_have_value("street model")
        dialog.get_by_role("button", name="Import").click()
        expect(page.locator(".toast").last).to_contain_text("has arrived")
        expect(dialog).to_be_hidden()
        job = Job.objects.order_by("pk").last()
        assert job is not None
        work(job, media_root)
    expect(page.get_by_role("alert")).to_contain_text(
        f"street_model.pth: These weights make no CropFormer; missing: {BIAS}"
    )
    row = page.locator(".version-row", has_text="street model")
    expect(row.locator(".badge")).to_have_text("Candidate")
    shoot(page, "models_imported")
    row.get_by_role("button", name="Make champion").click()
    page.get_by_role("dialog").get_by_role("button", name="Make champion").click()
    expect(page.locator(".champion").get_by_role("heading", name="street model")).to_be_visible()
    expect(page.locator(".champion")).to_contain_text("chosen by ada")


def test_a_training_is_followed_to_its_end(
    project: Project,
    anna: User,
    ada: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
) -> None:
    accept(make_annotation(tiled_image(project, scenery(96, 64)), anna, quadrants(96, 64)))
    ensure_starter()
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/models")
    page.get_by_role("button", name="Train now").click()
    page.get_by_role("dialog").get_by_label("Steps").fill("40")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".run-row .badge")).to_have_text("Gathering examples")
    expect(page.get_by_role("button", name="Train now")).to_be_disabled()
    run = TrainingRun.objects.get()
    assert (run.config, run.started_from.name, run.created_by) == ({"steps": 40}, "starter", ada)
    job = progress.begin(run.request.jobs.get().pk)
    assert job is not None
    progress.tick(job.pk, 0.5)
    expect(page.locator(".run-row progress")).to_have_js_property("value", 0.025)
    page.get_by_role("link", name="Run #").click()
    expect(page.locator(".run-steps [aria-current]")).to_have_text("Gathering examples")
    progress.fail(job.pk, "There is nothing to learn from.")
    expect(page.get_by_role("alert")).to_contain_text("There is nothing to learn from.")
    expect(page.locator("#run-head .badge")).to_have_text("Failed")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
