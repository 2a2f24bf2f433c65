"""Figures of a release, as Table 2 of the EntitySeg paper has them, beside those of public datasets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from annotation_server.segmentation.shape import Shape

# Qi et al., High-Quality Entity Segmentation, ICCV 2023, table 2.
_COLUMNS = (
    *("image_resolution", "entities_mean", "entities_max"),
    *("convexity", "simplicity", "valid_area"),
)
_ROWS = {
    "COCO": (522.5, 11.2, 95, 0.758, 0.581, 0.891),
    "ADE20K": (461.3, 13.6, 255, 0.802, 0.606, 0.914),
    "EntitySeg": (2700.7, 18.1, 236, 0.719, 0.538, 0.999),
}
PUBLISHED = {name: dict(zip(_COLUMNS, figures, strict=True)) for name, figures in _ROWS.items()}
_RESOLUTION_EDGES = [0, 250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000]
_ENTITY_EDGES = [0, 1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320]


class Statistics:
    """Collects figures image by image; what it holds is a few numbers an image.

    * image_resolution: √(width · height) in px, mean over images
    * entities_mean, entities_max: entities an image
    * convexity, simplicity: mean over entities (segmentation/shape.py)
    * valid_area: share of pixels that belong to an entity, mean over images
    """

    def __init__(self) -> None:
        self._resolutions: list[float] = []
        self._entities: list[int] = []
        self._valid: list[float] = []
        self._convexity = self._simplicity = 0.0
        self._splits: Counter[str] = Counter()
        self._terms: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()

    def add(
        self,
        width: int,
        height: int,
        shapes: Mapping[int, Shape],
        *,
        split: str,
        source: str,
        terms: Iterable[str],
    ) -> None:
        """Count one image with the shapes of its entities and the names of their terms."""
        self._resolutions.append(sqrt(width * height))
        self._entities.append(len(shapes))
        self._valid.append(sum(shape.area for shape in shapes.values()) / (width * height))
        self._convexity += sum(shape.convexity for shape in shapes.values())
        self._simplicity += sum(shape.simplicity for shape in shapes.values())
        self._splits[split] += 1
        self._sources[source] += 1
        self._terms.update(terms)

    @property
    def images(self) -> int:
        return len(self._entities)

    @property
    def masks(self) -> int:
        return sum(self._entities)

    def summary(self) -> dict[str, Any]:
        """All figures as JSON values: Table 2's, and the distributions behind the paper's plots."""
        row = (
            _mean(self._resolutions),
            _mean(self._entities),
            max(self._entities, default=0),
            self._convexity / self.masks if self.masks else 0.0,
            self._simplicity / self.masks if self.masks else 0.0,
            _mean(self._valid),
        )
        return {
            "images": self.images,
            "masks": self.masks,
            **{name: round(value, 6) for name, value in zip(_COLUMNS, row, strict=True)},
            "splits": dict(sorted(self._splits.items())),
            "sources": _by_count(self._sources),
            "terms": _by_count(self._terms),
            "resolution_histogram": _histogram(self._resolutions, _RESOLUTION_EDGES),
            "entities_histogram": _histogram(self._entities, _ENTITY_EDGES),
            "published": PUBLISHED,
        }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _by_count(counter: Counter[str]) -> list[list[Any]]:
    """[name, count], most frequent first, equal ones by name."""
    return [[name, count] for name, count in sorted(counter.items(), key=lambda row: (-row[1], row[0]))]


def _histogram(values: Sequence[float], edges: Sequence[int]) -> dict[str, list[int]]:
    """Counts of values in [edge, next edge); the last bin is open."""
    bins = np.searchsorted(edges, values, "right") - 1
    return {"edges": list(edges), "counts": np.bincount(bins, minlength=len(edges)).tolist()}
