"""Training examples: an image and its label map, and the two views training cuts from them."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from annotation_server.segmentation.scenes import make_scene
from ml_worker.cropformer.variants import PUBLISHED, Variant
from ml_worker.crops import drawn_windows
from ml_worker.transforms import resize_labels, resize_view, stack_views

Rng = np.random.Generator


class Example(NamedTuple):
    """RGB [H, W, 3] uint8 and its label map [H, W] integer, 0 = VOID."""

    rgb: NDArray[np.uint8]
    label_map: NDArray[np.uint16]


class ExampleSource(Protocol):
    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Example: ...


class SceneDataset:
    """Generated scenes, held in memory and cached as one ``.npz`` so that they are painted once."""

    def __init__(
        self, *, count: int, side: int, seed: int, entities: int | None = None, cache: Path | None = None
    ) -> None:
        if cache is not None and cache.exists():
            self._read(cache, count, side, seed)
            return
        self.rgb = np.empty((count, side, side, 3), np.uint8)
        self.label_maps = np.empty((count, side, side), np.uint16)
        for index in range(count):
            self.rgb[index], self.label_maps[index] = make_scene(seed + index, side, side, entities=entities)
        if cache is not None:
            cache.parent.mkdir(parents=True, exist_ok=True)
            part = cache.with_suffix(".part")
            with part.open("wb") as stream:
                np.savez(stream, rgb=self.rgb, label_maps=self.label_maps, seed=seed)
            part.replace(cache)

    def _read(self, cache: Path, count: int, side: int, seed: int) -> None:
        try:
            with np.load(cache) as stored:
                self.rgb, self.label_maps = stored["rgb"], stored["label_maps"]
                found = (*self.label_maps.shape[:2], int(stored["seed"]))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(f"{cache} is not a cache of scenes: delete it to paint them again.") from error
        if found != (count, side, seed):
            raise ValueError(
                f"{cache} holds (count, side, seed) = {found}, not {(count, side, seed)}: name another file."
            )

    def __len__(self) -> int:
        return len(self.rgb)

    def __getitem__(self, index: int) -> Example:
        return Example(self.rgb[index], self.label_maps[index])


class LabelMapFolder:
    """``images/NAME.*`` beside ``labels/NAME<suffix>.png`` (label maps as 8- or 16-bit grey PNG)."""

    def __init__(self, folder: Path, *, suffix: str = "") -> None:
        images = {path.stem: path for path in sorted((folder / "images").iterdir())}
        found = sorted((folder / "labels").glob(f"*{suffix}.png"))
        labels = {path.stem.removesuffix(suffix): path for path in found}
        self.pairs = [(images[name], labels[name]) for name in sorted(images.keys() & labels.keys())]
        if not self.pairs:
            raise ValueError(f"{folder} holds no image with a label map of the same name.")

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Example:
        image, label = self.pairs[index]
        rgb = np.asarray(Image.open(image).convert("RGB"))
        label_map = np.asarray(Image.open(label))
        if label_map.ndim != 2 or label_map.shape != rgb.shape[:2]:
            raise ValueError(f"{label.name} is {label_map.shape}, its image {rgb.shape[:2]}.")
        return Example(rgb, label_map.astype(np.uint16))


class Augmentation(NamedTuple):
    """How examples are varied. The defaults are the published ones; generated scenes profit from more."""

    short_sides: tuple[int, ...] = (640, 672, 704, 736, 768, 800)
    long_side: int = 1333
    smallest_window: float = 1.0  # a random window of so much of both sides, up to 1, plays the image
    vary_colours: bool = False
    min_area: int = 1  # px in the full view; entities with less are dropped
    variant: Variant = PUBLISHED  # which crops, how many, how large


class TrainingExample(NamedTuple):
    """views: RGB bytes [h, w, 3], the full view first; labels: their label maps; numbers: the entities."""

    views: list[NDArray[np.uint8]]
    labels: list[NDArray[np.uint16]]
    numbers: NDArray[np.uint16]


def training_example(example: Example, rng: Rng, augmentation: Augmentation) -> TrainingExample:
    """Cut the full view and, as published, one random corner window of it (source: paper §3.4, T = 2)."""
    share = rng.uniform(augmentation.smallest_window, 1.0)
    height, width = (max(8, int(side * share)) for side in example.label_map.shape)
    y0 = int(rng.integers(example.label_map.shape[0] - height + 1))
    x0 = int(rng.integers(example.label_map.shape[1] - width + 1))
    rgb = example.rgb[y0 : y0 + height, x0 : x0 + width]
    label_map = example.label_map[y0 : y0 + height, x0 : x0 + width]
    if rng.random() < 0.5:
        rgb, label_map = rgb[:, ::-1], label_map[:, ::-1]
    if augmentation.vary_colours:
        rgb = _varied_colours(rgb, rng)
    short_side = int(rng.choice(augmentation.short_sides))
    crops = augmentation.variant
    windows = drawn_windows(height, width, rng, crops.train_views - 1, crops.train_crops, crops.crop_share)
    views = [resize_view(rgb, window, short_side, augmentation.long_side) for window in windows]
    labels = [resize_labels(label_map, window, short_side, augmentation.long_side) for window in windows]
    numbers, areas = np.unique(labels[0], return_counts=True)
    return TrainingExample(views, labels, numbers[(areas >= augmentation.min_area) & (numbers > 0)])


def training_batch(
    source: ExampleSource, indices: Sequence[int], rng: Rng, augmentation: Augmentation
) -> tuple[Tensor, list[Tensor]]:
    """views [B, T, 3, H, W] normalised and padded alike; per image the masks [N, T, H, W] of its entities.

    An entity that a crop does not show has an empty mask there; padding belongs to nobody.
    """
    examples = [training_example(source[int(index)], rng, augmentation) for index in indices]
    stacked = stack_views([view for one in examples for view in one.views])
    views = stacked.unflatten(0, (len(examples), -1))
    return views, [_masks(one, views.shape[-2], views.shape[-1]) for one in examples]


def _masks(example: TrainingExample, height: int, width: int) -> Tensor:
    padded = np.zeros((len(example.labels), height, width), np.int64)
    for view, labels in zip(padded, example.labels, strict=True):
        view[: labels.shape[0], : labels.shape[1]] = labels
    numbers = torch.from_numpy(example.numbers.astype(np.int64))
    return (torch.from_numpy(padded)[None] == numbers[:, None, None, None]).float()


def _varied_colours(rgb: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """Brightness, contrast and tint shifted a little; sometimes grey."""
    gain = rng.normal(1, 0.15) + rng.normal(0, 0.05, 3)
    offset = rng.normal(0, 12)
    pixels = rgb.astype(np.float32)
    if rng.random() < 0.15:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
    return np.clip((pixels - 128) * gain + 128 + offset, 0, 255).astype(np.uint8)
