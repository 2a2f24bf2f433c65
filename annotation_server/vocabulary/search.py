"""Ranking of terms by what someone has typed so far. Pure: names in, scores out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotation_server.vocabulary.models import normalised

EXACT, PREFIX, WORD, ALIAS, INFIX, SUBSEQUENCE = 600, 500, 400, 300, 200, 100


@dataclass(frozen=True)
class Candidate:
    """A term as the search sees it; ``uses`` counts the masks that bear it."""

    id: int
    name: str
    aliases: Sequence[str]
    uses: int


def ranked(typed: str, candidates: Iterable[Candidate]) -> list[int]:
    """Ids of the terms that match, best first; ties go to the shorter, then the earlier name.

    exact > prefix > start of a word > alias > inside > letters in order, plus log2 of the uses.
    """
    query = normalised(typed)
    scored = []
    for candidate in candidates:
        name = normalised(candidate.name)
        score = match(query, name, [normalised(alias) for alias in candidate.aliases])
        if score:
            scored.append((-score - math.log2(1 + candidate.uses), len(name), name, candidate.id))
    return [row[-1] for row in sorted(scored)]


def match(query: str, name: str, aliases: Sequence[str]) -> int:
    """How well a normalised query matches a normalised name or its aliases; 0: not at all."""
    if name == query:
        return EXACT
    if name.startswith(query):
        return PREFIX
    if f" {query}" in name:
        return WORD
    if any(alias.startswith(query) or f" {query}" in alias for alias in aliases):
        return ALIAS
    if query in name or any(query in alias for alias in aliases):
        return INFIX
    return SUBSEQUENCE if _is_subsequence(query, name) else 0


def _is_subsequence(query: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)
