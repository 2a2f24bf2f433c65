"""What each mask has cost a person: strokes and active time, told by the operations of a save. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

LONGEST_ACTIVE_MS = 3_600_000
MOST_STROKES = 1000


class Effort(NamedTuple):
    """Gestures that changed pixels, and milliseconds at work."""

    strokes: int
    active_ms: int


def effort_by_number(operations: Sequence[dict[str, Any]]) -> dict[int, Effort]:
    """Strokes and active time of each entity number; what an operation says beyond reason does not count."""
    found: dict[int, Effort] = {}
    for operation in operations:
        number = operation.get("number")
        strokes = _within(operation.get("strokes"), MOST_STROKES)
        active_ms = _within(operation.get("active_ms"), LONGEST_ACTIVE_MS)
        if type(number) is int and number > 0 and (strokes or active_ms):
            before = found.get(number, Effort(0, 0))
            found[number] = Effort(before.strokes + strokes, before.active_ms + active_ms)
    return found


def _within(value: Any, most: int) -> int:
    return value if type(value) is int and 0 <= value <= most else 0
