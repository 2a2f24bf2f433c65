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
from ml_worker.crops import Window, corner_windows
from ml_worker.transforms import stack_views

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

    def __init__(self, *, count: int, side: int, seed: int, cache: Path | None = None) -> None:
        if cache is not None and cache.exists():
            self._read(cache, count, side, seed)
            return
        self.rgb = np.empty((count, side, side, 3), np.uint8)
        self.label_maps = np.empty((count, side, side), np.uint16)
        for index in range(count):
            self.rgb[index], self.label_maps[index] = make_scene(seed + index, side, side)
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


class TrainingExample(NamedTuple):
    """views [T, 3, S, S] normalised, the full view first; masks [N, T, S, S] float, one per entity."""

    views: Tensor
    masks: Tensor


def training_example(
    example: Example, rng: Rng, *, side: int, smallest_window: float = 0.6, min_area: int = 6
) -> TrainingExample:
    """Cut one full view and one random corner window of it, both S×S (source: paper §3.4, T = 2).

    A random window of the example (``smallest_window``..1 of its sides) plays the image, flipped half of the
    time, its colours varied. Entities under ``min_area`` px in the full view are dropped.
    """
    height, width = example.label_map.shape
    share = rng.uniform(smallest_window, 1.0, 2)
    size = np.maximum((share * (height, width)).astype(int), 8)
    y0, x0 = int(rng.integers(height - size[0] + 1)), int(rng.integers(width - size[1] + 1))
    rgb = example.rgb[y0 : y0 + size[0], x0 : x0 + size[1]]
    label_map = example.label_map[y0 : y0 + size[0], x0 : x0 + size[1]]
    if rng.random() < 0.5:
        rgb, label_map = rgb[:, ::-1], label_map[:, ::-1]
    rgb = _varied_colours(rgb, rng)
    corner = corner_windows(*label_map.shape)[int(rng.integers(4))]
    windows = (Window(0, 0, label_map.shape[1], label_map.shape[0]), corner)
    views = stack_views([_squared(rgb, window, side) for window in windows])
    labels = np.stack([_squared_labels(label_map, window, side) for window in windows]).astype(np.int64)
    numbers, areas = np.unique(labels[0], return_counts=True)
    kept = torch.from_numpy(numbers[(areas >= min_area) & (numbers > 0)])
    masks = torch.from_numpy(labels)[None] == kept[:, None, None, None]
    return TrainingExample(views, masks.float())


def training_batch(
    source: ExampleSource, indices: Sequence[int], rng: Rng, *, side: int
) -> tuple[Tensor, list[Tensor]]:
    """views [B, T, 3, S, S] and per image its masks [N, T, S, S]."""
    examples = [training_example(source[int(index)], rng, side=side) for index in indices]
    return torch.stack([one.views for one in examples]), [one.masks for one in examples]


def _squared(rgb: NDArray[np.uint8], window: Window, side: int) -> NDArray[np.uint8]:
    crop = np.ascontiguousarray(rgb[window.y0 : window.y1, window.x0 : window.x1])
    return np.asarray(Image.fromarray(crop).resize((side, side), Image.Resampling.BILINEAR))


def _squared_labels(label_map: NDArray[np.uint16], window: Window, side: int) -> NDArray[np.uint16]:
    rows = window.y0 + ((np.arange(side) + 0.5) * window.height / side).astype(int)
    columns = window.x0 + ((np.arange(side) + 0.5) * window.width / side).astype(int)
    return label_map[rows][:, columns]


def _varied_colours(rgb: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """Brightness, contrast and tint shifted a little; sometimes grey."""
    gain = rng.normal(1, 0.15) + rng.normal(0, 0.05, 3)
    offset = rng.normal(0, 12)
    pixels = rgb.astype(np.float32)
    if rng.random() < 0.15:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
    return np.clip((pixels - 128) * gain + 128 + offset, 0, 255).astype(np.uint8)
