"""Ranking of terms by what someone has typed so far, pure; `suggestions.js` is the twin of this."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from annotation_server.vocabulary.models import normalised

EXACT, EXACT_ALIAS, PREFIX, WORD, ALIAS, HYPERNYM, INFIX, SUBSEQUENCE = 700, 650, 600, 500, 400, 300, 200, 100
SHORTEST_SUBSEQUENCE = 3


@dataclass(frozen=True)
class Candidate:
    """A term as the search sees it; ``uses`` counts the masks that bear it."""

    id: int
    name: str
    aliases: Sequence[str]
    uses: int
    parent: str = ""


class Match(NamedTuple):
    """How well something typed fits a term, and which alias fitted if it was not the name."""

    score: int
    alias: str = ""


NO_MATCH = Match(0)


class Spelled(NamedTuple):
    """A candidate in its normal spelling; aliases as (normal, as written)."""

    id: int
    name: str
    aliases: Sequence[tuple[str, str]]
    uses: int
    parent: str = ""


def ranked(typed: str, candidates: Iterable[Candidate]) -> list[int]:
    """Ids of the terms that match, best first; ties go to the shorter, then the earlier name.

    exact > prefix > start of a word > alias > hypernym > inside > letters in order, plus log2 of the uses.
    Nothing typed matches everything.
    """
    return ranked_spelled(normalised(typed), map(spelled, candidates))


def spelled(candidate: Candidate) -> Spelled:
    """A candidate in its normal spelling."""
    return Spelled(
        candidate.id,
        normalised(candidate.name),
        [(normalised(alias), alias) for alias in candidate.aliases],
        candidate.uses,
        normalised(candidate.parent),
    )


def ranked_spelled(query: str, candidates: Iterable[Spelled]) -> list[int]:
    """The same, of a normalised query and candidates in their normal spelling."""
    scored = []
    for candidate in candidates:
        found = match(query, candidate)
        if found.score or not query:
            name = candidate.name
            scored.append((-found.score - math.log2(1 + candidate.uses), len(name), name, candidate.id))
    return [row[-1] for row in sorted(scored)]


def match(query: str, candidate: Spelled) -> Match:
    """How well a normalised query fits."""
    if not query:
        return NO_MATCH
    _, name, aliases, _, parent = candidate
    if name == query:
        return Match(EXACT)
    for other, alias in aliases:
        if other == query:
            return Match(EXACT_ALIAS, alias)
    if name.startswith(query):
        return Match(PREFIX)
    if f" {query}" in name:
        return Match(WORD)
    for other, alias in aliases:
        if begins_a_word(query, other):
            return Match(ALIAS, alias)
    if begins_a_word(query, parent):
        return Match(HYPERNYM)
    if query in name:
        return Match(INFIX)
    for other, alias in aliases:
        if query in other:
            return Match(INFIX, alias)
    if len(query) >= SHORTEST_SUBSEQUENCE and _is_subsequence(query, name):
        return Match(SUBSEQUENCE)
    return NO_MATCH


def begins_a_word(query: str, name: str) -> bool:
    """Whether one of a name's words begins with the query."""
    return name.startswith(query) or f" {query}" in name


def _is_subsequence(query: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)
