"""Similarity of terms: given, from vectors, from a word tree; and what is none."""

from pathlib import Path

import numpy as np
import pytest

from annotation_server.segmentation.similarity import (
    BadSimilarity,
    embedding_cosine,
    given_matrix,
    identity,
    read_similarity,
    renumbered,
    word_tree,
)


def test_the_identity_knows_every_term_as_itself_only() -> None:
    assert identity().of([3, 3], [3, 4]).tolist() == [1.0, 0.0]


def test_a_given_matrix_is_read_by_row_and_column_in_any_order() -> None:
    alike = given_matrix([9, 2], [[1, 0.2], [0.7, 1]])
    assert alike.of([9, 2, 2, 5, 5], [2, 9, 2, 5, 9]).tolist() == [0.2, 0.7, 1.0, 1.0, 0.0]
    assert renumbered(alike, [9, 2]).of([1, 2], [2, 1]).tolist() == [0.2, 0.7]


@pytest.mark.parametrize(
    ("terms", "matrix", "sentence"),
    [
        ([1, 2], [[1, 0.5]], "square matrix"),
        ([1, 2], [[1, 1.5], [0, 1]], r"terms 1 and 2, 1.5, does not lie between 0 and 1"),
        ([1, 2], [[1, float("nan")], [0, 1]], "does not lie between"),
        ([1, 2], [[1, 0], [0, 0.9]], "terms 2 and 2, 0.9, is not 1"),
        ([1, 1], [[1, 0], [0, 1]], "occurs once"),
    ],
)
def test_what_is_no_similarity_is_refused(terms: list[int], matrix: list[list[float]], sentence: str) -> None:
    with pytest.raises(BadSimilarity, match=sentence):
        given_matrix(terms, matrix)


def test_vectors_are_compared_by_their_cosine() -> None:
    alike = embedding_cosine({4: [1, 0], 1: [1, 1], 7: [-1, 0]})
    assert alike.of([4, 4, 1], [1, 7, 1]) == pytest.approx([np.sqrt(0.5), 0.0, 1.0])
    with pytest.raises(BadSimilarity, match="term 3 has no direction"):
        embedding_cosine({1: [1, 0], 3: [0, 0]})
    with pytest.raises(BadSimilarity, match="one length"):
        embedding_cosine({1: [1, 0], 3: [1]})


def test_a_word_tree_counts_the_edges_between_terms() -> None:
    #      1 animal        9 plant
    #     2 dog  3 cat
    #    4 puppy
    alike = word_tree({1: None, 2: 1, 3: 1, 4: 2, 9: None})
    assert alike.of([2, 2, 4, 4, 9], [1, 3, 3, 4, 1]) == pytest.approx([1 / 2, 1 / 3, 1 / 4, 1, 0])
    assert word_tree({2: 1, 3: 1}).of(2, 3) == pytest.approx(1 / 3)
    with pytest.raises(BadSimilarity, match="own parents"):
        word_tree({1: 2, 2: 1})


def test_a_table_is_read_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "glove.csv"
    path.write_text(",3,5\n3,1,0.25\n5,0.5,1\n")
    assert read_similarity(path).of([3, 5], [5, 3]).tolist() == [0.25, 0.5]
    path.write_text(",3,5\n3,1,0.25\n7,0.5,1\n")
    with pytest.raises(BadSimilarity, match="not of the same terms"):
        read_similarity(path)
    path.write_text(",cat\ncat,1\n")
    with pytest.raises(BadSimilarity, match="no table of term ids"):
        read_similarity(path)
