"""What a model sees besides what it painted: kept with a prediction, and asked about one place."""

import gzip
import json
import time
from typing import Any

import numpy as np
import pytest

from annotation_server import media
from annotation_server.annotation import alternatives
from annotation_server.annotation.start import store_prediction
from annotation_server.images.folder import add_ready
from annotation_server.images.pyramid_part import part_of
from annotation_server.images.upload import Offered
from annotation_server.model_registry.register import ensure_starter
from annotation_server.requests.models import Question
from annotation_server.segmentation.rle import counts_of
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from tests.images import pictures

KEY = "predictions/abc"
RLE = {"size": [4, 6], "counts": "4d0"}  # 4 px outside, 20 inside
CANDIDATE = {"score": 0.5, "bbox": [0, 0, 60, 40], "rle": RLE}


def whole(**change: Any) -> dict[str, Any]:
    return {"view": [0, 0, 60, 40], "stride": 10, "split": False, "candidates": [CANDIDATE], **change}


def written(told: Any) -> bytes:
    return gzip.compress(json.dumps(told).encode(), mtime=0)


@pytest.fixture
def prediction(project, make_image):
    image = make_image(project, 60, 40)
    return store_prediction(image, ensure_starter(), pack_map(np.ones((40, 60), np.uint16)), {1: 0.5})


def test_they_are_kept_and_served(prediction, anna, client_of) -> None:
    media.write(f"{KEY}.alternatives.json.gz", written(whole()))
    alternatives.keep(prediction, KEY)
    answer = client_of(anna).get(f"/api/v1/annotations/{prediction.pk}/alternatives")
    assert answer["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.content)) == whole()
    again = client_of(anna).get(
        f"/api/v1/annotations/{prediction.pk}/alternatives", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


def test_a_prediction_without_them_says_so(prediction, anna, eve, client_of) -> None:
    url = f"/api/v1/annotations/{prediction.pk}/alternatives"
    alternatives.keep(prediction, "predictions/none")
    answer = client_of(anna).get(url)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_alternatives")
    assert client_of(eve).get(url).json()["code"] == "not_found"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip",
        written([1]),
        written({"view": [0, 0, 60, 40]}),
        written(whole(view=[0, 0, 61, 40])),
        written(whole(stride=0)),
        written(whole(stride=5)),
        written(whole(candidates=[{**CANDIDATE, "score": 2.0}])),
        written(whole(candidates=[{**CANDIDATE, "bbox": [1, 2]}])),
        written(whole(candidates=[{**CANDIDATE, "rle": {"size": [9, 9], "counts": "4d0"}}])),
        written(whole(candidates=[{**CANDIDATE, "rle": {"size": [4, 6], "counts": [24]}}])),
        written(whole(candidates=[CANDIDATE] * 1001)),
    ],
)
def test_what_is_not_right_is_left_out(prediction, content) -> None:
    media.write(f"{KEY}.alternatives.json.gz", content)
    alternatives.keep(prediction, KEY)
    assert prediction.alternatives_key == ""


def test_a_part_of_a_pyramid_is_named_by_its_tiles(project) -> None:
    image = add_ready(project, Offered("a.png", pictures.encoded("PNG", pictures.gradient(1600, 1200))))
    part = part_of(image, (500, 490, 300, 100), 1400)
    assert (part.view, part.scale) == ([500, 490, 300, 100], 1)
    assert [tile[:2] for tile in part.tiles] == [[0, 0], [511, 0], [0, 511], [511, 511]]
    coarse = part_of(image, (3, 5, 1500, 900), 400)
    assert (coarse.view, coarse.scale) == ([0, 4, 1503, 901], 4)
    assert [tile[:2] for tile in coarse.tiles] == [[0, 0]]
    file = media.read(image.pyramid_key)
    assert all(file[start : start + 2] == b"\xff\xd8" for *_, start, _ in part.tiles + coarse.tiles)


def test_odd_boxes_are_refused(prediction, anna, eve, client_of) -> None:
    url = f"/api/v1/annotations/{prediction.pk}/candidates"
    for box in ([100, 0, 20, 20], [0, 0, 3, 30], [0, 0, -5, 5], [1, 2, 3], "all", [0, 0, 10**9, 5]):
        assert client_of(anna).post(url, {"box": box}, format="json").status_code == 400
    assert client_of(eve).post(url, {"box": [0, 0, 20, 20]}, format="json").status_code == 404
    assert not Question.objects.exists()


@pytest.mark.services
@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_answers(project, anna, client_of, start_worker) -> None:
    scene = make_scene(5, 300, 400)[0]
    image = add_ready(project, Offered("scene.png", pictures.encoded("PNG", scene)))
    annotation = store_prediction(image, ensure_starter(), pack_map(np.ones((300, 400), np.uint16)), {1: 0.5})
    client = client_of(anna)
    url = f"/api/v1/annotations/{annotation.pk}/candidates"
    asked = client.post(url, {"box": [100, 50, 200, 200]}, format="json")
    assert asked.status_code == 202
    lost = client.post(url, {"box": [0, 0, 100, 100]}, format="json").json()["question"]
    client.delete(f"/api/v1/questions/{lost}")
    start_worker("questions")
    row = wait_for_answer(client, asked.json()["question"])
    assert row["error"] == "" and row["answer"]["view"] == [100, 50, 200, 200]
    sizes = {tuple(one["rle"]["size"]) for one in row["answer"]["candidates"]}
    assert sizes == {(200, 200)}
    for one in row["answer"]["candidates"]:
        assert counts_of(one["rle"]).sum() == 200 * 200
        x, y, width, height = one["bbox"]
        assert x >= 100 and x + width <= 300 and y >= 50 and y + height <= 250
    assert client.get(f"/api/v1/questions/{lost}").json()["error"] == "Cancelled."


def wait_for_answer(client: Any, question: int) -> dict[str, Any]:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        row = client.get(f"/api/v1/questions/{question}").json()
        if row["state"] != "waiting":
            return row
        time.sleep(0.1)
    raise AssertionError("The question was never answered.")
