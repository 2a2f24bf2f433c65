"""Which split an image is in: chosen once, kept for ever.

Twenty random splits of the new images are drawn; the one whose validation images are statistically closest
to the mean over all twenty is taken. Near-duplicates (one ``group``) stay together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

TRAIN, VAL = "train", "val"
CANDIDATES = 20
VAL_SHARE = 0.1
_TERMS_COMPARED = 200

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """What splits are compared by. ``areas`` (px) are those of the masks, ``terms`` counts their terms."""

    image_id: int
    group: int
    width: int
    height: int
    source: str = ""
    areas: Sequence[int] = ()
    terms: Counter[str] = field(default_factory=Counter)


def choose_splits(
    facts: Sequence[ImageFacts],
    fixed: Mapping[int, str],
    *,
    seed: int,
    val_share: float = VAL_SHARE,
    candidates: int = CANDIDATES,
) -> dict[int, str]:
    """Splits of the images that have none, by id; ``fixed`` are those that have one and keep it.

    The same facts, fixed splits and seed give the same answer. About ``val_share`` of all images come to lie
    in val, at least one as soon as there are two.
    """
    ordered = sorted(facts, key=lambda image: image.image_id)
    by_group = _splits_by_group(ordered, fixed)
    open_groups = sorted({image.group for image in ordered} - by_group.keys())
    if open_groups:
        drawn = _candidates(ordered, by_group, open_groups, seed, val_share, candidates)
        best = drawn[_closest_to_mean(_families(ordered), drawn)]
        val_groups = {image.group for image, is_val in zip(ordered, best, strict=True) if is_val}
        by_group |= {group: VAL if group in val_groups else TRAIN for group in open_groups}
    return {image.image_id: by_group[image.group] for image in ordered if image.image_id not in fixed}


def _splits_by_group(ordered: Sequence[ImageFacts], fixed: Mapping[int, str]) -> dict[int, str]:
    """A new near-duplicate follows the first image of its group that has a split."""
    by_group: dict[int, str] = {}
    for image in ordered:
        if image.image_id in fixed:
            by_group.setdefault(image.group, fixed[image.image_id])
    return by_group


def _candidates(
    ordered: Sequence[ImageFacts],
    by_group: Mapping[int, str],
    open_groups: Sequence[int],
    seed: int,
    val_share: float,
    candidates: int,
) -> list[Chosen]:
    """Random choices of val, bool [N] each: whole groups, until val has its share."""
    sizes = Counter(image.group for image in ordered)
    wanted = max(round(val_share * len(ordered)), min(1, len(ordered) - 1))
    wanted -= sum(sizes[group] for group, split in by_group.items() if split == VAL)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(candidates):
        val = {group for group, split in by_group.items() if split == VAL}
        count = 0
        for group in rng.permutation(np.array(open_groups)).tolist():
            if count >= wanted:
                break
            val.add(group)
            count += sizes[group]
        drawn.append(np.array([image.group in val for image in ordered]))
    return drawn


def _closest_to_mean(families: Sequence[Floats], drawn: Sequence[Chosen]) -> int:
    """Index of the candidate whose val differs least from the candidates' mean, every family alike."""
    distance = np.zeros(len(drawn))
    for columns in families:
        means = np.stack([columns[val].mean(0) if val.any() else columns.mean(0) for val in drawn])
        spread = means.std(0)
        real = spread > 1e-12
        if real.any():
            distance += (((means - means.mean(0))[:, real] / spread[real]) ** 2).mean(1)
    return int(np.argmin(distance))


def _families(ordered: Sequence[ImageFacts]) -> list[Floats]:
    """Per image [N, columns]: entities, resolution, areas, terms, sources; squares stand for the spread."""
    entities = np.array([len(image.areas) for image in ordered], float)
    resolution = np.array([np.sqrt(image.width * image.height) for image in ordered])
    area = np.array([_mean_log_share(image) for image in ordered])
    terms: Counter[str] = sum((image.terms for image in ordered), Counter())
    names = [name for name, _ in sorted(terms.items(), key=lambda row: (-row[1], row[0]))[:_TERMS_COMPARED]]
    sources = sorted({image.source for image in ordered})
    return [
        np.stack((entities, entities**2), 1),
        np.stack((resolution, resolution**2), 1),
        np.stack((area, area**2), 1),
        np.array([[image.terms[name] for name in names] for image in ordered], float).reshape(
            len(ordered), -1
        ),
        np.array([[image.source == source for source in sources] for image in ordered], float),
    ]


def _mean_log_share(image: ImageFacts) -> float:
    """Mean over the masks of log(area / image area): small entities count as much as large ones."""
    if not image.areas:
        return 0.0
    return float(np.log(np.array(image.areas) / (image.width * image.height)).mean())
