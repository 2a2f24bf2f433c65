"""What of a file was left out or changed: every kind counted, with examples by name."""

from collections import defaultdict
from typing import Any

MOST_EXAMPLES = 20


class Problems:
    """The problems of one uploaded file; nothing is dropped without being noted here."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)
        self._examples: dict[str, list[str]] = defaultdict(list)

    def note(self, kind: str, example: str) -> None:
        """One more of a kind."""
        self._counts[kind] += 1
        if len(self._examples[kind]) < MOST_EXAMPLES:
            self._examples[kind].append(example[:200])

    def told(self) -> list[dict[str, Any]]:
        """[{kind, count, examples}], the most frequent first."""
        kinds = sorted(self._counts, key=lambda kind: (-self._counts[kind], kind))
        return [
            {"kind": kind, "count": self._counts[kind], "examples": self._examples[kind]} for kind in kinds
        ]
