"""An evaluation report beside pycocotools: the same predictions and label maps, read by a stranger."""

import contextlib
import io
from collections.abc import Iterable, Mapping

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotation_server.demo.client import Client, Row
from annotation_server.segmentation.coco import ENTITY_CATEGORY, annotation_records, image_record
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap

FIGURES = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR@1", "AR@10", "AR@100")
TOLERANCE = 1e-9


def check_report(client: Client, project: int, maps: Mapping[str, TiledMap]) -> Row:
    """Have the champion evaluated on what was accepted, and compare the figures with pycocotools'.

    ``maps`` are the accepted label maps by file name. Raises AssertionError at the first figure that differs;
    returns the report's figures.
    """
    version = champion_of(client, project)
    asked = client.post(
        "evaluation-reports",
        project=project,
        truth={"kind": "accepted"},
        found={"kind": "model", "model_version": version["id"]},
        split="",
    )
    client.wait_for_request(asked["request"], timeout_s=600)
    figures: Row = client.get(f"evaluation-reports/{asked['evaluation_report']['id']}")["figures"]
    theirs = _by_pycocotools(maps, list(_predictions(client, project)))
    for name in FIGURES:
        ours = -1.0 if figures["ap"][name] is None else figures["ap"][name]
        if abs(ours - theirs[name]) > TOLERANCE:
            raise AssertionError(f"The report's {name} is {ours}, pycocotools says {theirs[name]}.")
    return figures


def champion_of(client: Client, project: int) -> Row:
    """The model version that proposes masks in a project."""
    versions = client.rows("model-versions", project=project)
    return next(row for row in versions if row["stage"] == "champion")


def _predictions(client: Client, project: int) -> Iterable[tuple[str, TiledMap, dict[int, float]]]:
    """File name, label map and scores of every prediction."""
    for row in client.rows("annotations", project=project, author="model"):
        masks = client.get(f"annotations/{row['id']}/masks")["results"]
        scores = {mask["number"]: mask["score"] for mask in masks if mask["area"]}
        annotation = client.get(f"annotations/{row['id']}")
        yield annotation["image"]["file_name"], client.bundle(row["id"])[0], scores


def _by_pycocotools(
    maps: Mapping[str, TiledMap], predictions: Iterable[tuple[str, TiledMap, dict[int, float]]]
) -> dict[str, float]:
    ids = {name: place for place, name in enumerate(sorted(maps), 1)}
    true: list[Row] = []
    for name, image in ids.items():
        true += _records(image, maps[name], len(true) + 1)
    found: list[Row] = []
    for name, label_map, scores in predictions:
        found += [
            # Given boxes, pycocotools' loadRes takes a box's area for the mask's.
            {**record, "score": scores[number], "bbox": []}
            for number, record in zip(sorted(scores), _records(ids[name], label_map, 1), strict=True)
        ]
    images = [image_record(ids[name], name, maps[name].width, maps[name].height) for name in ids]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": images, "annotations": true, "categories": [ENTITY_CATEGORY]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(FIGURES, np.asarray(evaluation.stats).tolist(), strict=False))


def _records(image: int, label_map: TiledMap, first_id: int) -> list[Row]:
    """COCO records of a map's entities, by ascending number."""
    return list(annotation_records(image, first_id, label_map_rles(label_map), extents(label_map)))
