"""What is kept of submissions, verdicts and agreement, by way of the real API."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from annotation_server.annotation.active_time import active_ms
from annotation_server.annotation.keep_agreement import keep_agreement
from annotation_server.annotation.measure import measure
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import store_prediction
from annotation_server.annotation.submission import Submission
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map
from tests.annotation.editor import Editor


@pytest.fixture
def act(client_of):
    """`act(anna, "annotations/3/submit", lease=…)`: a POST, and what a worker does after it."""

    def act(user, address, **body):
        answer = client_of(user).post(f"/api/v1/{address}", body, format="json")
        assert answer.status_code < 300, answer.json()
        for waiting in Annotation.objects.filter(is_measured=False):
            assert measure(waiting.pk)
        return answer.json()

    return act


@pytest.fixture
def proposed(project, make_image):
    """A proposal of four quarters for an image of 8 × 8 px, scored 0.2 to 0.8."""
    Project.objects.filter(pk=project.pk).update(names_required=False, min_coverage=0, max_gap_px=64)
    quarters = np.ones((8, 8), np.uint16)
    quarters[:4, 4:], quarters[4:, :4], quarters[4:, 4:] = 2, 3, 4
    version = ModelVersion.objects.create(name="v1", stage="champion")
    scores = {1: 0.2, 2: 0.4, 3: 0.6, 4: 0.8}
    return store_prediction(make_image(project, 8, 8), version, pack_map(quarters), scores)


def test_a_history_of_submissions(project, proposed, anna, rita, act, client_of):
    """Of four proposals one is trimmed, one erased, one entity is drawn: 2 kept, 1 edited, 1 rejected."""
    assert proposed.mean_score == pytest.approx(0.5)
    taken = act(anna, "assignments/next", project=project.pk)
    annotation = Annotation.objects.get(pk=taken["annotation"])
    editor = Editor(client_of(anna), annotation)
    new = editor.new_entity()
    editor.pixels[4:, 4:] = new.number
    editor.pixels[0, 4:] = 0
    editor.save(new)
    address = f"annotations/{annotation.pk}"
    act(anna, f"{address}/submit", lease=taken["lease"], allow_unnamed=True)
    first = Submission.objects.get()
    assert (first.masks, first.kept, first.edited, first.rejected, first.drawn) == (4, 2, 1, 1, 1)
    assert (first.pixels, first.void_px, first.attempt, first.verdict) == (64, 4, 1, "")
    assert (first.annotator, first.model_version) == (anna, proposed.model_version)
    annotation.refresh_from_db()
    # Two quarters whole, one at 12 of 16 px; the fourth is another entity of the same shape.
    assert annotation.agreement == pytest.approx((1 + 0.75 + 1 + 1) / 4)

    act(rita, f"{address}/review", verdict="return", reason="Trim less.")
    lease = act(anna, f"assignments/{taken['id']}/claim")["lease"]
    act(anna, f"{address}/submit", lease=lease, allow_unnamed=True)
    act(rita, f"{address}/review", verdict="accept")
    first, second = Submission.objects.order_by("attempt")
    assert (first.verdict, first.is_latest, first.reviewer) == ("return", False, rita)
    assert (second.verdict, second.is_latest, second.attempt) == ("accept", True, 2)
    assert second.verdict_day == second.day
    assert second.active_ms < first.active_ms + 60_000


def test_without_review_the_verdict_is_there_at_once(project, anna, make_image, make_annotation, act):
    Project.objects.filter(pk=project.pk).update(review_required=False)
    annotation = make_annotation(make_image(project, 8, 8), anna, np.ones((8, 8), np.uint16), named="tree")
    act(anna, f"annotations/{annotation.pk}/submit", lease=str(annotation.assignment.lease))
    kept = Submission.objects.get()
    assert (kept.verdict, kept.verdict_day, kept.reviewer) == ("accept", kept.day, None)
    assert (kept.model_version, kept.drawn, kept.rejected) == (None, 1, 0)


def test_a_reviewers_map_counts_for_the_original_once(
    project, anna, rita, make_image, make_annotation, act, client_of
):
    image = make_image(project, 8, 8)
    annotation = make_annotation(image, anna, np.ones((8, 8), np.uint16), named="tree")
    act(anna, f"annotations/{annotation.pk}/submit", lease=str(annotation.assignment.lease))
    made = act(rita, f"annotations/{annotation.pk}/review-map")
    corrected = Annotation.objects.get(original=annotation)
    lease = act(rita, f"assignments/{corrected.assignment_id}/claim")["lease"]
    editor = Editor(client_of(rita), corrected)
    editor.lease = lease
    new = editor.new_entity(raw_name="sky", term=annotation.masks.get().term_id)
    editor.pixels[:2] = new.number
    editor.save(new)
    act(rita, f"annotations/{corrected.pk}/submit", lease=lease)
    assert made
    kept = Submission.objects.get()
    assert (kept.annotation, kept.verdict, kept.reviewer) == (annotation, "replace", rita)
    annotation.refresh_from_db()
    assert annotation.agreement == pytest.approx(2 * 0.75 / 3)
    burn_up = client_of(rita).get(f"/api/v1/projects/{project.pk}/dashboard").json()["burn_up"][-1]
    assert {name: burn_up[name] for name in ("images", "begun", "submitted", "accepted")} == {
        "images": 1, "begun": 1, "submitted": 1, "accepted": 1,
    }  # fmt: skip


def test_blind_work_of_a_study_tells_nobody_how_far_it_agrees(
    project, anna, carl, make_image, make_annotation
):
    image = make_image(project, 8, 8)
    one = make_annotation(image, anna, np.ones((8, 8), np.uint16))
    Assignment.objects.filter(pk=one.assignment_id).update(round="study")
    other = make_annotation(image, carl, np.full((8, 8), 2, np.uint16))
    Annotation.objects.filter(pk=one.pk).update(state="accepted")
    assert keep_agreement(other.pk) is None
    assert set(Annotation.objects.values_list("agreement", flat=True)) == {None}


def test_active_time_counts_pauses_as_a_minute():
    start = datetime(2026, 3, 2, tzinfo=UTC)
    moments = [start + timedelta(seconds=at) for at in (0, 10, 3610, 3615)]
    assert active_ms(reversed(moments)) == 10_000 + 60_000 + 5_000
    assert active_ms([]) == active_ms([start]) == 0
