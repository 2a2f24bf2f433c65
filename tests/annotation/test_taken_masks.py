"""Masks taken from a prediction: provenance, changed pixels, strokes and time, and proposals not wanted."""

import uuid

import numpy as np
import pytest

from annotation_server.annotation.effort import effort_by_number
from annotation_server.annotation.models import Assignment, Mask, RejectedProposal
from annotation_server.annotation.start import start_annotation, store_prediction
from annotation_server.annotation.submit import submit
from annotation_server.annotation.taken_masks import REJECT
from annotation_server.model_registry.register import ensure_starter
from annotation_server.segmentation.changed_share import changed_shares
from annotation_server.segmentation.tiled_map import pack_map, void_map
from annotation_server.segmentation.transaction import Source
from tests.annotation.editor import Editor


@pytest.fixture
def proposed() -> np.ndarray:
    """Uint16 [600, 700]: two halves."""
    label_map = np.full((600, 700), 1, np.uint16)
    label_map[:, 350:] = 2
    return label_map


@pytest.fixture
def prediction(project, make_image, proposed):
    return store_prediction(
        make_image(project, 700, 600), ensure_starter(), pack_map(proposed), {1: 0.9, 2: 0.4}
    )


@pytest.fixture
def annotation(prediction, anna, make_annotation):
    return make_annotation(prediction.image, anna)


@pytest.fixture
def editor(annotation, anna, client_of) -> Editor:
    return Editor(client_of(anna), annotation)


def source(prediction, number: int = 1, **fields) -> Source:
    return Source(annotation=prediction.pk, number=number, score=0.9, **fields)


def row(annotation, number: int) -> Mask:
    return Mask.objects.get(annotation=annotation, number=number)


def test_a_taken_mask_is_the_models_until_a_person_paints(annotation, editor, prediction, agrees) -> None:
    taken = editor.new_entity(source=source(prediction))
    editor.pixels[:, :350] = taken.number
    editor.save(taken)
    mask = row(annotation, taken.number)
    assert (mask.provenance, mask.score, mask.source, mask.source_number) == ("model", 0.9, prediction, 1)
    listed = editor.client.get(f"{editor.url}/masks").json()["results"][0]
    assert listed["source"] == {"annotation": prediction.pk, "number": 1}
    editor.pixels[0, :10] = 0
    editor.save()
    assert row(annotation, taken.number).provenance == "edited"
    assert agrees(annotation)


def test_taken_and_edited_in_one_save(annotation, editor, prediction) -> None:
    taken = editor.new_entity(source=source(prediction, edited=True))
    editor.pixels[:, :300] = taken.number
    editor.save(taken)
    assert row(annotation, taken.number).provenance == "edited"


def test_a_candidate_has_no_number_of_its_own(annotation, editor) -> None:
    taken = editor.new_entity(source=Source(score=0.5))
    editor.pixels[:20, :20] = taken.number
    editor.save(taken)
    mask = row(annotation, taken.number)
    assert (mask.provenance, mask.source, mask.source_number) == ("model", None, 0)


def test_only_predictions_of_the_image_are_sources(
    annotation, editor, project, make_image, prediction
) -> None:
    other = store_prediction(make_image(project, 10, 10), ensure_starter(), void_map(10, 10), {})
    for wrong in (annotation.pk, other.pk, 10**12):
        entity = editor.new_entity(source=Source(annotation=wrong, number=1))
        answer = editor.post(editor.transaction(entity))
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_prediction")


def test_strokes_and_time_add_up_once(annotation, editor) -> None:
    entity = editor.new_entity()
    editor.pixels[:40, :40] = entity.number
    ops = (
        {"tool": "brush", "number": entity.number, "ms": 5, "strokes": 1, "active_ms": 1200},
        {"tool": "brush", "number": entity.number, "ms": 5, "strokes": 1, "active_ms": 300},
        {"tool": "name", "number": entity.number, "ms": 0, "active_ms": 500},
        {"tool": "brush", "number": 9999, "ms": 5, "strokes": 1, "active_ms": 300},
    )
    transaction = editor.transaction(entity, ops=ops)
    assert editor.post(transaction).status_code == 200
    assert editor.post(transaction).json()["replayed"] is True
    mask = row(annotation, entity.number)
    assert (mask.strokes, mask.active_ms) == (2, 2000)


