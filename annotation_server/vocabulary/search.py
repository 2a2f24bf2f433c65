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


def ranked(typed: str, candidates: Iterable[Candidate]) -> list[int]:
    """Ids of the terms that match, best first; ties go to the shorter, then the earlier name.

    exact > prefix > start of a word > alias > hypernym > inside > letters in order, plus log2 of the uses.
    Nothing typed matches everything.
    """
    query = normalised(typed)
    scored = []
    for candidate in candidates:
        name = normalised(candidate.name)
        found = match(query, name, candidate.aliases, normalised(candidate.parent))
        if found.score or not query:
            scored.append((-found.score - math.log2(1 + candidate.uses), len(name), name, candidate.id))
    return [row[-1] for row in sorted(scored)]


def match(query: str, name: str, aliases: Sequence[str] = (), parent: str = "") -> Match:
    """How well a normalised query fits a term of normalised name and parent; aliases as they are written."""
    if not query:
        return NO_MATCH
    if name == query:
        return Match(EXACT)
    others = [(normalised(alias), alias) for alias in aliases]
    for other, alias in others:
        if other == query:
            return Match(EXACT_ALIAS, alias)
    if name.startswith(query):
        return Match(PREFIX)
    if f" {query}" in name:
        return Match(WORD)
    for other, alias in others:
        if begins_a_word(query, other):
            return Match(ALIAS, alias)
    if begins_a_word(query, parent):
        return Match(HYPERNYM)
    if query in name:
        return Match(INFIX)
    for other, alias in others:
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
