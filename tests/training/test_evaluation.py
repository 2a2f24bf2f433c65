"""Reading what the worker found, and which images to look at first."""

import json
from typing import Any

import numpy as np
import pytest

from annotation_server import media
from annotation_server.errors import Refused
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.training.evaluation import image_rows, read_figures, worst_images
from benchmarks.simulated_figures import SIDE, difficulties, figures_of

HARD = difficulties(6, seed=2)
EXAMPLES = [
    {"image": image, "width": SIDE, "height": SIDE, "map_sha256": f"{image}"} for image in range(1, 7)
]


@pytest.fixture
def results(media_root: Any) -> list[ImageFigures]:
    """Files of six images under "evaluations/x"."""
    figures = figures_of(HARD, quality=0.8, seed=1)
    for one in figures:
        put(one.image, {**one.to_dict(), "map_sha256": f"{one.image}"})
    return figures


def put(image: int, record: Any) -> None:
    media.write(f"evaluations/x/{image}.json", json.dumps(record).encode())


def test_it_works(results: list[ImageFigures]) -> None:
    shares: list[float] = []
    read = read_figures("evaluations/x", EXAMPLES, shares.append)
    assert [one.image for one in read] == [1, 2, 3, 4, 5, 6]
    assert model_figures(read) == model_figures(results)
    assert shares == [place / 6 for place in range(6)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "of image 2 is missing"),
        (b"{", "of image 2 cannot be read"),
        (b"[]", "of image 2 cannot be read"),
        (b'{"image": 2}', "of image 2 cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(
    results: list[ImageFigures], content: bytes | None, sentence: str
) -> None:
    media.delete("evaluations/x/2.json")
    if content is not None:
        media.write("evaluations/x/2.json", content)
    with pytest.raises(Refused, match=sentence):
        read_figures("evaluations/x", EXAMPLES)


@pytest.mark.parametrize("change", [{"image": 3}, {"width": 200}, {"map_sha256": "other"}])
def test_what_is_of_another_image_is_refused(results: list[ImageFigures], change: dict[str, Any]) -> None:
    put(2, {**results[1].to_dict(), "map_sha256": "2", **change})
    with pytest.raises(Refused, match="another image or label map"):
        read_figures("evaluations/x", EXAMPLES)


def test_the_worst_images_come_first(results: list[ImageFigures]) -> None:
    candidate = figures_of(HARD + np.array([0, 0.4, 0, 0, 0.2, 0]), quality=0.8, seed=1)
    rows = image_rows(results, candidate)
    assert [row.champion_ap for row in rows] == [
        pytest.approx(model_figures([one])["AP"], abs=1e-6) for one in results
    ]
    worst = worst_images(rows, most=2)
    lost = [row for row in worst if row["why"] == "lost"]
    assert [row["image"] for row in lost] == [2, 5]
    assert lost[0]["champion_ap"] - lost[0]["candidate_ap"] > 0.2
    low = [row for row in worst if row["why"] == "low"]
    assert len(low) == 2
    assert low[0]["candidate_ap"] <= low[1]["candidate_ap"]
    assert {row["image"] for row in low}.isdisjoint({2, 5})
    assert all(row["champion_ap"] == row["candidate_ap"] for row in low)
