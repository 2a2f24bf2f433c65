from math import nan

import pytest

from annotation_server.surveys.krippendorff import alpha, same_share

# The example of "Computing Krippendorff's Alpha-Reliability" (2011): four observers, twelve units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
]
UNITS = [[value for value in unit if value == value] for unit in zip(*OBSERVERS, strict=True)]


@pytest.mark.parametrize(("metric", "expected"), [("nominal", 0.743), ("interval", 0.849)])
def test_it_gives_the_published_values(metric, expected):
    assert alpha(UNITS, metric) == pytest.approx(expected, abs=5e-4)


def test_agreement_in_everything_is_one():
    assert alpha([[3, 3], [7, 7, 7]], "interval") == 1.0


@pytest.mark.parametrize("units", [[], [[1]], [[1], [2]], [[4, 4], [4, 4]]])
def test_nothing_to_compare_is_none(units):
    assert alpha(units, "nominal") is None


def test_pairs_of_people_who_say_the_same_are_counted():
    assert same_share([[1, 1, 2], [3, 3]]) == 0.5
    assert same_share([[1], []]) is None
