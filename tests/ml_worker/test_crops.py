"""Windows and sizes of the views."""

import numpy as np
import pytest

from ml_worker.crops import Window, corner_windows, crop_windows, drawn_windows, resized_size, view_windows
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


@pytest.mark.parametrize("share", [0.5, 0.6, 0.8, 0.9])
@pytest.mark.parametrize(("height", "width"), [(4, 5), (31, 64), (75, 117)])
def test_crops_of_any_share_leave_no_pixel_out(share: float, height: int, width: int) -> None:
    for layout, count in (("four", 4), ("eight", 8)):
        windows = crop_windows(height, width, layout, share)
        seen = np.zeros((height, width), int)
        for window in windows:
            seen[window.y0 : window.y1, window.x0 : window.x1] += 1
        assert len(windows) == count
        assert len({(window.height, window.width) for window in windows}) == 1
        assert seen.min() >= 1


def test_eight_windows_are_the_corners_and_the_middles_of_the_sides() -> None:
    windows = crop_windows(100, 200, "eight", 0.5)
    assert windows[:4] == corner_windows(100, 200, 0.5)
    assert [window[:2] for window in windows[4:]] == [(50, 0), (0, 25), (100, 25), (50, 50)]
    assert view_windows(100, 200, "none") == [Window(0, 0, 200, 100)]


def test_training_draws_different_fixed_crops_or_any_place() -> None:
    rng = np.random.default_rng(0)
    full, *drawn = drawn_windows(100, 200, rng, 3)
    assert full == Window(0, 0, 200, 100)
    assert len(set(drawn)) == 3 and set(drawn) <= set(corner_windows(100, 200))
    anywhere = [drawn_windows(100, 200, rng, 1, "random", 0.6)[1] for _ in range(30)]
    assert {(window.height, window.width) for window in anywhere} == {(60, 120)}
    assert len(set(anywhere)) > 20
    assert all(w.x0 >= 0 and w.x1 <= 200 and w.y0 >= 0 and w.y1 <= 100 for w in anywhere)
