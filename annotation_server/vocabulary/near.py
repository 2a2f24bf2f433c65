"""Names so near to known ones that they may be typing errors; `near_names.js` is the twin of this."""

from collections.abc import Iterable
from typing import NamedTuple

from annotation_server.vocabulary.models import normalised

SPACING, PLURAL, SPELLING = "spacing", "plural", "spelling"
KINDS = (SPACING, PLURAL, SPELLING)
SHORTEST_MISSPELT = 4
LONG = 8
MOST = 3
IRREGULAR = {
    "people": "person",
    "persons": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "leaves": "leaf",
    "knives": "knife",
    "shelves": "shelf",
    "wolves": "wolf",
    "loaves": "loaf",
    "buses": "bus",
    "glasses": "glass",
}


class Near(NamedTuple):
    """A known name, whose it is, and in what the new one differs from it."""

    id: int
    name: str
    kind: str


def near_names(name: str, known: Iterable[tuple[int, str, int]]) -> list[Near]:
    """The known names (id, name or alias, uses) that ``name`` may have meant, likeliest first, one an id.

    Other spacing or hyphens, then plural and singular, then one letter wrong, missing, too many or swapped
    with the next (two from eight letters on). Empty where the name itself is known.
    """
    wanted = normalised(name)
    if not wanted:
        return []
    found = []
    for term, other, uses in known:
        normal = normalised(other)
        if normal == wanted:
            return []
        differs = how_near(wanted, normal)
        if differs is not None:
            kind, distance = differs
            found.append((KINDS.index(kind), distance, -uses, normal, Near(term, other, kind)))
    best: dict[int, Near] = {}
    for row in sorted(found, key=lambda row: row[:4]):
        best.setdefault(row[-1].id, row[-1])
    return list(best.values())[:MOST]


def how_near(a: str, b: str) -> tuple[str, int] | None:
    """Kind of difference and letters that differ of two normalised names; None where they are far apart."""
    if joined(a) == joined(b):
        return SPACING, 0
    if singular(a) == singular(b):
        return PLURAL, 0
    shorter = min(len(a), len(b))
    if shorter < SHORTEST_MISSPELT or (shorter < LONG and a[0] != b[0]):
        return None
    most = 2 if shorter >= LONG else 1
    # An edit changes two letters at most.
    if abs(len(a) - len(b)) > most or len(set(a) ^ set(b)) > 2 * most:
        return None
    distance = edit_distance(a, b)
    return (SPELLING, distance) if distance <= most else None


def joined(name: str) -> str:
    """A normalised name without blanks and hyphens."""
    return name.replace(" ", "").replace("-", "")


def singular(name: str) -> str:
    """A normalised name with its last word in the singular, as English mostly has it."""
    head, blank, last = name.rpartition(" ")
    return head + blank + _singular_word(last)


def _singular_word(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def edit_distance(a: str, b: str) -> int:
    """Letters to change, add, drop or swap with their neighbour between two words."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        following = [i]
        for j, right in enumerate(b, 1):
            cost = min(row[j] + 1, following[-1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1]
