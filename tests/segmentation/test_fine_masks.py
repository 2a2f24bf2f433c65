"""Measures of fine masks: by hand, by slow loops over pixels, and every refusal of a folder."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation_server.segmentation.alignment_measures import e_measures, s_measure
from annotation_server.segmentation.contours import borders, corners
from annotation_server.segmentation.correction_effort import correction_effort
from annotation_server.segmentation.f_measures import f_measures, weighted_f_measure
from annotation_server.segmentation.fine_masks import BadFolders, compare_folders, fine_figures, main


def square(y: int, x: int, side: int, size: int = 48) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[y : y + side, x : x + side] = True
    return mask


def test_a_perfect_mask_has_perfect_figures() -> None:
    truth = square(10, 10, 20)
    figures = fine_figures(truth, truth.astype(float))
    assert (figures.f.max(), figures.mae, figures.hce) == (pytest.approx(1.0), 0.0, 0)
    assert figures.weighted_f == pytest.approx(1.0)
    assert figures.s == pytest.approx(1.0)
    assert figures.e[0] == pytest.approx(1.0, abs=1e-3)


def test_f_is_that_of_each_threshold() -> None:
    truth = np.array([[True, True, False, False]])
    f = f_measures(truth, np.array([[1.0, 0.4, 0.6, 0.0]]))
    # Above .6: one of one, recall .5; from .6 down to .4: one of two; below: two of three.
    assert f[0] == pytest.approx(1.3 * 0.5 / (0.3 + 0.5))
    assert f[255 - 120] == pytest.approx(0.5)
    assert f[255 - 100] == pytest.approx(1.3 * (2 / 3) / (0.2 + 1))


def test_weighted_f_is_that_of_its_definition() -> None:
    truth, found = np.zeros((9, 11), bool), np.random.default_rng(4).random((9, 11))
    truth[1, 2] = truth[6, 10] = True  # no pixel is equally far from both
    window = np.exp(-np.add.outer(np.arange(-3, 4) ** 2, np.arange(-3, 4) ** 2) / 50)
    window /= window.sum()
    places = [tuple(place) for place in np.argwhere(truth)]
    carried, distance = np.zeros((2, 9, 11))
    error = abs(found - truth)
    for y in range(9):
        for x in range(11):
            away = [np.hypot(y - v, x - u) for v, u in places]
            distance[y, x] = min(away)
            carried[y, x] = error[places[int(np.argmin(away))]]
    padded = np.pad(carried, 3)
    right = wrong = 0.0
    for y in range(9):
        for x in range(11):
            smooth = float((padded[y : y + 7, x : x + 7] * window).sum())
            if truth[y, x]:
                right += min(error[y, x], smooth)
            else:
                wrong += error[y, x] * (2 - 0.5 ** (distance[y, x] / 5))
    hits = truth.sum() - right
    recall, precision = hits / truth.sum(), hits / (hits + wrong)
    # Of true pixels equally near to a false one either may lend it its error: hence not to the last digit.
    assert weighted_f_measure(truth, found) == pytest.approx(
        2 * recall * precision / (recall + precision), rel=0.02
    )
    assert weighted_f_measure(np.zeros((3, 3), bool), np.ones((3, 3))) == 0.0


def test_alignment_is_the_mean_over_pixels() -> None:
    random = np.random.default_rng(2)
    truth, found = random.random((8, 9)) < 0.4, random.random((8, 9))
    e = e_measures(truth, found)
    for threshold in (40, 128, 250):
        binary = (found * 255).astype(np.uint8) >= threshold
        g, p = truth - truth.mean(), binary - binary.mean()
        expected = ((1 + 2 * g * p / (g**2 + p**2)) ** 2 / 4).sum() / (truth.size - 1)
        assert e[255 - threshold] == pytest.approx(expected)
    nothing = np.zeros((2, 3), bool)
    assert e_measures(nothing, np.zeros((2, 3)))[0] == pytest.approx(6 / 5)
    assert e_measures(~nothing, np.ones((2, 3)))[0] == pytest.approx(6 / 5)


def test_structure_of_a_uniform_guess_is_that_of_its_objects() -> None:
    truth = square(0, 0, 4, 8)
    # Objects: 2 · .5 / (.5² + 1) = .8 inside and outside. Regions are cut after row and column 2: nothing
    # varies in the first, 3 × 3 px of truth, which makes it alike; the others have no covariance.
    assert s_measure(truth, np.full((8, 8), 0.5)) == pytest.approx(0.5 * 0.8 + 0.5 * 9 / 64)
    assert s_measure(truth, truth.astype(float)) == pytest.approx(1.0)
    assert s_measure(np.zeros((2, 2), bool), np.full((2, 2), 0.25)) == 0.75
    assert s_measure(np.ones((2, 2), bool), np.full((2, 2), 0.25)) == 0.25


def test_what_is_wrong_as_a_whole_takes_one_click() -> None:
    truth = square(4, 4, 16)
    assert correction_effort(truth, truth | square(28, 28, 14)) == 1
    hole = truth & ~square(9, 9, 7)
    assert correction_effort(hole, truth) >= correction_effort(truth, truth) == 0


def test_a_thin_rim_is_forgiven_and_a_deep_notch_is_not() -> None:
    truth = square(10, 10, 24)
    assert correction_effort(truth, square(9, 9, 26)) == 0
    notched = truth & ~square(10, 16, 12)
    assert correction_effort(truth, notched) > 1
    assert correction_effort(truth, notched, relaxed=40) <= correction_effort(truth, notched)
    with pytest.raises(ValueError, match="cannot be compared"):
        correction_effort(truth, truth[1:])


def test_borders_go_once_round_outside_and_once_round_every_hole() -> None:
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    outer, hole = borders(ring)
    assert sorted(outer) == sorted(map(tuple, np.argwhere(ring).tolist()))
    assert sorted(hole) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    line = np.zeros((3, 5), bool)
    line[1, 1:4] = True
    assert borders(line) == [[(1, 1), (1, 2), (1, 3), (1, 2)]]
    assert borders(square(1, 1, 1, 3)) == [[(1, 1)]]
    assert borders(np.zeros((2, 2), bool)) == []


def test_corners_are_what_a_line_cannot_do_without() -> None:
    straight = [(0, x) for x in range(9)]
    assert (corners(straight, 1.0), corners(straight[:1], 1.0)) == (2, 1)
    assert corners([*straight, *((y, 8) for y in range(1, 9))], 1.0) == 3
    wiggle = [(x % 2, x) for x in range(9)]
    assert (corners(wiggle, 2.0), corners(wiggle, 0.1)) == (2, 9)
    assert corners([(0, 0), (0, 4), (0, 0)], 1.0) == 3


@pytest.mark.parametrize("found", [np.zeros((4, 5)), np.full((48, 48), 1.5), np.full((48, 48), np.nan)])
def test_what_is_no_prediction_is_refused(found: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"do not fit|between 0 and 1"):
        fine_figures(square(1, 1, 5), found)


def save(folder: Path, **masks: np.ndarray) -> Path:
    folder.mkdir()
    for name, mask in masks.items():
        Image.fromarray((mask * 255).astype(np.uint8)).save(folder / f"{name}.png")
    return folder


def test_two_folders_give_a_report_and_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, other = square(4, 4, 16), square(20, 20, 20)
    folders = [
        str(save(tmp_path / "truth", a=truth, b=other)),
        str(save(tmp_path / "found", a=truth, b=other | square(2, 2, 12))),
    ]
    assert main(folders) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["images"] == 2
    assert [row["hce"] for row in report["rows"]] == [0, 1]
    assert report["figures"]["mae"] == pytest.approx(144 / 48**2 / 2)
    assert main([*folders, "--table"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("mean of 2")


def test_every_file_that_does_not_fit_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = square(4, 4, 16)
    truth = save(tmp_path / "truth", a=one, b=one, d=one)
    found = save(tmp_path / "found", a=one[1:], c=one, d=one)
    (found / "d.png").write_bytes(b"GIF89a")
    with pytest.raises(BadFolders) as refused:
        compare_folders(truth, found)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "There is no prediction b.png.",
        "There is no truth for the prediction c.png.",
        "a.png",
        "d.png",
    ]
    assert main([str(truth), str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err
