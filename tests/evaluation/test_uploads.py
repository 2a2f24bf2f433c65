import io
import json
import zipfile

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from annotation_server.annotation.vector_models import TermVectors
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.vocabulary.models import Term
from tests.evaluation.conftest import SIDE, halves
from tests.evaluation.reports import do_jobs, worked_out

pytestmark = pytest.mark.services
UPLOADS = "/api/v1/evaluation-uploads"


@pytest.fixture
def upload(client_of, carl, project, broker):
    """`upload(told, name="x.json")`: a file of this JSON, or of these bytes, read."""

    def upload(told, name="x.json") -> EvaluationUpload:
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        body = {"project": project.pk, "file": SimpleUploadedFile(name, content)}
        response = client_of(carl).post(UPLOADS, body, format="multipart")
        assert response.status_code == 202, response.content
        do_jobs(response.json()["request"])
        return EvaluationUpload.objects.get(pk=response.json()["evaluation_upload"]["id"])

    return upload


def rle(mask: np.ndarray) -> dict:
    return label_map_rles(mask.astype(np.uint16))[1]


def left_of(column: int) -> dict:
    return rle(np.arange(SIDE)[None, :].repeat(SIDE, 0) < column)


def record(**told):
    return {"image_id": 7, "category_id": 1, "segmentation": left_of(16), "iscrowd": 0} | told


def instances(*annotations, name="a.png", **told):
    images = [{"id": 7, "file_name": name, "width": SIDE, "height": SIDE}]
    categories = [{"id": 1, "name": "Tree"}, {"id": 2, "name": "flying saucer"}]
    return {"images": images, "annotations": list(annotations), "categories": categories} | told


def panoptic_png(numbers: np.ndarray) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(np.stack([numbers, numbers * 0, numbers * 0], axis=2).astype(np.uint8)).save(
        file, "PNG"
    )
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def kinds(upload: EvaluationUpload) -> dict[str, int]:
    return {row["kind"]: row["count"] for row in upload.problems}


def test_instances_are_matched_by_name_and_named_by_term_or_word(upload, accepted, project, carl):
    accepted(16, named="tree", file_name="a.png")
    other = rle(~(np.arange(SIDE)[None, :].repeat(SIDE, 0) < 16))
    read = upload(instances(record(id=1), record(id=2, category_id=2, segmentation=other), name="x/a.png"))
    assert (read.state, read.format, read.images, read.masks) == ("succeeded", "coco_instances", 1, 2)
    assert read.problems == []
    report = worked_out(project, {"kind": "upload", "upload": read.pk}, carl)
    assert report.headline["AP"] == 1.0, report.error
    own = [told["name"] for told in report.names.values() if told.get("own_word")]
    assert own == ["flying saucer"]
    (confused,) = report.figures["confusion"]
    assert [report.names[str(confused[side])]["name"] for side in ("true", "found")] == [
        "tree",
        "flying saucer",
    ]


def test_what_a_release_calls_an_image_finds_it(upload, accepted):
    image = accepted(16, file_name="a.png").image
    read = upload(instances(record(id=1), name=f"entity_01_1/{image.pk:06d}.png"))
    assert (read.state, read.images, read.problems) == ("succeeded", 1, []), read.error


def test_a_name_near_in_the_word_tree_is_partly_right(upload, accepted, project, carl):
    accepted(16, named="tree", file_name="a.png")
    plant = [{"id": 1, "name": "plant"}, {"id": 2, "name": "thingummy"}]
    read = upload(instances(record(id=1), categories=plant))
    found = {"kind": "upload", "upload": read.pk}
    closed, near = (worked_out(project, found, carl, similarity=name) for name in ("identity", "word_tree"))
    assert closed.figures["open"]["PQ"] == 0 == closed.figures["panoptic"]["all"]["pq"], closed.error
    assert [side.figures["open"]["AP"] > 0 for side in (closed, near)] == [False, True]
    assert near.figures["open"]["similarity"] == "word_tree"
    assert near.inputs_sha256 != closed.inputs_sha256


def test_names_alike_to_the_model_are_partly_right(upload, accepted, project, carl):
    accepted(16, named="tree", file_name="a.png")
    for name, vector in (("tree", [1.0, 0.0]), ("plant", [1.2, 1.6])):
        term, total = Term.objects.get(project=project, name=name), np.array(vector)
        kept = {"model_sha256": "m" * 64, "count": 2, "total": (2 * total).tobytes(), "squares": b""}
        TermVectors.objects.create(term=term, **kept)
    plant = [{"id": 1, "name": "plant"}, {"id": 2, "name": "thingummy"}]
    read = upload(instances(record(id=1), categories=plant))
    report = worked_out(project, {"kind": "upload", "upload": read.pk}, carl, similarity="embedding")
    assert report.figures["open"]["mIoU"] == pytest.approx(0.6 * 0.25), report.error


