"""Limits and rules against the worked examples of Montgomery, Introduction to Statistical Quality Control."""

import pytest

from annotation_server.quality import control_charts as charts
from annotation_server.quality.control_charts import Usual

# Example 7.1: nonconforming orange juice cans in 30 samples of 50.
CANS = [
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
]
# Example 6.5: costs of processing mortgage loans.
LOANS = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
# Table 9.1: twenty values with mean 10 and sigma 1, then ten with mean 11.
SHIFTED = [
    *(9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34),
    *(9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84),
    *(10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52),
]  # fmt: skip


def test_fractions_as_in_example_7_1():
    sizes = [50] * 30
    trial = charts._fraction(CANS, sizes)
    point = charts.fraction_chart(trial, CANS, sizes)[0]
    assert (round(trial.centre, 4), round(point.high, 4), round(point.low, 4)) == (0.2313, 0.4102, 0.0524)
    outside = [n + 1 for n, one in enumerate(charts.fraction_chart(trial, CANS, sizes)) if abs(one.score) > 3]
    assert outside == [15, 23]
    revised = charts.usual_fraction(CANS, sizes)
    point = charts.fraction_chart(revised, CANS, sizes)[0]
    assert (revised.points, revised.left_out) == (28, 2)
    assert (round(revised.centre, 4), round(point.high, 4), round(point.low, 4)) == (0.2150, 0.3893, 0.0407)


def test_limits_of_a_fraction_follow_the_size():
    few, many = charts.fraction_chart(Usual(0.9, 0.3, 25), [20, 81], [20, 90])
    assert (few.high, few.low) == (1, pytest.approx(0.9 - 3 * 0.3 / 20**0.5))
    assert many.low == pytest.approx(0.9 - 3 * 0.3 / 90**0.5)


def test_individuals_as_in_example_6_5():
    usual = charts.usual_individual([LOANS])
    assert usual.centre == 300.5
    assert round(usual.sigma * charts.MEAN_RANGE_OF_TWO, 2) == 7.79
    point = charts.individuals_chart(usual, LOANS)[0]
    assert (round(point.high, 2), round(point.low, 2)) == (321.22, 279.78)


def test_ranges_do_not_cross_from_one_series_to_the_next():
    assert charts.usual_individual([[1, 2, 1], [101, 102, 101]]).sigma == pytest.approx(1 / 1.128)
    assert charts.usual_spread([[1, 2, 1], [101, 102, 101]]).sigma > 50


def test_moving_averages_as_in_example_9_2():
    points = charts.ewma_chart(Usual(10, 1, 20), SHIFTED, weight=0.1, sigmas=2.7)
    found = [round(points[n - 1].value, 4) for n in (1, 2, 5, 20, 28, 30)]
    assert found == [9.945, 9.7495, 10.1253, 10.0108, 10.5731, 10.6341]
    assert [round(one.high, 2) for one in points[:2]] == [10.27, 10.36]
    assert round(points[-1].high, 2) == 10.62
    assert [n + 1 for n, one in enumerate(points) if one.score > 3] == [29, 30]


def test_one_far_off_value_does_not_widen_the_limits():
    steady = [10.0, 11.0] * 10
    usual = charts.usual_spread([[*steady, 40.0]])
    assert (usual.centre, usual.points, usual.left_out) == (10.5, 20, 1)


def test_rules_name_the_points_that_break_them():
    assert charts.beyond_limits([3.0, 3.1, -4]) == [False, True, False]
    assert charts.two_of_three([2.1, 0, 2.5, 0, 0, 2.2]) == [False, False, True, False, False, False]
    assert charts.long_run([1] * 9 + [-1, 1]) == [False] * 7 + [True, True, False, False]
    assert charts.failed_twice([True, False, False, False, True, False, False, False, False, True]) == [
        *([False] * 4), True, *([False] * 5),
    ]  # fmt: skip


def test_an_event_is_a_stretch_of_points():
    assert charts.events([True, True, False, True]) == [(0, 1), (3, 3)]
    assert charts.events([]) == []


def test_where_nothing_varies_any_difference_is_beyond():
    found = charts.individuals_chart(Usual(1, 0, 20), [1, 1 + 1e-15, 2, 0])
    assert [one.score for one in found] == [0, 0, float("inf"), float("-inf")]
