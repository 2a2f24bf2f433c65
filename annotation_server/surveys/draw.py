"""Which images a survey asks about, and which of them check attention: a draw with a seed. Pure."""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any


@dataclass(frozen=True)
class Draw:
    """``regular`` images in the order drawn; each check is an image and the number of the set it shows."""

    regular: tuple[int, ...]
    identical: tuple[tuple[int, int], ...]
    broken: tuple[tuple[int, int], ...]

    @property
    def images(self) -> list[int]:
        """Every image that needs pictures, ascending."""
        return sorted({*self.regular, *(image for image, _ in (*self.identical, *self.broken))})


def draw(images: Sequence[int], size: int, *, seed: int, sets: int, identical: int, broken: int) -> Draw:
    """Draw ``size`` of the ``images`` (ids) without replacement, and images for attention checks.

    Checks take images that are not asked about otherwise; where too few are left, drawn ones again, the
    last first. The sets take turns in them. The same arguments give the same draw, whatever the order of
    ``images``.
    """
    chance = random.Random(seed)
    shuffled = chance.sample(sorted(images), len(images))
    regular, spare = shuffled[:size], shuffled[size:]
    pool = cycle([*spare, *reversed(regular)] or [0])
    checks = [(next(pool), number % sets) for number in range(identical + broken)] if shuffled else []
    return Draw(tuple(regular), tuple(checks[:identical]), tuple(checks[identical:]))


def digest_of(inputs: Sequence[dict[str, Any]]) -> str:
    """SHA-256 of what a survey shows, as canonical JSON."""
    text = json.dumps(list(inputs), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
