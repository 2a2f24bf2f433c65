"""What the ML worker found when it evaluated a model: read from its files, checked, summed up, sorted."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import Refused
from annotation_server.segmentation.image_figures import BadFigures, ImageFigures
from annotation_server.segmentation.resampled_precision import image_precisions
from annotation_server.training.compare import matches_of

MOST_LISTED = 12

Example = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImageRow:
    """APᵉ of both models on one image alone; ``entities`` true masks."""

    image: int
    champion_ap: float
    candidate_ap: float
    entities: int
    champion_masks: int
    candidate_masks: int

    @property
    def lost(self) -> float:
        """By how much the candidate is worse than the champion."""
        return self.champion_ap - self.candidate_ap


def read_figures(
    result_key: str, examples: Sequence[Example], check: Callable[[float], None] = lambda share: None
) -> list[ImageFigures]:
    """The figures of the examples' images, in their order, from the files under ``result_key``.

    ``check`` is called with the share read. Raises Refused for a file that is missing, that cannot be read,
    or that is of another image, size or label map than its example.
    """
    return list(_read_each(result_key, examples, check))


def _read_each(
    result_key: str, examples: Sequence[Example], check: Callable[[float], None]
) -> Iterator[ImageFigures]:
    for done, example in enumerate(examples):
        check(done / len(examples))
        yield _read(result_key, example)


def _read(result_key: str, example: Example) -> ImageFigures:
    image = example["image"]
    try:
        record = json.loads(media.read(f"{result_key}/{image}.json"))
        figures = ImageFigures.from_dict(record)
    except (FileNotFoundError, ClientError) as error:
        raise Refused(_("The evaluation of image %(image)s is missing.") % {"image": image}) from error
    except (ValueError, BadFigures) as error:
        raise Refused(
            _("The evaluation of image %(image)s cannot be read: %(error)s")
            % {"image": image, "error": str(error)}
        ) from error
    told = (figures.image, figures.width, figures.height, record.get("map_sha256"))
    if told != (image, example["width"], example["height"], example["map_sha256"]):
        raise Refused(
            _("The evaluation of image %(image)s is of another image or label map.") % {"image": image}
        )
    return figures


def image_rows(champion: Sequence[ImageFigures], candidate: Sequence[ImageFigures]) -> list[ImageRow]:
    """Both models' APᵉ image by image; images without a true mask are left out, they have none."""
    first, second = image_precisions(matches_of(champion)), image_precisions(matches_of(candidate))
    return [
        ImageRow(
            image=one.image,
            champion_ap=round(float(before), 6),
            candidate_ap=round(float(after), 6),
            entities=one.true_areas.size,
            champion_masks=one.scores.size,
            candidate_masks=other.scores.size,
        )
        for one, other, before, after in zip(champion, candidate, first, second, strict=True)
        if np.isfinite(before)
    ]


def worst_images(rows: Sequence[ImageRow], *, most: int = MOST_LISTED) -> list[dict[str, Any]]:
    """Where to look first: images on which the candidate lost most (``why`` is "lost"), then those on which
    its APᵉ is lowest ("low"); at most ``most`` of each, none twice."""
    lost = [row for row in sorted(rows, key=lambda row: (-row.lost, row.image)) if row.lost > 0][:most]
    named = {row.image for row in lost}
    low = [
        row for row in sorted(rows, key=lambda row: (row.candidate_ap, row.image)) if row.image not in named
    ]
    return [_told(row, "lost") for row in lost] + [_told(row, "low") for row in low[:most]]


def _told(row: ImageRow, why: str) -> dict[str, Any]:
    return {**asdict(row), "why": why}