def test_effort_beyond_reason_does_not_count() -> None:
    odd = [
        {"number": 1, "strokes": -1, "active_ms": 10**9},
        {"number": 1, "strokes": True, "active_ms": "5"},
        {"number": "1", "strokes": 1},
        {"number": 0, "strokes": 1},
        {"strokes": 1},
    ]
    assert effort_by_number(odd) == {}
    assert effort_by_number([*odd, {"number": 1, "strokes": 2}])[1] == (2, 0)


def test_rejected_proposals_are_remembered_and_wanted_back(annotation, editor, prediction) -> None:
    reject = {"tool": REJECT, "number": 0, "ms": 0, "prediction": prediction.pk, "proposals": [1, 2]}
    back = {**reject, "proposals": [2], "wanted": True}
    again = {**reject, "proposals": [1], "undone": True}
    assert editor.post(editor.transaction(ops=(reject, again, {**again, "undone": False}))).status_code == 200
    assert editor.post(editor.transaction(ops=(reject,))).status_code == 200
    assert editor.post(editor.transaction(ops=(reject, back))).status_code == 200
    told = editor.client.get(f"{editor.url}/proposals").json()
    assert told["rejected"] == {str(prediction.pk): [1]}
    assert told["chosen"] == prediction.pk
    (listed,) = told["predictions"]
    assert (listed["id"], listed["model"], listed["mask_count"]) == (prediction.pk, "starter", 2)
    assert listed["has_alternatives"] is False


@pytest.mark.parametrize("change", [{"proposals": "all"}, {"proposals": [0]}, {"prediction": 10**12}])
def test_odd_rejections_are_refused(annotation, editor, prediction, change) -> None:
    odd = {"tool": REJECT, "number": 0, "prediction": prediction.pk, "proposals": [1], **change}
    assert editor.post(editor.transaction(ops=(odd,))).status_code == 422
    assert not RejectedProposal.objects.exists()


def test_submission_measures_what_was_changed(prediction, anna, client_of, project) -> None:
    project.min_coverage, project.max_gap_px, project.names_required = 0.5, 10_000, False
    project.save()
    assignment = Assignment.objects.create(image=prediction.image, annotator=anna, lease=uuid.uuid4())
    annotation = start_annotation(assignment, prediction=prediction)
    editor = Editor(client_of(anna), annotation)
    editor.lease = str(client_of(anna).post(f"/api/v1/assignments/{assignment.pk}/claim").json()["lease"])
    editor.pixels[:300, 300:350] = 2
    editor.save()
    editor.pixels[:300, 300:350] = 1
    editor.pixels[:, 340:350] = 0
    editor.save()
    assert set(annotation.masks.values_list("provenance", flat=True)) == {"edited"}
    submit(anna, annotation.pk, editor.lease, allow_unnamed=True)
    first, second = row(annotation, 1), row(annotation, 2)
    assert (first.provenance, first.changed_share) == ("edited", pytest.approx(10 / 350))
    assert (second.provenance, second.changed_share) == ("model", 0.0)


def test_a_project_may_start_its_annotations_empty(prediction, anna, project) -> None:
    project.annotations_start = "empty"
    project.save()
    prediction.image.refresh_from_db()
    assignment = Assignment.objects.create(image=prediction.image, annotator=anna)
    annotation = start_annotation(assignment, prediction=prediction)
    assert (annotation.prediction, annotation.void_px, annotation.mask_count) == (prediction, 700 * 600, 0)


@pytest.mark.parametrize("seed", range(4))
def test_changed_shares_equal_brute_force(seed) -> None:
    random = np.random.default_rng(seed)
    before = random.integers(0, 4, (40, 50)).astype(np.uint16)
    after = np.where(random.random((40, 50)) < 0.1 * seed, random.integers(0, 5, (40, 50)), before)
    taken = {1: 1, 2: 2, 3: 1, 4: 4, 9: 9}
    shares = changed_shares(pack_map(before), pack_map(after.astype(np.uint16)), taken)
    for number, origin in taken.items():
        mine, theirs = after == number, before == origin
        either = (mine | theirs).sum()
        assert shares[number] == pytest.approx((mine ^ theirs).sum() / either if either else 0.0)
