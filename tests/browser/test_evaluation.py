"""Evaluation reports in a real Chromium: asked for, read, compared; files of masks judged."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation import lease
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.start import start_from_map, store_prediction
from annotation_server.evaluation.models import EvaluationComparison, EvaluationReport, EvaluationUpload
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.vocabulary.models import Term
from tests.browser.test_every_page import EVERY_RULE, serious_problems
from tests.browser.test_pages import file
from tests.evaluation.reports import do_jobs, worked_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZE = 96, 128


@pytest.fixture
def judged(
    request: Any, project: Project, anna: User, rita: User, tiled_image: Any, make_annotation: Any
) -> list[Annotation]:
    """So many annotations of Anna's; Rita accepted them with borders and some names corrected."""
    accepted = []
    for seed in range(request.param):
        rgb, truth = make_scene(seed, *SIZE, entities=7)
        image = tiled_image(project, rgb, f"scene_{seed}.png")
        drawn = make_annotation(image, anna, np.roll(truth, seed, axis=1))
        _end(drawn, "replaced")
        review = Assignment.objects.create(image=image, annotator=rita, round=Assignment.Round.REVIEW)
        lease.take(review, rita)
        corrected = start_from_map(review, pack_map(truth))
        _end(corrected, "accepted")
        accepted.append(corrected)
        for step, annotation in enumerate((drawn, corrected)):
            _name(annotation, project, every=3 + step)
    return accepted


def _end(annotation: Annotation, state: str) -> None:
    Annotation.objects.filter(pk=annotation.pk).update(state=state)
    Assignment.objects.filter(pk=annotation.assignment_id).update(state="accepted")


def _name(annotation: Annotation, project: Project, *, every: int) -> None:
    terms = list(Term.objects.filter(project=project).order_by("pk")[:40])
    for mask in Mask.objects.filter(annotation=annotation):
        Mask.objects.filter(pk=mask.pk).update(
            term=terms[(mask.number * 5 + annotation.image_id) % (every * 8)]
        )


@pytest.mark.parametrize("judged", [4], indirect=True)
def test_a_report_is_asked_for_and_read(
    project: Project, ada: User, judged: list[Annotation], page_of: Callable[..., Page], shoot: Any
) -> None:
    seer = ModelVersion.objects.create(
        project=project, name="seer", stage="champion", checkpoint_sha256="c" * 64
    )
    image = Image.objects.get(pk=judged[0].image_id)
    store_prediction(
        image, seer, pack_map(make_scene(0, *SIZE, entities=7)[1]), {n: 0.9 for n in range(1, 9)}
    )
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/evaluation")
    page.get_by_role("button", name="Work out the first report").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("has not seen 3 of 4 accepted images")).to_be_visible()
    dialog.get_by_text("How it is measured").click()
    shoot(page, "evaluation_new")
    assert serious_problems(page, EVERY_RULE) == []
    dialog.get_by_role("button", name="Pre-annotate them").click()
    expect(dialog.get_by_text("Pre-annotation has started")).to_be_visible()
    assert Job.objects.filter(request__kind="predict").exists()
    dialog.get_by_label("Judged against it").select_option("annotator:anna")
    dialog.get_by_label("Name").fill("Anna in autumn")
    dialog.get_by_role("button", name="Work it out").click()
    expect(page.locator(".report-row .badge")).to_have_text("Waiting for a worker")
    do_jobs(EvaluationReport.objects.get().request_id)
    expect(page.locator(".report-scores")).to_contain_text("PQ")
    page.get_by_role("link", name="Anna in autumn").click()
    expect(page.locator(".headline div").first).to_contain_text(re.compile(r"APᵉ\d+\.\d"))
    expect(page.locator(".picture-card")).to_have_count(4)
    expect(page.locator(".error-legend")).to_contain_text("Missed")
    page.get_by_role("slider", name=re.compile("^Precision and recall")).press("Home")
    expect(page.locator("#curves .chart-where").first).to_have_text("Recall 0.00")
    page.get_by_role("button", name="IoU", exact=True).click()
    expect(page.locator("#terms th[aria-sort=descending]")).to_contain_text("IoU")
    page.locator(".entity-details summary").first.click()
    expect(page.locator(".entity-pairs tbody tr").first).to_be_visible()
    expect(page.get_by_role("link", name="Open both in the review page")).to_be_visible()
    page.locator(".picture-side").nth(2).click()
    expect(page.get_by_role("dialog", name="Compare the pictures")).to_be_visible()
    shoot(page, "evaluation_pictures")
    page.keyboard.press("Escape")
    page.locator(".download-menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Everything, JSON").click()
    assert json.loads(download.value.path().read_text())["figures"]["images"] == 4


@pytest.mark.parametrize("judged", [10], indirect=True)
def test_files_are_judged_and_reports_compared(
    project: Project, ada: User, judged: list[Annotation], page_of: Callable[..., Page], shoot: Any
) -> None:
    first = worked_out(project, {"kind": "annotator", "user": "anna"}, ada)
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/evaluation")
    page.get_by_role("button", name="Upload masks").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(file("other_tool.json", _instances()))
    expect(dialog.get_by_label("Name")).to_have_value("other tool")
    dialog.get_by_role("button", name="Upload").click()
    expect(page.locator(".upload-row progress")).to_be_visible()
    do_jobs(EvaluationUpload.objects.get().request_id)
    page.get_by_text("records were left out or changed").click()
    expect(page.locator(".problem-list")).to_contain_text("Images that this project does not have")
    page.get_by_role("button", name="Judge other tool").click()
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator(".report-row")).to_have_count(2)
    do_jobs(EvaluationReport.objects.exclude(pk=first.pk).get().request_id)
    expect(page.locator(".report-tick")).to_have_count(2)
    page.get_by_role("link", name="Upload other tool").click()
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("Compare Annotations")).check()
    expect(page.locator(".report-tick input:checked")).to_have_count(2)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Both are being compared")).to_be_visible()
    do_jobs(EvaluationComparison.objects.get().request_id)
    expect(page.locator(".comparison-verdict")).to_be_visible()
    expect(page.locator(".interval-plot")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".report-row")).to_have_count(2)
    expect(page.locator(".comparison-row")).to_have_count(0)


def _instances() -> bytes:
    """What another tool found on every scene, and on an image that nobody knows."""
    images, annotations = [], []
    for seed in range(11):
        images.append({"id": seed + 1, "file_name": f"scene_{seed}.png", "width": SIZE[1], "height": SIZE[0]})
        truth = np.roll(make_scene(seed, *SIZE, entities=7)[1], 5, axis=0)
        for number in np.unique(truth)[1:].tolist():
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": seed + 1, "category_id": 1, "iscrowd": 0,
                    "score": 0.2 + number / 20,
                    "segmentation": {"size": list(SIZE), "counts": _runs(truth == number)},
                }
            )  # fmt: skip
    found = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "entity"}]}
    return json.dumps(found).encode()


def _runs(mask: np.ndarray) -> list[int]:
    """Column-major run lengths, the first of what is not in the mask."""
    flat = np.concatenate([[False], mask.ravel(order="F"), [False]])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()
