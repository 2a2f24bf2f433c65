"""Which masks look alike to the model, and which terms it would give them. Pure: vectors in, numbers out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Chosen on photographs with named masks, benchmarks/naming.py: how far a term's mean is drawn to the mean of
# all, what a distance says against a term, and what a name in the same image says for it.
SHRINKAGE = 8.0
EVIDENCE = 4.0
SAME_IMAGE = 10.0
# Below this share the best guess is no better than the commonest term: then nothing is suggested.
LEAST_SHARE = 0.3
LEAST_SHARE_OF_OTHERS = 0.05
MOST_SUGGESTED = 3
LEAST_NAMED = 5
LEAST_SIMILARITY = 0.5


@dataclass(frozen=True)
class Vectors:
    """``matrix`` [N, D] are the vectors of the masks ``numbers`` (ascending)."""

    numbers: npt.NDArray[np.int64]
    matrix: Floats

    def of(self, wanted: Collection[int]) -> "Vectors":
        """Those of the numbers wanted that there are."""
        chosen = np.isin(self.numbers, list(wanted))
        return Vectors(self.numbers[chosen], self.matrix[chosen])


@dataclass(frozen=True)
class TermSums:
    """What all named masks of a project add up to.

    ``terms`` [T] (ascending), ``counts`` [T], ``totals`` [T, D], ``squares`` [D].
    """

    terms: npt.NDArray[np.int64]
    counts: Floats
    totals: Floats
    squares: Floats


NO_SUMS = TermSums(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 1)), np.zeros(1))


class Similar(NamedTuple):
    """Another mask and how much alike it is, 0 to 1."""

    number: int
    similarity: float


class Suggested(NamedTuple):
    """A term and its share of all the chances, 0 to 1."""

    term: int
    share: float


@dataclass(frozen=True)
class Scale:
    """Where vectors lie and how far apart: mean [D] and spread [D]."""

    mean: Floats
    spread: Floats

    def standardised(self, matrix: Floats) -> Floats:
        return (matrix - self.mean) / self.spread


def scale_of(vectors: Vectors, sums: TermSums) -> Scale:
    """The scale of everything known: the project's named masks and this image's masks."""
    count = max(1.0, float(sums.counts.sum()) + len(vectors.matrix))
    mean = (sums.totals.sum(0) + vectors.matrix.sum(0)) / count
    variance = (sums.squares + (vectors.matrix**2).sum(0)) / count - mean**2
    return Scale(mean, np.sqrt(np.maximum(variance, 0)) + 1e-6)


def similar(vectors: Vectors, to: Collection[int], scale: Scale) -> list[Similar]:
    """The other masks, most alike to any of ``to`` first; unlike ones are left out."""
    known = scale.standardised(vectors.of(to).matrix)
    if not len(known):
        return []
    apart = _squared_distances(scale.standardised(vectors.matrix), known).min(1)
    likeness = np.exp(-apart / 2)
    order = np.argsort(-likeness, kind="stable")
    return [
        Similar(int(vectors.numbers[i]), round(float(likeness[i]), 4))
        for i in order
        if likeness[i] >= LEAST_SIMILARITY and int(vectors.numbers[i]) not in to
    ]


def suggestions(
    vectors: Vectors, named: Mapping[int, int], sums: TermSums, scale: Scale
) -> dict[int, list[Suggested]]:
    """Up to three terms for each mask that is not ``named`` (number → term); nothing for guesses.

    A term is likelier the more masks bear it, the nearer its mean is, and if a mask like this one bears it in
    the same image.
    """
    asked = vectors.of(set(vectors.numbers.tolist()) - named.keys())
    terms = np.union1d(sums.terms, np.array(sorted(set(named.values())), np.int64))
    if not len(asked.numbers) or not len(terms) or sums.counts.sum() + len(named) < LEAST_NAMED:
        return {}
    matrix = scale.standardised(asked.matrix)
    chances = np.logaddexp(
        _by_terms(matrix, terms, sums, scale), _by_this_image(matrix, terms, vectors, named, sums, scale)
    )
    chances -= chances.max(1, keepdims=True)
    shares = np.exp(chances)
    shares /= shares.sum(1, keepdims=True)
    found = {int(n): _best(terms, row) for n, row in zip(asked.numbers, shares, strict=True)}
    return {number: best for number, best in found.items() if best}


def _by_terms(matrix: Floats, terms: npt.NDArray[np.int64], sums: TermSums, scale: Scale) -> Floats:
    """Log chances [N, T] by the terms' means over the project; a term without masks has none."""
    chances = np.full((len(matrix), len(terms)), -np.inf)
    if len(sums.terms):
        counts = sums.counts[:, None]
        means = (sums.totals - counts * scale.mean) / scale.spread / (counts + SHRINKAGE)
        chances[:, np.searchsorted(terms, sums.terms)] = np.log(sums.counts) - EVIDENCE * _squared_distances(
            matrix, means
        )
    return chances


def _by_this_image(
    matrix: Floats,
    terms: npt.NDArray[np.int64],
    vectors: Vectors,
    named: Mapping[int, int],
    sums: TermSums,
    scale: Scale,
) -> Floats:
    """Log chances [N, T] by the nearest mask of this image that bears each term."""
    chances = np.full((len(matrix), len(terms)), -np.inf)
    known = vectors.of(named.keys())
    if not len(known.numbers):
        return chances
    weight = np.log(SAME_IMAGE * max(1.0, (sums.counts.sum() + len(named)) / len(terms)))
    near = weight - EVIDENCE * _squared_distances(matrix, scale.standardised(known.matrix))
    places = np.searchsorted(terms, [named[int(number)] for number in known.numbers])
    for column, place in enumerate(places):
        chances[:, place] = np.maximum(chances[:, place], near[:, column])
    return chances


def _best(terms: npt.NDArray[np.int64], shares: Floats) -> list[Suggested]:
    order = np.argsort(-shares, kind="stable")[:MOST_SUGGESTED]
    if shares[order[0]] < LEAST_SHARE:
        return []
    return [
        Suggested(int(terms[i]), round(float(shares[i]), 4))
        for i in order
        if shares[i] >= LEAST_SHARE_OF_OTHERS
    ]


def _squared_distances(a: Floats, b: Floats) -> Floats:
    """Mean squared difference [N, M] of the rows of a [N, D] and b [M, D]."""
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.maximum(squares, 0) / a.shape[1]
