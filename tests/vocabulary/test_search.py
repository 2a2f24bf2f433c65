"""Ranking of terms."""

import pytest

from annotation_server.vocabulary.search import (
    ALIAS,
    EXACT,
    INFIX,
    PREFIX,
    SUBSEQUENCE,
    WORD,
    Candidate,
    match,
    ranked,
)


@pytest.mark.parametrize(
    ("query", "name", "aliases", "score"),
    [
        ("tree", "tree", [], EXACT),
        ("tre", "tree", [], PREFIX),
        ("tree", "palm tree", [], WORD),
        ("auto", "car", ["automobile"], ALIAS),
        ("light", "street light", ["lamp"], WORD),
        ("ree", "tree", [], INFIX),
        ("mobile", "car", ["automobile"], INFIX),
        ("bdg", "building", [], SUBSEQUENCE),
        ("tree", "building", ["house"], 0),
    ],
)
def test_it_works(query, name, aliases, score):
    assert match(query, name, aliases) == score


def test_better_matches_come_first_and_uses_break_ties():
    candidates = [
        Candidate(1, "street tree", [], 0),
        Candidate(2, "tree", [], 0),
        Candidate(3, "tree_other", [], 0),
        Candidate(4, "tree house", [], 30),
        Candidate(5, "oak", ["tree of oak"], 1000),
    ]
    assert ranked("TREE ", candidates) == [2, 4, 3, 1, 5]


def test_nothing_matches_nothing():
    assert ranked("zebra", [Candidate(1, "tree", [], 3)]) == []
