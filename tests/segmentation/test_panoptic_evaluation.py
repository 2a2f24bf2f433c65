"""PQ of COCO panoptic files: the rules of panopticapi on small maps, and every refusal."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotation_server.segmentation.coco_input import BadInput
from annotation_server.segmentation.evaluate import main as command
from annotation_server.segmentation.panoptic import write_panoptic_png
from annotation_server.segmentation.panoptic_evaluation import evaluate_panoptic
from annotation_server.segmentation.similarity import given_matrix, identity
from annotation_server.segmentation.tiled_map import pack_map

CATEGORIES = [{"id": 0, "isthing": 1}, {"id": 5, "isthing": 1}, {"id": 9, "isthing": 0}]


class Side:
    """A panoptic file of one image: columns of 4 px each, their segment ids, and category by id."""

    def __init__(
        self, folder: Path, columns: list[int], categories: dict[int, int], crowds: tuple = ()
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        with (folder / "a.png").open("wb") as file:
            write_panoptic_png(file, pack_map(np.array([columns] * 4, np.uint16)))
        infos = [
            {"id": key, "category_id": category, "iscrowd": int(key in crowds)}
            for key, category in categories.items()
        ]
        self.json: dict[str, Any] = {
            "categories": [dict(category) for category in CATEGORIES],
            "annotations": [{"image_id": 1, "file_name": "a.jpg", "segments_info": infos}],
        }

    @property
    def infos(self) -> list[dict[str, Any]]:
        return self.json["annotations"][0]["segments_info"]


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    # Columns: a hit (2 of 3 in common), a crowd, VOID, and what was found there.
    truth = Side(tmp_path / "t", [1, 1, 1, 2, 2, 0, 0, 3], {1: 0, 2: 5, 3: 9}, crowds=(2,))
    found = Side(tmp_path / "f", [4, 4, 0, 6, 6, 6, 7, 8], {4: 0, 6: 5, 7: 9, 8: 0})
    return truth, found


def measured(sides: tuple[Side, Side], **options: Any) -> dict[str, Any]:
    truth, found = sides
    return evaluate_panoptic(truth.json, found.json, truth.folder, found.folder, **options)[0]


def test_crowds_and_void_forgive(sides: tuple[Side, Side]) -> None:
    figures = measured(sides)
    # Category 0: IoU 2/3 and one false alarm; 5: nothing but a forgiven detection; 9: a miss.
    assert figures["things"] == {
        "pq": pytest.approx(2 / 3 / 1.5),
        "sq": 2 / 3,
        "rq": pytest.approx(1 / 1.5),
        "n": 1,
    }
    assert figures["stuff"] == {"pq": 0.0, "sq": 0.0, "rq": 0.0, "n": 1}
    assert figures["all"]["pq"] == pytest.approx(2 / 9)


def test_void_as_background_forgives_nothing_but_crowds(sides: tuple[Side, Side]) -> None:
    sides[1].infos[2]["category_id"] = 0  # 7, which lies in VOID
    assert measured(sides)["things"]["pq"] == pytest.approx(2 / 3 / 1.5)
    # 7 is a false alarm now; 6 lies for 2/3 in its crowd and is forgiven still.
    figures = measured(sides, void="background")
    assert figures["things"] == pytest.approx({"pq": 2 / 3 / 2, "sq": 2 / 3, "rq": 1 / 2, "n": 1})


def test_open_figures_come_with_a_similarity(sides: tuple[Side, Side]) -> None:
    assert measured(sides, similarity=identity())["open"]["pq"] == measured(sides)["all"]["pq"]
    sides[1].infos[0]["category_id"] = 5
    alike = given_matrix([0, 5, 9], [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    opened = measured(sides, similarity=alike)["open"]
    # Term 0: s · IoU = 1/3, hits .5, misses .5, one false alarm; term 5: a false alarm of .5; term 9: a miss.
    assert opened["pq"] == pytest.approx((1 / 3 / (0.5 + 0.25 + 0.5)) / 3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t, f: t.infos.append({"id": 0, "category_id": 5}), "has the id 0"),
        (lambda t, f: f.infos.append({"id": 4, "category_id": 5}), "has segment 4 twice"),
        (lambda t, f: f.infos.append({"id": 40, "category_id": 5}), "Segment 40 .* has no pixel in a.png"),
        (lambda t, f: f.infos.pop(), "pixels of segment 8, which the prediction of image 1 does not list"),
        (lambda t, f: f.infos[0].update(category_id=77), "category 77, which the truth does not list"),
        (lambda t, f: f.json["annotations"].clear(), "no prediction for image 1"),
        (lambda t, f: t.json["annotations"].clear(), "image 1, which the truth does not have"),
        (lambda t, f: f.json["annotations"].append(f.json["annotations"][0]), "has image 1 twice"),
        (lambda t, f: (f.folder / "a.png").write_bytes(b"GIF"), "cannot be read from a.png"),
        (lambda t, f: Side(f.folder, [4, 6, 7, 8], {}), "cannot be compared"),
        (lambda t, f: t.json["categories"].append({"id": 5, "isthing": 0}), "category id 5 occurs twice"),
        (lambda t, f: t.json.pop("categories"), "needs the list “categories”"),
    ],
)
def test_what_does_not_fit_is_named(sides: tuple[Side, Side], change: Any, sentence: str) -> None:
    change(*sides)
    with pytest.raises(BadInput, match=sentence):
        measured(sides)


def test_the_command_finds_the_pngs_beside_the_json(
    tmp_path: Path, sides: tuple[Side, Side], capsys: pytest.CaptureFixture[str]
) -> None:
    sides[0].infos[0]["area"] = 99
    for side in sides:
        side.folder.with_suffix(".json").write_text(json.dumps(side.json))
    files = [str(tmp_path / name) for name in ("t.json", "f.json")]
    assert command([*files, "--panoptic", "--per-image", str(tmp_path / "rows.csv")]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["all"]["pq"] == pytest.approx(2 / 9)
    assert "1 areas in the truth of image 1" in printed.err
    assert (tmp_path / "rows.csv").read_text().splitlines()[0] == "image,PQ,SQ,RQ,true,found"
