import pytest

from annotation_server.releases.statistics import Statistics
from annotation_server.segmentation.shape import Shape


def test_it_works():
    statistics = Statistics()
    square = Shape(area=50, hull_area=50, perimeter=40)
    notched = Shape(area=25, hull_area=50, perimeter=80)
    statistics.add(10, 10, {1: square, 2: notched}, split="train", source="", terms=["tree", "car"])
    statistics.add(40, 10, {1: square}, split="val", source="street", terms=["tree"])

    summary = statistics.summary()

    assert (summary["images"], summary["masks"]) == (2, 3)
    assert summary["image_resolution"] == 15
    assert (summary["entities_mean"], summary["entities_max"]) == (1.5, 2)
    assert summary["convexity"] == pytest.approx((1 + 0.5 + 1) / 3, abs=1e-6)
    assert summary["simplicity"] == pytest.approx((square.simplicity * 2 + notched.simplicity) / 3, abs=1e-6)
    assert summary["valid_area"] == pytest.approx((0.75 + 0.125) / 2)
    assert summary["splits"] == {"train": 1, "val": 1}
    assert summary["terms"] == [["tree", 2], ["car", 1]]
    assert sum(summary["entities_histogram"]["counts"]) == 2


def test_the_public_datasets_stand_beside():
    published = Statistics().summary()["published"]
    assert published["EntitySeg"]["entities_mean"] == 18.1
    assert published["COCO"]["valid_area"] == 0.891
    assert published["ADE20K"]["convexity"] == 0.802


def test_nothing_has_figures_too():
    summary = Statistics().summary()
    assert (summary["images"], summary["entities_max"], summary["convexity"]) == (0, 0, 0)
