"""What a person may set about predicting: one dataclass, checked before any weights are read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

PAINTING_ORDERS = ("class_score", "mask_score", "smallest_first")
PRECISIONS = ("float32", "bfloat16", "float16")
SMALLEST_VIEW, LARGEST_VIEW = 32, 4096


@dataclass(frozen=True, kw_only=True)
class PredictorOptions:
    """Settings of one `Predictor`; ``ValueError`` with a sentence for what cannot be.

    Attributes:
        short_side, long_side: a view's size (px): the shorter side, unless the longer would exceed its own.
        full_image_only: the whole image in one view, no crops: a fifth of the work, and less detail.
        score_threshold: masks with a score not above it are left out.
        min_area, min_share: masks smaller than this (px; share of the image) are left out.
        split: parts of a mask that lie apart get numbers of their own.
        snap: masks end where regions of one look end, for a model whose own borders are coarse.
        painting_order: which mask wins a contested pixel: the better class score (published), the better
            score (class × mean probability of the mask), or the smaller mask.
        parity: the published post-processing to the letter: every query kept, masks scored with a second
            sigmoid, painted by class score.
        precision: of the network on a GPU; the pixel decoder and everything on a CPU stay in float32.
        compile: let torch.compile fuse backbone and pixel decoder, on a GPU; the first images take minutes.
    """

    short_side: int = 800
    long_side: int = 1333
    full_image_only: bool = False
    score_threshold: float = 0.0
    min_area: int = 64
    min_share: float = 1e-5
    split: bool = False
    snap: bool = False
    painting_order: str = "class_score"
    parity: bool = False
    precision: str = "float32"
    compile: bool = False

    def __post_init__(self) -> None:
        self._refuse_wrong_kinds()
        for name, value in (("short_side", self.short_side), ("long_side", self.long_side)):
            if not SMALLEST_VIEW <= value <= LARGEST_VIEW:
                raise ValueError(f"{name} is {SMALLEST_VIEW} to {LARGEST_VIEW} px, not {value}.")
        if self.long_side < self.short_side:
            raise ValueError(f"long_side ({self.long_side}) is at least short_side ({self.short_side}).")
        for name, share in (("score_threshold", self.score_threshold), ("min_share", self.min_share)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is 0 to 1, not {share}.")
        if self.min_area < 0:
            raise ValueError(f"min_area is 0 px or more, not {self.min_area}.")
        for name, word, known in (
            ("painting_order", self.painting_order, PAINTING_ORDERS),
            ("precision", self.precision, PRECISIONS),
        ):
            if word not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {word}.")
        if self.parity and self.snap:
            raise ValueError("parity keeps the masks as they are: leave snap out.")
        if self.parity and self.painting_order != "class_score":
            raise ValueError("parity paints by class score: leave painting_order out.")

    @classmethod
    def settled(cls, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Self:
        """What was given (None: not given), then a checkpoint's own ``settings``, then the defaults.

        A sentence for what is given and unknown; settings may hold more than these.
        """
        refuse_unknown(given)
        known = {field.name for field in fields(cls)}
        own = {name: value for name, value in settings.items() if name in known and value is not None}
        return cls(**own | {name: value for name, value in given.items() if value is not None})

    def smallest_mask(self, pixels: int) -> int:
        """The least area (px) of a mask that is kept in an image of so many ``pixels``."""
        return math.ceil(max(self.min_area, self.min_share * pixels, 1))

    def _refuse_wrong_kinds(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), type(field.default)
            fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
            if not fits or (isinstance(value, bool) and kind is not bool):
                raise ValueError(f"{field.name} is {_KINDS[kind]}, not {value!r}.")


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def refuse_unknown(given: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` that names options which do not exist."""
    known = {field.name for field in fields(PredictorOptions)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"There are no options {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
