"""In which order, and on which side, one participant sees what: decided by the survey's secret. Pure."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An item: its id, the image, whether it is an attention check, and the number of its pair of sets."""

    item: int
    image: int
    is_check: bool
    pair: tuple[int, int | None]


@dataclass(frozen=True)
class Shown:
    """An item as one participant sees it."""

    item: int
    first_is_left: bool


def order_for(secret: str, number: int, asked: Sequence[Asked]) -> list[Shown]:
    """What participant ``number`` is asked, in order; the same at every call.

    Every image once: of several pairs of sets the participant's turn decides, so that all pairs are asked
    equally often, of one person and of one image. Of what is shown, the first set is left in half.
    """

    def rank(item: Asked, purpose: str) -> bytes:
        return _digest(secret, f"{purpose}:{number}:{item.item}")

    chosen = [*_one_pair_an_image(secret, number, asked), *(item for item in asked if item.is_check)]
    by_side = sorted(chosen, key=lambda item: rank(item, "side"))
    left = {item.item for item in by_side[: (len(by_side) + number % 2) // 2]}
    ordered = sorted(chosen, key=lambda item: rank(item, "order"))
    return [Shown(item.item, item.item in left) for item in ordered]


def _one_pair_an_image(secret: str, number: int, asked: Sequence[Asked]) -> list[Asked]:
    by_image: dict[int, list[Asked]] = defaultdict(list)
    for item in asked:
        if not item.is_check:
            by_image[item.image].append(item)
    images = sorted(by_image, key=lambda image: _digest(secret, f"pair:{image}"))
    return [
        sorted(by_image[image], key=lambda item: item.pair)[(rank + number) % len(by_image[image])]
        for rank, image in enumerate(images)
    ]


def _digest(secret: str, what: str) -> bytes:
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).digest()
