"""Windows and sizes of the views."""

import pytest

from ml_worker.crops import corner_windows, resized_size
from tests.ml_worker.golden import read_json


def test_windows_and_sizes_are_the_published_ones() -> None:
    for case in read_json("crops.json"):
        height, width = case["hw"]
        if "error" in case:
            with pytest.raises(ValueError, match="too small"):
                corner_windows(height, width)
            continue
        windows = corner_windows(height, width)
        assert [list(window) for window in windows] == case["crops_xyxy"], case["hw"]
        assert list(resized_size(height, width, 800, 1333)) == case["full_resized_800_1333"]
        first = windows[0]
        assert list(resized_size(first.height, first.width, 800, 1333)) == case["crop_resized_800_1333"]


@pytest.mark.parametrize(("height", "width"), [(4, 4), (5, 300), (12_000, 9_000), (7, 7)])
def test_four_windows_of_one_size_lie_inside_and_touch_the_corners(height: int, width: int) -> None:
    windows = corner_windows(height, width)
    assert {(window.height, window.width) for window in windows} == {(int(0.7 * height), int(0.7 * width))}
    assert all(0 <= w.x0 < w.x1 <= width and 0 <= w.y0 < w.y1 <= height for w in windows)
    assert windows[0][:2] == (0, 0)


def test_an_image_without_room_for_four_windows_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        corner_windows(3, 500)