def test_every_bad_record_is_named_and_counted(upload, accepted):
    accepted(16, file_name="a.png")
    polygon = [[0, 0, 16, 0, 16, 32, 0, 32]]
    bad = [
        record(id=1),
        record(id=1, segmentation=polygon, score=0.5),
        record(id=0, segmentation={"size": [SIDE, SIDE], "counts": "~~"}),
        record(id=3, segmentation={"size": [9, 9], "counts": [81]}),
        record(id=4, segmentation={"size": [SIDE, SIDE], "counts": [SIDE * SIDE]}),
        record(id=5, score=float("nan")),
        record(id=6, image_id=99),
        record(id=7, segmentation=[[0, 0, 9e9, 0, 5, 5]]),
        record(id=8, iscrowd=1),
        record(id=9, segmentation=None),
        record(id=10, category_id=99),
        17,
    ]
    read = upload(instances(*bad))
    assert kinds(read) == {
        "broken_mask": 2,
        "no_mask": 1,
        "double_id": 1,
        "polygon": 1,
        "id_zero": 1,
        "other_size": 1,
        "empty_mask": 1,
        "bad_score": 1,
        "unknown_image_id": 1,
        "unknown_category": 1,
        "crowd": 1,
        "no_record": 1,
    }
    assert (read.images, read.masks) == (1, 3)
    assert "record 6 (id 6): image 99" in json.dumps(read.problems)


@pytest.mark.parametrize(
    ("images", "kind"),
    [
        ([{"id": 7, "file_name": "b.png"}], "unknown_file_name"),
        ([{"id": 7, "file_name": "a.png", "width": 9, "height": 9}], "image_of_other_size"),
        ([{"id": 7, "file_name": "twice.png"}], "ambiguous_file_name"),
        ([{"file_name": "a.png"}], "image_without_id"),
        ([{"id": 7}], "image_without_name"),
    ],
)
def test_a_file_about_no_image_is_refused_with_the_reason(upload, accepted, images, kind):
    for name in ("a.png", "twice.png", "twice.png"):
        accepted(16, file_name=name)
    read = upload(instances(record(id=1), images=images))
    assert read.state == "failed"
    assert f"{kind} × 1" in read.error


def test_results_are_of_image_ids_and_say_that_nothing_is_on_the_others(upload, accepted, project, carl):
    first, second = (accepted(16, file_name=name).image for name in ("a.png", "b.png"))
    read = upload([record(image_id=first.pk, score=0.5), record(image_id=10**9, score=0.5)])
    assert (read.format, read.images, kinds(read)) == ("coco_results", 1, {"unknown_image_id": 1})
    report = worked_out(project, {"kind": "upload", "upload": read.pk}, carl)
    assert report.images == 2
    assert report.left_out == [{"kind": "empty_found", "count": 1, "examples": [second.file_name]}]
    assert report.figures["found_entities"] == 1


def test_overlapping_masks_are_refused_resolved_or_allowed(upload, accepted, project, carl):
    accepted(16, file_name="a.png")
    read = upload(instances(record(id=1, score=0.9), record(id=2, segmentation=left_of(20), score=0.4)))
    found = {"kind": "upload", "upload": read.pk}
    refused = worked_out(project, found, carl)
    assert refused.state == "failed" and "on 1 images, among them a.png" in refused.error
    resolved = worked_out(project, found, carl, overlap="resolve")
    assert resolved.figures["is_disjoint"] and resolved.figures["found_entities"] == 2
    allowed = worked_out(project, found, carl, overlap="allow")
    assert not allowed.figures["is_disjoint"] and allowed.headline["PQ"] is None


def test_panoptic(upload, accepted, project, carl):
    accepted(16, named="tree", file_name="a.png")
    segments = [{"id": 1, "category_id": 1}, {"id": 0, "category_id": 1}, {"id": 9, "category_id": 1}]
    annotations = [{"image_id": 7, "file_name": "a.png", "segments_info": segments}]
    told = json.dumps(instances(*annotations)).encode()
    read = upload(zipped({"panoptic.json": told, "maps/a.png": panoptic_png(halves(16))}), "p.zip")
    assert (read.format, read.masks) == ("coco_panoptic", 2)
    assert kinds(read) == {"id_zero": 1, "segment_without_pixels": 1, "unlisted_segment": 1}
    report = worked_out(project, {"kind": "upload", "upload": read.pk}, carl)
    assert report.headline["PQ"] == 1.0, report.error


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped({"../evil.json": b"{}"}), "outside the archive"),
        (zipped({"/etc/evil.json": b"{}"}), "outside the archive"),
        (zipped({"a.json": b"{}", "b.json": b"{}"}), "2 JSON files"),
        (b"PK\x03\x04broken", "damaged"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"cheese": 1}', "none of those"),
        (json.dumps(instances({"segments_info": []})).encode(), "zip of it"),
    ],
)
def test_odd_files_are_refused(upload, content, sentence):
    read = upload(content)
    assert (read.state, sentence in read.error) == ("failed", True), read.error


def test_a_bomb_is_refused_by_its_table_of_contents(upload, settings):
    settings.MAX_EVALUATION_BYTES = 10_000
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b"0" * 100_000)
    assert "at most 40,000" in upload(file.getvalue()).error


def test_too_large_a_file_is_refused_while_it_is_read(client_of, carl, project, settings):
    settings.MAX_EVALUATION_BYTES = 1000
    body = {"project": project.pk, "file": SimpleUploadedFile("x.json", b"1" * 2000)}
    response = client_of(carl).post(UPLOADS, body, format="multipart")
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert not EvaluationUpload.objects.exists()


def test_roles_and_deleting(upload, accepted, client_of, anna, rita, carl, eve, project):
    accepted(16, file_name="a.png")
    read = upload(instances(record(id=1)))
    one = f"{UPLOADS}/{read.pk}"
    assert [client_of(user).get(one).status_code for user in (anna, rita, eve)] == [403, 200, 404]
    assert client_of(anna).get(f"{UPLOADS}?project={project.pk}").status_code == 403
    assert client_of(rita).delete(one).status_code == 403
    assert client_of(carl).delete(one).status_code == 204
    assert client_of(carl).get(one).status_code == 404
