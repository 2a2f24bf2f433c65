"""PQ by its definition, from sets of pixels: slow, and made another way than ours."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from annotation_server.segmentation.panoptic_quality import Counts


def counts_by_definition(
    true_map: np.ndarray,
    found_map: np.ndarray,
    true: Mapping[int, int] | None = None,
    found: Mapping[int, int] | None = None,
) -> dict[int, Counts]:
    """Counts by category of two maps without crowds; ``true`` and ``found`` are categories by number.

    What is not named counts as void. Without names all entities are of category 1.
    """
    true, found = (
        {n: 1 for n in np.unique(side).tolist() if n} if names is None else names
        for side, names in ((true_map, true), (found_map, found))
    )
    void = ~np.isin(true_map, list(true))
    counts: dict[int, Counts] = defaultdict(Counts)
    used = set()
    for a, category in true.items():
        partners = [b for b, other in found.items() if other == category]
        ious = {b: _iou(true_map == a, (found_map == b) & ~void) for b in partners}
        best = max(ious, key=lambda b: ious[b], default=0)
        if ious.get(best, 0.0) > 0.5:
            used.add(best)
            counts[category].add(Counts(hits=1, iou=ious[best]))
        else:
            counts[category].add(Counts(misses=1))
    for b, category in found.items():
        mask = found_map == b
        if b not in used and (void & mask).sum() / mask.sum() <= 0.5:
            counts[category].add(Counts(false_alarms=1))
    return counts


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())
