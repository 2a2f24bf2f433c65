"""Ranking of terms, and names that are nearly the same."""

import json

import pytest

from annotation_server.vocabulary.near import edit_distance, how_near, singular
from annotation_server.vocabulary.search import (
    ALIAS,
    EXACT,
    EXACT_ALIAS,
    HYPERNYM,
    INFIX,
    PREFIX,
    SUBSEQUENCE,
    WORD,
    Candidate,
    match,
    ranked,
    spelled,
)
from tests.vocabulary.golden_search import GOLDEN, as_lines, golden_files


@pytest.mark.parametrize(
    ("query", "name", "aliases", "parent", "score", "alias"),
    [
        ("tree", "tree", [], "", EXACT, ""),
        ("automobile", "car", ["Automobile"], "", EXACT_ALIAS, "Automobile"),
        ("tre", "tree", ["tre"], "tree", EXACT_ALIAS, "tre"),
        ("tre", "tree", [], "tree", PREFIX, ""),
        ("tree", "palm tree", [], "", WORD, ""),
        ("auto", "car", ["automobile"], "", ALIAS, "automobile"),
        ("veh", "car", [], "vehicle", HYPERNYM, ""),
        ("light", "street light", ["lamp"], "", WORD, ""),
        ("ree", "tree", [], "", INFIX, ""),
        ("mobile", "car", ["automobile"], "", INFIX, "automobile"),
        ("bdg", "building", [], "", SUBSEQUENCE, ""),
        ("bg", "building", [], "", 0, ""),
        ("tree", "building", ["house"], "", 0, ""),
        ("", "building", [], "", 0, ""),
    ],
)
def test_it_works(query, name, aliases, parent, score, alias):
    assert match(query, spelled(Candidate(1, name, aliases, 0, parent))) == (score, alias)


def test_better_matches_come_first_and_uses_break_ties():
    candidates = [
        Candidate(1, "street tree", [], 0),
        Candidate(2, "tree", [], 0),
        Candidate(3, "tree_other", [], 0),
        Candidate(4, "tree house", [], 30),
        Candidate(5, "oak", ["tree of oak"], 1000),
        Candidate(6, "birch", [], 10**8, "tree"),
    ]
    assert ranked("TREE ", candidates) == [2, 4, 3, 1, 5, 6]


def test_nothing_matches_nothing():
    assert ranked("zebra", [Candidate(1, "tree", [], 3)]) == []


def test_the_golden_files_say_what_the_code_says():
    for name, cases in golden_files().items():
        written = (GOLDEN / name).read_text(encoding="utf-8")
        assert as_lines(cases) == written, name
        assert json.loads(written)


PLURALS = (
    "trees tree, street_lights street_light, buses bus, cities city, people person, grass grass, boxes box"
)
PLURALS += ", houses house, glasses glass, bus bus, gas gas, horses horse, churches church, leaves leaf"


@pytest.mark.parametrize(("plural", "one"), [pair.split() for pair in PLURALS.split(", ")])
def test_plurals_and_singulars_meet(plural, one):
    assert singular(plural) == singular(one)


def test_two_swapped_letters_are_one_error():
    assert [edit_distance("brcik", "brick"), edit_distance("", "abc"), edit_distance("tree", "tree")] == [
        1,
        3,
        0,
    ]


def test_short_words_that_differ_are_different_words():
    assert how_near("boat", "coat") is None
    assert how_near("cat", "car") is None
