"""The views a training step sees: the full image and random crops of it, with what each of them shows."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.cropformer.losses import Entities
from ml_worker.cropformer.variants import PUBLISHED, Variant
from ml_worker.crops import drawn_windows
from ml_worker.dataset import Example
from ml_worker.transforms import resize_labels, resize_view, stack_views

Rng = np.random.Generator


class Augmentation(NamedTuple):
    """How examples are varied. The defaults are the published ones; generated scenes profit from more."""

    short_sides: tuple[int, ...] = (640, 672, 704, 736, 768, 800)
    long_side: int = 1333
    smallest_window: float = 1.0  # a random window of so much of both sides, up to 1, plays the image
    vary_colours: bool = False
    min_area: int = 1  # px in the full view; entities with less are dropped


class TrainingExample(NamedTuple):
    """views: RGB bytes [h, w, 3], the full view first; labels: their label maps; numbers: the entities."""

    views: list[NDArray[np.uint8]]
    labels: list[NDArray[np.uint16]]
    numbers: NDArray[np.uint16]


def training_example(
    example: Example, rng: Rng, augmentation: Augmentation, variant: Variant = PUBLISHED
) -> TrainingExample:
    """Cut the full view and random crops of it: by default one corner window (source: paper §3.4, T = 2)."""
    share = rng.uniform(augmentation.smallest_window, 1.0)
    height, width = (min(side, max(8, int(side * share))) for side in example.label_map.shape)
    y0 = int(rng.integers(example.label_map.shape[0] - height + 1))
    x0 = int(rng.integers(example.label_map.shape[1] - width + 1))
    rgb = example.rgb[y0 : y0 + height, x0 : x0 + width]
    label_map = example.label_map[y0 : y0 + height, x0 : x0 + width]
    if rng.random() < 0.5:
        rgb, label_map = rgb[:, ::-1], label_map[:, ::-1]
    if augmentation.vary_colours:
        rgb = _varied_colours(rgb, rng)
    short_side = int(rng.choice(augmentation.short_sides))
    crops = variant.train_views - 1
    windows = drawn_windows(height, width, rng, crops, variant.train_crops, variant.crop_share)
    views = [resize_view(rgb, window, short_side, augmentation.long_side) for window in windows]
    labels = [resize_labels(label_map, window, short_side, augmentation.long_side) for window in windows]
    numbers, areas = np.unique(labels[0], return_counts=True)
    return TrainingExample(views, labels, numbers[(areas >= augmentation.min_area) & (numbers > 0)])


def as_batch(examples: list[TrainingExample]) -> tuple[Tensor, list[Entities]]:
    """views [B, T, 3, H, W] normalised and padded alike; per image what its views show.

    An entity that a crop does not show is absent from its labels; padding belongs to nobody.
    """
    stacked = stack_views([view for one in examples for view in one.views])
    views = stacked.unflatten(0, (len(examples), -1))
    return views, [_entities(one, views.shape[-2], views.shape[-1]) for one in examples]


def _entities(example: TrainingExample, height: int, width: int) -> Entities:
    padded = np.zeros((len(example.labels), height, width), np.int32)
    for view, labels in zip(padded, example.labels, strict=True):
        view[: labels.shape[0], : labels.shape[1]] = labels
    return Entities(torch.from_numpy(padded), torch.from_numpy(example.numbers.astype(np.int32)))


def _varied_colours(rgb: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """Brightness, contrast and tint shifted a little; sometimes grey."""
    gain = rng.normal(1, 0.15) + rng.normal(0, 0.05, 3)
    offset = rng.normal(0, 12)
    pixels = rgb.astype(np.float32)
    if rng.random() < 0.15:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
    return np.clip((pixels - 128) * gain + 128 + offset, 0, 255).astype(np.uint8)
