"""Whether a candidate is better than the champion: a decision with its reason, from figures of both.

Both predicted the same images. The difference of their APᵉ gets its 95 % interval from the paired bootstrap
over images; the candidate is promoted when the whole interval lies above ``min_gain`` and no guard objects.
Pure: no database, no clock; the same input and seed give the same verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Matches, match_all
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.model_figures import UNDEFINED, mean_coverage
from annotation_server.segmentation.resampled_precision import Difference, paired_bootstrap

# With fewer the interval of the bootstrap is too narrow to be believed (docs/nightly.md has the simulation).
LEAST_IMAGES = 10
MOST_COVERAGE_LOST = 0.02

# The sentences of requests/kept_sentences.py, in which a page says them in its reader's language.
BETTER = (
    "Better: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
    "the difference lies between %(low)s and %(high)s (95 %%)."
)
NOT_BETTER = (
    "Not surely better: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
    "the difference lies between %(low)s and %(high)s (95 %%), all of it must be above %(gain)s."
)
WORSE = (
    "Worse: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
    "the difference lies between %(low)s and %(high)s (95 %%)."
)
SAME = "On all %(images)s images it scores exactly what the champion scores: APᵉ %(champion)s."
COVERS_LESS = (
    "It leaves more unlabelled: it covers %(candidate)s of what is annotated, the champion %(champion)s; "
    "at most %(most)s may be lost."
)
TOO_FEW = (
    "Too few images to judge by: %(images)s with a mask, %(least)s are needed. "
    "Accept more annotations of split val."
)
NOT_FINITE = "The candidate's scores of image %(image)s are not numbers: its training went wrong."
CHAMPION_NOT_FINITE = "The champion's scores of image %(image)s are not numbers."
REASONS = (BETTER, NOT_BETTER, WORSE, SAME, COVERS_LESS, TOO_FEW, NOT_FINITE, CHAMPION_NOT_FINITE)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the comparison found. APᵉ from 0 to 1; ``low`` and ``high`` bound the difference, 95 %.

    ``probability`` that the candidate is better; ``images`` those with a true mask. All figures are 0 where
    no comparison was possible.
    """

    reason: str
    images: int
    champion_ap: float = 0.0
    candidate_ap: float = 0.0
    low: float = 0.0
    high: float = 0.0
    probability: float = 0.0
    resamples: int = 0
    seed: int = 0

    @property
    def difference(self) -> float:
        """APᵉ of the candidate less the champion's."""
        return self.candidate_ap - self.champion_ap

    def to_dict(self) -> dict[str, Any]:
        """As a training run keeps it, beside both models' figures."""
        return {
            "difference": self.difference,
            "interval": [self.low, self.high],
            "probability": self.probability,
            "images": self.images,
            "resamples": self.resamples,
            "seed": self.seed,
        }


class Promote(Verdict):
    """The candidate is to be champion."""


class Keep(Verdict):
    """The champion stays."""


def compare(
    champion: Sequence[ImageFigures],
    candidate: Sequence[ImageFigures],
    *,
    seed: int,
    resamples: int = 2000,
    min_gain: float = 0.0,
    least_images: int = LEAST_IMAGES,
) -> Verdict:
    """Judge a candidate beside the champion.

    Args:
        champion, candidate: their figures of the same images, in one order.
        min_gain: APᵉ that the interval's lower end must pass.
        least_images: with fewer images that have a true mask the champion stays.

    Raises ValueError when the two were not evaluated on the same images and true masks.
    """
    _require_same_images(champion, candidate)
    images = sum(bool(one.true_areas.size) for one in champion)
    for figures, sentence in ((candidate, NOT_FINITE), (champion, CHAMPION_NOT_FINITE)):
        if (image := _not_finite(figures)) is not None:
            return Keep(reason=sentence % {"image": image}, images=images)
    if images < least_images:
        return Keep(reason=TOO_FEW % {"images": images, "least": least_images}, images=images)
    first, second = matches_of(champion), matches_of(candidate)
    found = paired_bootstrap(first, second, seed=seed, resamples=resamples)
    reason = _objection(champion, candidate, found, images, min_gain)
    kind = Keep if reason else Promote
    return kind(
        reason=reason or _sentence(BETTER, found, images),
        images=images,
        champion_ap=found.first,
        candidate_ap=found.second,
        low=found.low,
        high=found.high,
        probability=found.probability,
        resamples=found.resamples,
        seed=seed,
    )


def matches_of(figures: Sequence[ImageFigures]) -> Matches:
    """COCO's matching of all images together."""
    return match_all([one.pairs() for one in figures])


def _objection(
    champion: Sequence[ImageFigures],
    candidate: Sequence[ImageFigures],
    found: Difference,
    images: int,
    min_gain: float,
) -> str:
    """Why the champion stays; empty where nothing speaks against the candidate."""
    if found.first == found.second and found.low == found.high == 0:
        return SAME % {"images": images, "champion": _points(found.first)}
    if found.high < 0:
        return _sentence(WORSE, found, images)
    if not found.low > min_gain:
        return _sentence(NOT_BETTER, found, images, gain=_points(min_gain))
    before, after = mean_coverage(champion), mean_coverage(candidate)
    if before != UNDEFINED and after < before - MOST_COVERAGE_LOST:
        shares = {"candidate": after, "champion": before, "most": MOST_COVERAGE_LOST}
        return COVERS_LESS % {name: f"{share:.1%}" for name, share in shares.items()}
    return ""


def _sentence(sentence: str, found: Difference, images: int, **more: str) -> str:
    values = {
        "candidate": _points(found.second),
        "champion": _points(found.first),
        "low": _signed_points(found.low),
        "high": _signed_points(found.high),
    }
    return sentence % {**values, "images": images, **more}


def _points(ap: float) -> str:
    return f"{100 * ap:.1f}"


def _signed_points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "\N{MINUS SIGN}")


def _not_finite(figures: Sequence[ImageFigures]) -> int | None:
    """The first image with a score that is no number."""
    return next((one.image for one in figures if not np.isfinite(one.scores).all()), None)


def _require_same_images(champion: Sequence[ImageFigures], candidate: Sequence[ImageFigures]) -> None:
    if len(champion) != len(candidate):
        raise ValueError(
            f"The champion has figures of {len(champion)} images, the candidate {len(candidate)}."
        )
    for one, other in zip(champion, candidate, strict=True):
        if one.image != other.image or not np.array_equal(one.true_areas, other.true_areas):
            raise ValueError(f"Image {one.image} of the champion and {other.image} are not the same truth.")
