"""Examples to learn from: an image and its label map, generated or read from folders."""

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from annotation_server.segmentation.label_map_png import MAX_PIXELS, BadPng, read_label_map_png
from annotation_server.segmentation.scenes import make_scene

Rgb = NDArray[np.uint8]
LabelMap = NDArray[np.uint16]

WITHOUT_ENTITIES, UNREADABLE, WRONG_SIZE = "without_entities", "unreadable", "wrong_size"


class Example(NamedTuple):
    """RGB [H, W, 3] uint8 and its label map [H, W] integer, 0 = VOID."""

    rgb: Rgb
    label_map: LabelMap


class BadExample(ValueError):
    """An example that cannot be trained on: ``reason`` is counted, the sentence says what is wrong."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class ExampleSource(Protocol):
    """Examples by index."""

    @property
    def left_out(self) -> Mapping[str, str]:
        """What is known to be unfit, by name, with the reason."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Example:
        """Raises BadExample for what cannot be read."""

    def name(self, index: int) -> str:
        """What a person finds the example by."""


class SceneDataset:
    """Generated scenes, held in memory and cached as one ``.npz`` so that they are painted once."""

    left_out: Mapping[str, str] = {}

    def __init__(
        self, *, count: int, side: int, seed: int, entities: int | None = None, cache: Path | None = None
    ) -> None:
        self.seed = seed
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

    def name(self, index: int) -> str:
        return f"scene {self.seed + index}"


class LabelMapFolder:
    """``images/NAME.*`` beside ``labels/NAME<suffix>.png`` (label maps as 8- or 16-bit grey PNG)."""

    left_out: Mapping[str, str] = {}

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
        image, labels = self.pairs[index]
        with naming_the_unreadable(labels.name):
            label_map = read_label_map_png(labels).pixels()
        return matching(image.name, read_rgb(image, image.name), label_map)

    def name(self, index: int) -> str:
        return self.pairs[index][0].name


def read_rgb(file: Path | BinaryIO, name: str) -> Rgb:
    """RGB bytes of a picture of any mode: grey, palette, alpha (on black), 16 bits (the upper eight).

    Raises BadExample for what is no picture, damaged, or larger than the largest label map.
    """
    with naming_the_unreadable(name), _largest_pictures(), Image.open(file) as image:
        if image.width * image.height > MAX_PIXELS:
            raise BadExample(UNREADABLE, f"{name} has more than {MAX_PIXELS} px.")
        if image.mode.startswith("I"):
            grey = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
            return np.repeat(grey[..., None], 3, axis=2)
        if image.has_transparency_data:
            pixels = np.asarray(image.convert("RGBA"))
            return (pixels[..., :3] * (pixels[..., 3:] / np.float32(255)) + 0.5).astype(np.uint8)
        return np.asarray(image.convert("RGB"))


def matching(name: str, rgb: Rgb, label_map: LabelMap) -> Example:
    """The example, if both are of one size; raises BadExample otherwise."""
    if label_map.shape != rgb.shape[:2]:
        raise BadExample(
            WRONG_SIZE,
            f"The label map of {name} is {label_map.shape[1]} × {label_map.shape[0]} px, "
            f"its image {rgb.shape[1]} × {rgb.shape[0]}.",
        )
    return Example(rgb, label_map)


@contextmanager
def naming_the_unreadable(name: str) -> Iterator[None]:
    """What Pillow and the file system raise, as BadExample."""
    try:
        yield
    except (OSError, BadPng, UnidentifiedImageError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadExample(UNREADABLE, f"{name} cannot be read ({error}).") from error


@contextmanager
def _largest_pictures() -> Iterator[None]:
    """Pillow's own limit is below our largest images; ours is checked by the header."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit
