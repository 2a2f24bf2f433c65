"""Which masks look alike, and which terms they would be given."""

import numpy as np
import pytest

from annotation_server.annotation.similar import (
    LEAST_NAMED,
    NO_SUMS,
    TermSums,
    Vectors,
    scale_of,
    similar,
    suggestions,
)

GRASS, SKY, CAR = 11, 12, 13


def cloud(centre: list[float], count: int, seed: int) -> np.ndarray:
    return np.array(centre) + np.random.default_rng(seed).normal(0, 0.15, (count, len(centre)))


def sums(**clouds: np.ndarray) -> TermSums:
    terms = {"grass": GRASS, "sky": SKY, "car": CAR}
    chosen = sorted(clouds, key=lambda name: terms[name])
    return TermSums(
        np.array([terms[name] for name in chosen]),
        np.array([len(clouds[name]) for name in chosen], float),
        np.array([clouds[name].sum(0) for name in chosen]),
        sum((clouds[name] ** 2).sum(0) for name in chosen),
    )


@pytest.fixture
def meadow() -> Vectors:
    """Masks 1 to 3 are of one kind, 4 and 5 of another, 9 of a third."""
    matrix = np.concatenate([cloud([3, 0, 0], 3, 1), cloud([0, 3, 0], 2, 2), cloud([0, 0, 3], 1, 3)])
    return Vectors(np.array([1, 2, 3, 4, 5, 9]), matrix)


@pytest.fixture
def known() -> TermSums:
    return sums(grass=cloud([3, 0, 0], 40, 4), sky=cloud([0, 3, 0], 30, 5))


def test_it_works(meadow, known):
    found = similar(meadow, [1], scale_of(meadow, known))
    assert {row.number for row in found} == {2, 3}
    assert all(0.5 < row.similarity <= 1 for row in found)
    assert found == sorted(found, key=lambda row: -row.similarity)


def test_alike_to_any_of_several(meadow):
    found = similar(meadow, [1, 4], scale_of(meadow, known_nothing(meadow)))
    assert {row.number for row in found} == {2, 3, 5}


def known_nothing(vectors: Vectors) -> TermSums:
    dim = vectors.matrix.shape[1]
    return TermSums(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, dim)), np.zeros(dim))


def test_a_mask_the_model_has_not_seen_is_like_none(meadow, known):
    assert similar(meadow, [77], scale_of(meadow, known)) == []


def test_terms_are_suggested_by_their_means(meadow, known):
    found = suggestions(meadow, {}, known, scale_of(meadow, known))
    assert [terms[0].term for number, terms in sorted(found.items()) if number < 9] == [GRASS] * 3 + [SKY] * 2
    for terms in found.values():
        assert 1 <= len(terms) <= 3
        assert sum(term.share for term in terms) <= 1.0001


def test_a_name_in_the_same_image_counts(meadow, known):
    """Of cars nothing was known before mask 4 was called one: 5 looks the same."""
    found = suggestions(meadow, {4: CAR}, known, scale_of(meadow, known))
    assert 4 not in found
    assert CAR in [term.term for term in found[5]]


def test_what_looks_like_nothing_known_is_not_named(meadow):
    """Ten terms, equally far away: each would be a guess."""
    rng = np.random.default_rng(8)
    means = rng.normal(0, 1, (10, 3)) * 0.01
    far = TermSums(np.arange(20, 30), np.full(10, 5.0), means * 5, (means**2).sum(0) * 5 + 150)
    assert suggestions(meadow, {}, far, scale_of(meadow, far)) == {}


def test_few_names_suggest_nothing(meadow):
    few = sums(grass=cloud([3, 0, 0], LEAST_NAMED - 1, 4))
    assert suggestions(meadow, {}, few, scale_of(meadow, few)) == {}


def test_an_image_without_masks_has_no_suggestions():
    nothing = Vectors(np.zeros(0, np.int64), np.zeros((0, 1)))
    assert suggestions(nothing, {}, NO_SUMS, scale_of(nothing, NO_SUMS)) == {}
    assert similar(nothing, [1], scale_of(nothing, NO_SUMS)) == []
