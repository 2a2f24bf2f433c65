"""One number for how far two label maps agree."""

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.agreement import agreement, agreement_figures, compare_people
from annotation_server.segmentation.tiled_map import TiledMap, pack_map, void_map
from tests.ml_worker.golden import data_folder

TIE_BREAKS = {"const": "number", "area_desc": "largest", "area_asc": "smallest"}


def halves(at: int, *, left: int = 1, right: int = 2) -> np.ndarray:
    """Uint16 [10, 10]: one entity left of column ``at``, another right of it."""
    label_map = np.full((10, 10), right, np.uint16)
    label_map[:, :at] = left
    return label_map


def test_it_works():
    assert agreement(pack_map(halves(5)), pack_map(halves(5, left=7, right=3))) == 1.0


def test_a_moved_border_costs_what_it_moves():
    a, b = pack_map(halves(5)), pack_map(halves(6))
    expected = (50 / 60 + 40 / 50) / 2
    assert agreement(a, b) == pytest.approx(expected)
    assert agreement(b, a) == pytest.approx(expected)


def test_a_split_entity_counts_against_both():
    split = halves(5)
    split[:6, :5] = 9
    # Left: IoU 30/50 with its larger part; right: 1; entities 2 and 3.
    assert agreement(pack_map(halves(5)), pack_map(split)) == pytest.approx((0.6 + 1) / 2.5)


def test_empty_maps():
    assert agreement(void_map(10, 10), void_map(10, 10)) == 1.0
    assert agreement(void_map(10, 10), pack_map(halves(5))) == 0.0


def test_maps_of_two_images_cannot_agree():
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement(void_map(10, 10), void_map(10, 11))


@pytest.fixture(scope="module")
def people() -> dict[str, Any]:
    """The maps and reference figures of BSDS500: 4 to 9 people per image."""
    file = data_folder() / "bsds500" / "agreement.json"
    if not file.is_file():
        pytest.skip(
            f"No maps of several people in {file.parent}: set TESSERA_DATA to the shared data folder."
        )
    return json.loads(file.read_text())


def person(image: str, number: int) -> TiledMap:
    """One person's map of one image."""
    path = data_folder() / "bsds500" / "labels" / f"{image}_a{number}.png"
    return pack_map(np.array(Image.open(path)).astype(np.uint16))


def test_pairs_of_people_have_the_figures_of_the_reference(people: dict[str, Any]) -> None:
    for row in people["pairs"][::130]:
        one = compare_people(person(row["image"], row["gt_ann"]), person(row["image"], row["pred_ann"]))
        for name, order in TIE_BREAKS.items():
            ours = agreement_figures([one], order)
            expected = pytest.approx(row[f"AP_{name}"], abs=5.1e-5)
            assert ours["pooled"]["AP"] == ours["per_image"]["AP"] == expected
        free = {f"f1_{name}": value for name, value in ours["f1"].items()}
        free |= {name: ours[name] for name in ("pq", "covering", "mbest")}
        assert free == {name: pytest.approx(row[name], abs=5.1e-5) for name in free}


def test_pooled_figures_rank_the_masks_of_all_images_together() -> None:
    same, other = pack_map(halves(7)), pack_map(halves(5))
    images = [compare_people(same, same, image=1), compare_people(other, pack_map(halves(9)), image=2)]
    # Ranked by area: 90 px (IoU 5 / 9), 70 and 30 px (hits), 10 px (IoU 1 / 5).
    largest = agreement_figures(images)
    assert largest["tie_break"] == "largest"
    assert largest["pooled"]["AP50"] == pytest.approx(76 / 101)
    assert largest["pooled"]["AP75"] == pytest.approx(51 / 101 * 2 / 3)
    assert largest["per_image"]["AP75"] == pytest.approx(0.5)
    assert agreement_figures(images, "smallest")["pooled"]["AP75"] == pytest.approx(51 / 101 * 2 / 3)
    assert largest["pq"] == pytest.approx((1 + 5 / 9 / 2) / 2)


def test_nobody_agrees_on_nothing() -> None:
    nothing = agreement_figures([compare_people(void_map(4, 4), void_map(4, 4))])
    assert (nothing["pooled"]["AP"], nothing["pq"], nothing["f1"]["50"]) == (None, None, None)
    assert agreement_figures([])["images"] == 0
