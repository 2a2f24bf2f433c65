"""How alike two terms are, from 0 to 1: what open-vocabulary measures charge a wrong name with."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.average_precision import Floats
from annotation_server.segmentation.rle import Ints


class BadSimilarity(ValueError):
    """The numbers given are no similarity; the sentence says which one is wrong."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """Similarity of K terms: ``matrix`` [K, K] in the order of ``terms``, ascending ids; 1 on its diagonal.

    Row and column need not agree: ``of(a, b)`` reads row a, column b. A term that is not among ``terms`` is
    like itself only. Raises BadSimilarity for a matrix that is none.
    """

    name: str
    terms: Ints
    matrix: Floats

    def __post_init__(self) -> None:
        if self.terms.ndim != 1 or self.matrix.shape != (self.terms.size, self.terms.size):
            raise BadSimilarity(
                f"A similarity of {self.terms.size} terms is a square matrix of as many rows and columns, "
                f"not one of shape {self.matrix.shape}."
            )
        if (self.terms[1:] <= self.terms[:-1]).any():
            raise BadSimilarity("Every term occurs once in a similarity, in ascending order.")
        wrong = np.argwhere(~((self.matrix >= 0) & (self.matrix <= 1)))
        if wrong.size:
            self._refuse(int(wrong[0][0]), int(wrong[0][1]), "does not lie between 0 and 1")
        unlike = np.flatnonzero(np.diagonal(self.matrix) != 1)
        if unlike.size:
            self._refuse(int(unlike[0]), int(unlike[0]), "is not 1, though a term is like itself")

    def _refuse(self, row: int, column: int, what: str) -> None:
        a, b = self.terms[row], self.terms[column]
        raise BadSimilarity(f"The similarity of the terms {a} and {b}, {self.matrix[row, column]}, {what}.")

    def of(self, a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
        """The similarity of terms ``a`` to terms ``b``, arrays of ids that broadcast."""
        left, right = np.broadcast_arrays(np.asarray(a, np.int64), np.asarray(b, np.int64))
        same = (left == right).astype(np.float64)
        if not self.terms.size:
            return same
        rows, known_rows = self._places(left)
        columns, known_columns = self._places(right)
        return np.where(known_rows & known_columns, self.matrix[rows, columns], same)

    def _places(self, terms: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        place = np.searchsorted(self.terms, terms).clip(max=self.terms.size - 1)
        return place, self.terms[place] == terms


def identity() -> Similarity:
    """Every term is like itself only: open measures become the closed ones."""
    return Similarity("identity", np.empty(0, np.int64), np.empty((0, 0)))


def given_matrix(terms: Sequence[int], matrix: npt.ArrayLike, name: str = "matrix") -> Similarity:
    """A matrix [K, K] whose rows and columns are ``terms``, in any order; raises BadSimilarity."""
    ids, values = np.array(terms, np.int64), np.array(matrix, np.float64)
    order = np.argsort(ids, kind="stable")
    if values.shape != (ids.size, ids.size):
        return Similarity(name, ids, values)
    return Similarity(name, ids[order], values[np.ix_(order, order)])


def embedding_cosine(vectors: Mapping[int, npt.ArrayLike], name: str = "embedding") -> Similarity:
    """The cosine of the terms' vectors, all of one length, what is negative being 0.

    Raises BadSimilarity for vectors of different lengths and for those without a direction.
    """
    terms = sorted(vectors)
    if not terms:
        return Similarity(name, np.empty(0, np.int64), np.empty((0, 0)))
    rows = [np.asarray(vectors[term], np.float64).ravel() for term in terms]
    if len({row.size for row in rows}) > 1:
        raise BadSimilarity("The vectors of terms are not of one length.")
    table = np.stack(rows)
    lengths = np.linalg.norm(table, axis=1)
    lost = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if lost.size:
        raise BadSimilarity(f"The vector of term {terms[lost[0]]} has no direction.")
    unit = table / lengths[:, None]
    matrix = np.clip(unit @ unit.T, 0.0, 1.0)
    np.fill_diagonal(matrix, 1.0)
    return Similarity(name, np.array(terms, np.int64), matrix)


def word_tree(parents: Mapping[int, int | None], name: str = "word_tree") -> Similarity:
    """1 / (1 + edges of the path between two terms through their parents); 0 where there is no path.

    ``parents`` gives each term's parent, None for a root. Path similarity as WordNet's (Pedersen et al. 2004,
    "WordNet::Similarity"). A parent need not be a key. Raises BadSimilarity for a term among its own parents.
    """
    terms = sorted(parents)
    above = [_ancestors(term, parents) for term in terms]
    matrix = np.eye(len(terms))
    under: dict[int, list[tuple[int, int]]] = {}
    for place, chain in enumerate(above):
        for steps, ancestor in enumerate(chain):
            under.setdefault(ancestor, []).append((place, steps))
    for members in under.values():
        places, steps = np.array(members, np.int64).T
        near = 1.0 / (1.0 + steps[:, None] + steps[None, :])
        block = np.ix_(places, places)
        matrix[block] = np.maximum(matrix[block], near)
    return Similarity(name, np.array(terms, np.int64), matrix)


def read_similarity(path: Path) -> Similarity:
    """A CSV whose first row and column are term ids, the rest their similarities; raises BadSimilarity."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.reader(file) if row]
    try:
        header = [int(cell) for cell in rows[0][1:]]
        terms = [int(row[0]) for row in rows[1:]]
        matrix = [[float(cell) for cell in row[1:]] for row in rows[1:]]
    except (ValueError, IndexError) as error:
        raise BadSimilarity(f"{path.name} is no table of term ids and numbers: {error}.") from error
    if header != terms or any(len(row) != len(header) for row in matrix):
        raise BadSimilarity(f"The rows and the columns of {path.name} are not of the same terms.")
    return given_matrix(terms, np.array(matrix).reshape(len(terms), len(terms)), path.stem)


def renumbered(similarity: Similarity, terms: Sequence[int]) -> Similarity:
    """The same similarity with the terms called 1, 2, … in the order given."""
    ids = np.array(terms, np.int64)
    matrix = similarity.of(ids[:, None], ids[None, :]) if ids.size else np.empty((0, 0))
    return Similarity(similarity.name, np.arange(1, ids.size + 1), matrix)


def unknown_note(similarity: Similarity, terms: Iterable[int]) -> list[str]:
    """A sentence on the terms that a similarity does not know; none for the identity, which needs none."""
    unknown = sorted(set(terms) - set(similarity.terms.tolist()))
    if not unknown or not similarity.terms.size:
        return []
    return [f"The similarity does not know {', '.join(map(str, unknown[:20]))}: like themselves only."]


def _ancestors(term: int, parents: Mapping[int, int | None]) -> list[int]:
    """The term, its parent, its parent's parent, …"""
    chain: list[int] = []
    at: int | None = term
    while at is not None:
        if at in chain:
            raise BadSimilarity(f"Term {at} is among its own parents.")
        chain.append(at)
        at = parents.get(at)
    return chain


def known_terms(*columns: Iterable[int]) -> list[int]:
    """The terms that occur, ascending, those without a name (0) left out."""
    return sorted({int(term) for column in columns for term in column} - {0})
