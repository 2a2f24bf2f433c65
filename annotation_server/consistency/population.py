"""Which accepted annotations a study is drawn from, and the sample that a seed draws."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Annotation, Assignment, Review
from annotation_server.annotation.submission import Submission
from annotation_server.consistency.models import Study, StudyImage

# The paper's protocol: 500 images, which were 1.5 % of all.
LARGEST_SUGGESTED = 500
# Of fewer the interval is so wide that the study says little.
SMALLEST_SUGGESTED = 20
SUGGESTED_SHARE = 0.015


@dataclass(frozen=True, kw_only=True)
class Population:
    """What accepted images must be; what is left empty does not matter."""

    split: str = ""
    source: str = ""
    accepted_before: date | None = None
    min_masks: int = 0
    file_name: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As a study keeps it: only what matters."""
        told = {
            "split": self.split,
            "source": self.source,
            "accepted_before": self.accepted_before.isoformat() if self.accepted_before else "",
            "min_masks": self.min_masks,
            "file_name": self.file_name,
        }
        return {name: value for name, value in told.items() if value}


def firsts(project_id: int, population: Population) -> QuerySet[Annotation]:
    """The accepted annotations of the population, one an image; images of other running studies are left out.

    An annotation is accepted on the day of its verdict; a reviewer's map on the day it was submitted.
    """
    held = StudyImage.objects.filter(study__state__in=Study.HOLDING, study__project=project_id)
    rows = accepted(project_id).exclude(image__in=held.values("image")).filter(mask_count__gt=0)
    if population.split:
        rows = rows.filter(image__split=population.split)
    if population.source:
        rows = rows.filter(image__source=population.source)
    if population.file_name:
        rows = rows.filter(image__file_name__icontains=population.file_name)
    if population.min_masks:
        rows = rows.filter(mask_count__gte=population.min_masks)
    if population.accepted_before is not None:
        rows = rows.filter(_accepted_before(population.accepted_before))
    return rows


def _accepted_before(day: date) -> Q:
    verdicts = Submission.objects.filter(
        annotation=OuterRef("pk"), is_latest=True, verdict=Review.Verdict.ACCEPT, verdict_day__lt=day
    )
    corrected = Q(assignment__round=Assignment.Round.REVIEW, submitted_at__date__lt=day)
    return Q(Exists(verdicts)) | corrected


def suggested_size(images: int) -> int:
    """1.5 % of the images, but 20 at least, as far as there are so many, and 500 at most."""
    share = math.ceil(SUGGESTED_SHARE * images)
    return min(images, LARGEST_SUGGESTED, max(SMALLEST_SUGGESTED, share))


def sample(image_ids: Iterable[int], size: int, seed: int) -> list[int]:
    """``size`` of the images in a random order that depends on the seed and the ids alone.

    Every image has the rank SHA-256("seed:id"), so that the same population and seed give the same sample
    on any machine, whatever order the ids come in.
    """
    return sorted(set(image_ids), key=lambda image_id: _rank(image_id, seed))[:size]


def _rank(image_id: int, seed: int) -> tuple[bytes, int]:
    return hashlib.sha256(f"{seed}:{image_id}".encode()).digest(), image_id
