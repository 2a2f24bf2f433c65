"""A study of images that several people really drew says what other tools say of them."""

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image as Picture
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotation_server import media
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import start_from_map
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.protocol import close_study
from annotation_server.consistency.work_out import work_out
from annotation_server.segmentation.tiled_map import pack_map
from tests.cast import join, make_user
from tests.consistency.test_report import run_all
from tests.ml_worker.golden import data_folder

IMAGES, PLACES = 2, (1, 2, 3)


@pytest.fixture
def people() -> dict[str, Any]:
    """The reference figures of every two people of an image."""
    file = data_folder() / "bsds500" / "agreement.json"
    if not file.is_file():
        pytest.skip(
            f"No maps of several people in {file.parent}: set TESSERA_DATA to the shared data folder."
        )
    return json.loads(file.read_text())


def maps_of(name: str) -> Iterator[tuple[int, np.ndarray]]:
    for place in PLACES:
        path: Path = data_folder() / "bsds500" / "labels" / f"{name}_a{place}.png"
        with Picture.open(path) as picture:
            yield place, np.array(picture, np.uint16)


def test_the_report_says_what_the_reference_says(people, project, ada, make_image, make_study):
    drawers = {place: join(make_user(f"p{place}"), project, "annotator") for place in PLACES}
    names = sorted({pair["image"] for pair in people["pairs"]})[:IMAGES]
    drawn = {}
    for name in names:
        maps = dict(maps_of(name))
        height, width = maps[1].shape
        image = make_image(project, width, height, file_name=f"{name}.jpg")
        drawn[image.pk] = maps
        _draw(image, drawers[1], maps[1], Assignment.Round.DRAW)
    study = make_study(project, size=len(names), annotators=len(PLACES) - 1)
    for part in StudyPart.objects.select_related("study_image__image"):
        image = part.study_image.image
        part.assignment = _draw(image, drawers[part.place], drawn[image.pk][part.place], "study")
        part.save()
    close_study(ada, study.pk)
    assert run_all(work_out(ada, study.pk)).state == "succeeded"
    report = json.loads(_report(study))
    in_order = [drawn[pk] for pk in study.images.order_by("order").values_list("image", flat=True)]
    references = [("largest", report["masks"]), ("smallest", report["masks"]["other_tie_break"])]
    for truth in PLACES:
        for other in set(PLACES) - {truth}:
            rows = [
                pair
                for pair in people["pairs"]
                if pair["image"] in names and (pair["gt_ann"], pair["pred_ann"]) == (truth, other)
            ]
            row, column = truth - 1, other - 1
            assert report["pair_images"][row][column] == len(rows) == len(names)
            for measure, reference in (("f1", "f1_50"), ("pq", "pq"), ("covering", "covering")):
                assert report[measure][row][column] == _mean(rows, reference)
            for (order, found), reference in zip(references, ("AP_area_desc", "AP_area_asc"), strict=True):
                assert found["tie_break"] == order
                assert found["per_image"][row][column] == _mean(rows, reference)
                pooled = _pycocotools(in_order, truth, other, descending=order == "largest")
                assert found["pooled"][row][column] == pytest.approx(pooled, abs=1e-9)


def _mean(rows, column):
    """The reference's figures have four digits."""
    return pytest.approx(np.mean([row[column] for row in rows]), abs=5.1e-5)


def _draw(image, annotator, label_map, round_) -> Assignment:
    assignment = Assignment.objects.create(
        image=image, annotator=annotator, round=round_, state="accepted", is_blind=round_ == "study"
    )
    annotation = start_from_map(assignment, pack_map(label_map))
    when = timezone.now() - timedelta(days=200 if round_ == "draw" else 1)
    Annotation.objects.filter(pk=annotation.pk).update(state="accepted", submitted_at=when)
    return assignment


def _report(study: Study) -> bytes:
    study.refresh_from_db()
    return media.read(study.report_key)


def _pycocotools(images, truth, other, *, descending):
    """AP of all images together, the masks' areas as scores; no limit of detections."""
    true, found = [], []
    for number, maps in enumerate(images, 1):
        for place, rows in ((truth, true), (other, found)):
            for entity in np.unique(maps[place]):
                mask = np.asfortranarray(maps[place] == entity, np.uint8)
                area = int(mask.sum())
                rows.append(
                    {
                        "id": len(rows) + 1,
                        "image_id": number,
                        "category_id": 1,
                        "segmentation": coco_mask.encode(mask),
                        "area": area,
                        "iscrowd": 0,
                        "bbox": [0, 0, 1, 1],
                        "score": float(area if descending else -area),
                    }
                )
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = COCO()
        dataset.dataset = {
            "images": [
                {"id": number, "height": maps[1].shape[0], "width": maps[1].shape[1]}
                for number, maps in enumerate(images, 1)
            ],
            "annotations": true,
            "categories": [{"id": 1}],
        }
        dataset.createIndex()
        evaluation = COCOeval(dataset, dataset.loadRes(found), "segm")
        evaluation.params.maxDets = [1, 10, 10_000]
        evaluation.params.areaRng = [[0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return float(evaluation.eval["precision"][:, :, 0, 0, -1].mean())
