"""The Bradley–Terry model with ties of Davidson: how strongly each of several sets is preferred. Pure.

Of two sets i and j with strengths π the first is preferred with probability π_i / (π_i + π_j + ν √(π_i π_j)),
and no difference is seen with ν √(π_i π_j) / (the same). Davidson, "On extending the Bradley-Terry model to
accommodate ties in paired comparison experiments", JASA 65 (1970). In θ = log π and η = log ν the likelihood
is that of an exponential family, hence concave; Newton's method finds its maximum.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS = 60
HALVINGS = 12
TOLERANCE = 1e-10
# A log strength beyond this one is on its way to infinity: the data do not bound it.
LARGEST = 10.0
# Votes of each outcome added to every compared pair where they do not.
PSEUDO_VOTES = 0.5
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Strengths:
    """``theta`` [k] log strengths with mean 0, ``eta`` the log of ν (-inf: no ties at all).

    ``covariance`` [k, k] of theta is by Fisher's information. Not bounded: the votes alone would have put
    a strength to infinity, and half a vote of each kind was added to every pair that was compared.
    """

    theta: Floats
    eta: float
    covariance: Floats
    is_bounded: bool

    def interval(self, i: int) -> tuple[float, float]:
        """95 % of a log strength, by Fisher's information."""
        half = Z_95 * float(np.sqrt(max(0.0, self.covariance[i, i])))
        return float(self.theta[i]) - half, float(self.theta[i]) + half

    def difference(self, i: int, j: int) -> tuple[float, float, float]:
        """θ_i − θ_j with its 95 % interval."""
        variance = self.covariance[i, i] + self.covariance[j, j] - 2 * self.covariance[i, j]
        half = Z_95 * float(np.sqrt(max(0.0, variance)))
        value = float(self.theta[i] - self.theta[j])
        return value, value - half, value + half


def fit(wins: Floats, ties: Floats) -> Strengths:
    """Strengths of k sets; ``wins`` [k, k]: times i was preferred to j, ``ties`` [k, k] symmetric.

    Raises ValueError where nothing was compared.
    """
    if not (wins.sum() + ties.sum()):
        raise ValueError("Nothing was compared.")
    beta, bounded = _fit_bounded(wins[None], ties[None])
    has_ties = bool(ties.any()) or not bounded[0]
    k = len(wins)
    counts, features = _counts(wins[None], ties[None]), _features(k)
    if not bounded[0]:
        counts = _with_pseudo_votes(counts)
    information = _information(beta, counts, features, has_ties)[0]
    covariance = np.zeros((k, k))
    covariance[1:, 1:] = np.linalg.pinv(information)[: k - 1, : k - 1]
    centre = np.eye(k) - 1 / k
    theta = np.concatenate(([0.0], beta[0, : k - 1]))
    return Strengths(
        theta - theta.mean(),
        float(beta[0, k - 1]) if has_ties else float("-inf"),
        centre @ covariance @ centre,
        bool(bounded[0]),
    )


def fit_many(wins: Floats, ties: Floats) -> Floats:
    """Log strengths [n, k] with mean 0 of n tables [n, k, k] at once, as ``fit`` finds them."""
    beta, _bounded = _fit_bounded(wins, ties)
    theta = np.concatenate((np.zeros((len(wins), 1)), beta[:, : wins.shape[1] - 1]), axis=1)
    return theta - theta.mean(axis=1, keepdims=True)


def _fit_bounded(wins: Floats, ties: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """β [n, k] (θ of all sets but the first, then η), and which tables bounded it by themselves."""
    counts, features = _counts(wins, ties), _features(wins.shape[1])
    beta = np.zeros((len(wins), wins.shape[1]))
    has_ties = counts[:, :, 2].any(axis=1)
    for kind in (True, False):
        of_kind = has_ties == kind
        if of_kind.any():
            beta[of_kind] = _newton(counts[of_kind], features, kind)
    bounded = np.abs(beta).max(axis=1) < LARGEST
    if not bounded.all():
        beta[~bounded] = _newton(_with_pseudo_votes(counts[~bounded]), features, True)
    return beta, bounded


def _counts(wins: Floats, ties: Floats) -> Floats:
    """[n, pairs, 3]: i preferred, j preferred, no difference, for i < j."""
    i, j = np.triu_indices(wins.shape[1], 1)
    return np.stack((wins[:, i, j], wins[:, j, i], ties[:, i, j]), axis=-1).astype(np.float64)


def _with_pseudo_votes(counts: Floats) -> Floats:
    return counts + PSEUDO_VOTES * (counts.sum(axis=2, keepdims=True) > 0)


def _features(k: int) -> Floats:
    """[pairs, 3, k]: what β each outcome's logit sums, without the first set's θ, which is 0."""
    i, j = np.triu_indices(k, 1)
    rows = np.arange(i.size)
    full = np.zeros((i.size, 3, k + 1))
    full[rows, 0, i] = full[rows, 1, j] = full[:, 2, k] = 1.0
    full[rows, 2, i] = full[rows, 2, j] = 0.5
    return full[:, :, 1:]


def _outcomes(beta: Floats, features: Floats, has_ties: bool) -> Floats:
    """Probabilities [n, pairs, 3]."""
    logits = np.einsum("mof,nf->nmo", features, beta)
    if not has_ties:
        logits[:, :, 2] = -np.inf
    logits -= logits.max(axis=2, keepdims=True)
    shares = np.exp(logits)
    return shares / shares.sum(axis=2, keepdims=True)


def _likelihood(beta: Floats, counts: Floats, features: Floats, has_ties: bool) -> Floats:
    with np.errstate(divide="ignore"):
        logs = np.log(_outcomes(beta, features, has_ties))
    return (counts * np.where(counts > 0, logs, 0.0)).sum(axis=(1, 2))


def _information(beta: Floats, counts: Floats, features: Floats, has_ties: bool) -> Floats:
    """Fisher's information [n, k, k] of β; a direction that nothing informs gets a little."""
    shares = _outcomes(beta, features, has_ties)
    mean = np.einsum("nmo,mof->nmf", shares, features)
    square = np.einsum("nmo,mof,mog->nmfg", shares, features, features)
    spread = square - mean[..., :, None] * mean[..., None, :]
    found = np.einsum("nm,nmfg->nfg", counts.sum(axis=2), spread)
    return found + 1e-12 * np.eye(found.shape[-1])


def _newton(counts: Floats, features: Floats, has_ties: bool) -> Floats:
    beta = np.zeros((len(counts), features.shape[2]))
    total = counts.sum(axis=2)
    now = _likelihood(beta, counts, features, has_ties)
    for _step in range(STEPS):
        expected = _outcomes(beta, features, has_ties) * total[:, :, None]
        gradient = np.einsum("nmo,mof->nf", counts - expected, features)
        if np.abs(gradient).max() < TOLERANCE * max(1.0, float(total.max())):
            break
        information = _information(beta, counts, features, has_ties)
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        for _halving in range(HALVINGS):
            after = _likelihood(beta + step, counts, features, has_ties)
            worse = after < now - 1e-12 * np.abs(now)
            if not worse.any():
                break
            step[worse] *= 0.5
        beta = np.clip(beta + step, -3 * LARGEST, 3 * LARGEST)
        now = _likelihood(beta, counts, features, has_ties)
    return beta
