import numpy as np
import pytest
from scipy.optimize import minimize

from annotation_server.surveys.bradley_terry import fit, fit_many


def two(first: float, second: float, ties: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[0, first], [second, 0.0]]), np.array([[0, ties], [ties, 0.0]])


def several(sets: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    wins = chance.integers(1, 20, (sets, sets)).astype(float)
    np.fill_diagonal(wins, 0)
    ties = np.triu(chance.integers(0, 9, (sets, sets)), 1).astype(float)
    return wins, ties + ties.T


def negative_log_likelihood(beta: np.ndarray, wins: np.ndarray, ties: np.ndarray) -> float:
    """Davidson's model as it is written down, pair by pair."""
    strengths, nu = np.exp(np.concatenate(([0.0], beta[:-1]))), np.exp(beta[-1])
    total = 0.0
    for i in range(len(wins)):
        for j in range(i + 1, len(wins)):
            tie = nu * np.sqrt(strengths[i] * strengths[j])
            whole = strengths[i] + strengths[j] + tie
            total -= wins[i, j] * np.log(strengths[i] / whole) + wins[j, i] * np.log(strengths[j] / whole)
            total -= ties[i, j] * np.log(tie / whole)
    return total


def test_two_sets_have_a_closed_form():
    model = fit(*two(30, 12, 8))
    assert model.theta == pytest.approx([np.log(30 / 12) / 2, -np.log(30 / 12) / 2], abs=1e-8)
    assert model.eta == pytest.approx(np.log(8 / np.sqrt(30 * 12)), abs=1e-8)
    difference, low, high = model.difference(0, 1)
    assert (difference - low, high - difference) == pytest.approx([1.959964 * np.sqrt(1 / 30 + 1 / 12)] * 2)
    assert model.is_bounded


@pytest.mark.parametrize(("sets", "seed"), [(3, 0), (5, 1)])
def test_several_sets_are_where_another_optimiser_puts_them(sets, seed):
    wins, ties = several(sets, seed)
    found = minimize(negative_log_likelihood, np.zeros(sets), args=(wins, ties), method="BFGS", tol=1e-12)
    theta = np.concatenate(([0.0], found.x[:-1]))
    model = fit(wins, ties)
    assert model.theta == pytest.approx(theta - theta.mean(), abs=1e-5)
    assert model.eta == pytest.approx(found.x[-1], abs=1e-5)


def test_without_ties_it_is_bradley_and_terrys_own():
    model = fit(*two(5, 3, 0))
    assert model.difference(0, 1)[0] == pytest.approx(np.log(5 / 3))
    assert model.eta == float("-inf") and model.is_bounded


@pytest.mark.parametrize(("votes", "sign"), [((5, 0, 0), 1), ((0, 4, 2), -1), ((0, 0, 6), 0)])
def test_what_the_votes_do_not_bound_stays_finite_and_is_told(votes, sign):
    model = fit(*two(*votes))
    assert not model.is_bounded
    assert np.isfinite(model.theta).all() and np.isfinite(model.covariance).all()
    assert np.sign(round(model.theta[0], 6)) == sign


def test_many_tables_at_once_are_what_each_is_alone():
    tables = [several(4, seed) for seed in range(6)] + [(np.triu(np.ones((4, 4)), 1), np.zeros((4, 4)))]
    wins, ties = (np.stack(part) for part in zip(*tables, strict=True))
    assert fit_many(wins, ties) == pytest.approx(np.stack([fit(*table).theta for table in tables]), abs=1e-7)


def test_nothing_compared_is_refused():
    with pytest.raises(ValueError, match="Nothing was compared"):
        fit(np.zeros((2, 2)), np.zeros((2, 2)))
