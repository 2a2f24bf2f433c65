"""Examples from photographs that may be used freely: windows of them, and collages of what they show.

A collage has a photograph with its label map, or regions of real texture, as ground; real things, or real
outlines filled with another texture, are pasted over it and over its label map.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from annotation_server.segmentation.scenes import make_scene
from ml_worker.crops import Window
from ml_worker.dataset import Example
from ml_worker.transforms import resize_labels, resize_view

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Kind = Literal["photograph", "collage", "scene"]

STORED_SIDE = 320
TEXTURE_SIDE = 640
SMALLEST_SEGMENT_PX = 350
NOT_FREE = "The licence of photograph {} does not let it shape what is shipped."
SCENE_SIDE = 192
DEFAULT_ODDS: Mapping[Kind, float] = {"photograph": 0.3, "collage": 0.5, "scene": 0.2}


@dataclass(frozen=True)
class Segment:
    """One annotated region of a photograph: its pixels [h, w, 3] and where in that box it lies [h, w]."""

    rgb: Pixels
    inside: NDArray[np.bool_]
    is_thing: bool


class CollageDataset:
    """``count`` examples, each a function of (``seed``, index) and the files alone.

    ``data`` is a folder with coco_panoptic/ and hires/ (annotations.json, photos.json and the files they
    name). ``photographs`` are ids of the first, ``textures`` of the second; ``ValueError`` for one that is
    not there or not free. ``odds`` say how often each kind of example comes. Scenes take the seeds from
    ``scene_seed`` on.
    """

    left_out: Mapping[str, str] = {}

    def __init__(
        self,
        *,
        data: Path | str,
        photographs: Sequence[str],
        textures: Sequence[str] = (),
        count: int,
        seed: int,
        scene_seed: int = 2_000_000,
        side: int = 224,
        odds: Mapping[Kind, float] = DEFAULT_ODDS,
    ) -> None:
        self.count, self.seed, self.scene_seed, self.side = count, seed, scene_seed, side
        self._kinds = list(odds)
        self._odds = np.array(list(odds.values())) / sum(odds.values())
        self.photographs, self.segments = _read_photographs(Path(data), photographs)
        self.textures = _read_textures(Path(data), textures)
        self._things = [segment for segment in self.segments if segment.is_thing] or self.segments

    def __len__(self) -> int:
        return self.count

    def name(self, index: int) -> str:
        return f"collage {index}"

    def __getitem__(self, index: int) -> Example:
        rng = np.random.default_rng((self.seed, index))
        kind = self._kinds[int(rng.choice(len(self._kinds), p=self._odds))]
        if kind == "scene":
            return Example(*make_scene(self.scene_seed + index, SCENE_SIDE, SCENE_SIDE))
        if kind == "photograph":
            return self._photograph_window(rng, smallest=0.4)
        return self._collage(rng)

    def _photograph_window(self, rng: Rng, *, smallest: float) -> Example:
        """A nearly square window of a photograph, its colours changed."""
        photograph = self.photographs[int(rng.integers(len(self.photographs)))]
        height, width = photograph.label_map.shape
        short = min(height, width) * rng.uniform(smallest, 1.0)
        longer = rng.uniform(1.0, 1.35)
        stretch = (1.0, longer) if rng.random() < 0.5 else (longer, 1.0)
        h, w = min(height, int(short * stretch[0])), min(width, int(short * stretch[1]))
        y, x = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        rgb = _recoloured(photograph.rgb[y : y + h, x : x + w], rng, strength=1.0)
        return Example(rgb, photograph.label_map[y : y + h, x : x + w])

    def _collage(self, rng: Rng) -> Example:
        rgb, label_map = self._ground(rng)
        number = int(label_map.max())
        for _ in range(int(rng.integers(1, 11))):
            cutout, inside = self._cutout(rng, rgb.shape[0])
            number += _paste(rgb, label_map, cutout, inside, number + 1, rng)
        return Example(_as_one_picture(rgb, rng), label_map)

    def _ground(self, rng: Rng) -> tuple[Pixels, NDArray[np.uint16]]:
        if rng.random() < 0.5:
            photograph = self._photograph_window(rng, smallest=0.5)
            height, width = photograph.label_map.shape
            window = Window(0, 0, width, height)
            rgb = resize_view(photograph.rgb, window, self.side, 2 * self.side)
            return rgb.copy(), resize_labels(photograph.label_map, window, self.side, 2 * self.side).copy()
        regions = _random_regions(rng, self.side, int(rng.integers(1, 7)))
        rgb = np.empty((self.side, self.side, 3), np.uint8)
        for number in np.unique(regions):
            inside = regions == number
            rgb[inside] = self._texture(rng, self.side, self.side)[inside]
        return rgb, regions

    def _cutout(self, rng: Rng, side: int) -> tuple[Pixels, NDArray[np.uint8]]:
        """Something to paste: its pixels [h, w, 3] and how much of each is its own, 0..255 [h, w]."""
        segment = self._things[int(rng.integers(len(self._things)))]
        height, width = segment.inside.shape
        reach = side * float(np.clip(rng.lognormal(-1.35, 0.55), 0.06, 0.8))
        scale = reach / np.sqrt(max(1.0, float(segment.inside.sum())))
        scale = min(scale, 2.5 * side / max(height, width))
        size = (max(4, int(width * scale * rng.uniform(0.8, 1.25))), max(4, int(height * scale)))
        shape = Image.fromarray(segment.inside.astype(np.uint8) * 255)
        surface = Image.fromarray(segment.rgb).resize(size, Image.Resampling.BILINEAR)
        shape = shape.resize(size, Image.Resampling.BILINEAR)
        if rng.random() < 0.35:
            surface = Image.fromarray(self._texture(rng, size[1], size[0]))
        if rng.random() < 0.4:
            angle = float(rng.uniform(-40, 40))
            surface = surface.rotate(angle, Image.Resampling.BILINEAR)
            shape = shape.rotate(angle, Image.Resampling.BILINEAR)
        flip = slice(None, None, -1 if rng.random() < 0.5 else 1)
        return _recoloured(np.asarray(surface)[:, flip], rng, strength=1.3), np.asarray(shape)[:, flip]

    def _texture(self, rng: Rng, height: int, width: int) -> Pixels:
        """A surface of one material, mirrored as often as it takes, with light falling off to one side."""
        patch = self._patch(rng)
        if rng.random() < 0.5:
            zoom = float(rng.uniform(1.0, 3.0))
            size = (int(patch.shape[1] * zoom), int(patch.shape[0] * zoom))
            patch = np.asarray(Image.fromarray(patch).resize(size, Image.Resampling.BILINEAR))
        surface = patch[_mirrored(height, len(patch))][:, _mirrored(width, patch.shape[1])]
        down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * rng.normal(0, 0.12)
        across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * rng.normal(0, 0.12)
        light = np.clip(1 + down + across, 0.5, 1.5)[..., None]
        return _recoloured(np.clip(surface * light, 0, 255).astype(np.uint8), rng, strength=1.6)

    def _patch(self, rng: Rng) -> Pixels:
        """The most even of a few squares, of a segment or of a photograph without label map."""
        best: tuple[float, Pixels] | None = None
        for _ in range(6):
            if self.textures and rng.random() < 0.3:
                picture = self.textures[int(rng.integers(len(self.textures)))]
                inside = None
            else:
                segment = self.segments[int(rng.integers(len(self.segments)))]
                picture, inside = segment.rgb, segment.inside
            side = min(int(rng.integers(16, 90)), *picture.shape[:2])
            y = int(rng.integers(picture.shape[0] - side + 1))
            x = int(rng.integers(picture.shape[1] - side + 1))
            patch = picture[y : y + side, x : x + side]
            missing = 0.0 if inside is None else 1.0 - float(inside[y : y + side, x : x + side].mean())
            uneven = _unevenness(patch) + 300 * missing
            if best is None or uneven < best[0]:
                best = (uneven, patch)
            if uneven < 12:
                break
        assert best is not None
        return best[1]


def _read_photographs(data: Path, ids: Sequence[str]) -> tuple[list[Example], list[Segment]]:
    listed = json.loads((data / "coco_panoptic" / "annotations.json").read_text())["images"]
    known = {row["id"]: row for row in listed}
    photographs, segments = [], []
    for row in [_wanted(known, one) for one in ids]:
        if row["license_class"] != "free":
            raise ValueError(NOT_FREE.format(row["id"]))
        rgb = np.asarray(Image.open(data / row["file"]).convert("RGB"))
        label_map = np.asarray(Image.open(data / row["label"])).astype(np.uint16)
        window = Window(0, 0, row["width"], row["height"])
        rgb = resize_view(rgb, window, STORED_SIDE, 2 * STORED_SIDE)
        label_map = resize_labels(label_map, window, STORED_SIDE, 2 * STORED_SIDE)
        photographs.append(Example(rgb, label_map))
        segments += _segments(rgb, label_map, {one["id"]: bool(one["isthing"]) for one in row["segments"]})
    return photographs, segments


def _segments(rgb: Pixels, label_map: NDArray[np.uint16], is_thing: dict[int, bool]) -> list[Segment]:
    found = []
    for number, thing in is_thing.items():
        inside = label_map == number
        if inside.sum() < SMALLEST_SEGMENT_PX:
            continue
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        found.append(Segment(rgb[box], inside[box], thing))
    return found


def _read_textures(data: Path, ids: Sequence[str]) -> list[Pixels]:
    if not ids:
        return []
    known = {row["id"]: row for row in json.loads((data / "hires" / "photos.json").read_text())["images"]}
    pictures = []
    for row in [_wanted(known, one) for one in ids]:
        if not row["license"].startswith("CC0"):
            raise ValueError(NOT_FREE.format(row["id"]))
        with Image.open(data / row["file"]) as image:
            image.draft("RGB", (2 * TEXTURE_SIDE, 2 * TEXTURE_SIDE))
            image.thumbnail((2 * TEXTURE_SIDE, TEXTURE_SIDE))
            pictures.append(np.asarray(image.convert("RGB")))
    return pictures


def _wanted(known: dict[str, dict[str, Any]], wanted: str) -> dict[str, Any]:
    if wanted not in known:
        raise ValueError(f"There is no photograph {wanted}.")
    return known[wanted]


def _random_regions(rng: Rng, side: int, count: int) -> NDArray[np.uint16]:
    """A square of 1 to ``count`` regions with bent borders, numbered without gaps [side, side]."""
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j].astype(np.float32)
    for axis_rate in (rng.uniform(2, 9), rng.uniform(2, 16)):
        bend = float(rng.normal(0, 0.3)) / axis_rate
        phase = rng.uniform(0, 2 * np.pi, 2)
        x, y = (
            x + bend * np.sin(axis_rate * y + phase[0], dtype=np.float32),
            y + bend * np.sin(axis_rate * x + phase[1], dtype=np.float32),
        )
    centres = rng.uniform(0, 1, (count, 2))
    across = 1.0 if rng.random() < 0.5 else 0.15  # mostly bands, one above the other
    distances = [across * (x - cx) ** 2 + (y - cy) ** 2 for cx, cy in centres]
    regions = np.argmin(distances, axis=0)
    return (np.unique(regions, return_inverse=True)[1].reshape(side, side) + 1).astype(np.uint16)


def _paste(
    rgb: Pixels,
    label_map: NDArray[np.uint16],
    cutout: Pixels,
    share: NDArray[np.uint8],
    number: int,
    rng: Rng,
) -> bool:
    """Put the cutout somewhere, perhaps with a shadow; whether anything of it shows."""
    height, width = label_map.shape
    h, w = share.shape
    y, x = int(rng.uniform(-0.3, 1.0) * height), int(rng.uniform(-0.3, 1.0) * width)
    at, part = _overlap(label_map.shape, share.shape, y, x)
    if not (share[part] > 127).any():
        return False
    if rng.random() < 0.3:
        _darken_below(rgb, share, y + max(1, h // 12), x + int(rng.integers(-w // 8, w // 8 + 1)), rng)
    mine = share[part].astype(np.float32)[..., None] / 255
    rgb[at] = (rgb[at] * (1 - mine) + cutout[part] * mine).astype(np.uint8)
    label_map[at][share[part] > 127] = number
    return True


def _darken_below(rgb: Pixels, share: NDArray[np.uint8], y: int, x: int, rng: Rng) -> None:
    at, part = _overlap(rgb.shape[:2], share.shape, y, x)
    if not share[part].size:
        return
    soft = Image.fromarray(share).filter(ImageFilter.BoxBlur(max(1.0, share.shape[0] / 20)))
    shade = np.asarray(soft, np.float32)[part][..., None] / 255
    rgb[at] = (rgb[at] * (1 - rng.uniform(0.2, 0.5) * shade)).astype(np.uint8)


def _overlap(
    canvas: tuple[int, ...], pasted: tuple[int, ...], y: int, x: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where something of size ``pasted`` lies on the canvas at (y, x), and which part of it that is."""
    y0, x0 = min(max(y, 0), canvas[0]), min(max(x, 0), canvas[1])
    y1, x1 = max(y0, min(y + pasted[0], canvas[0])), max(x0, min(x + pasted[1], canvas[1]))
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))


def _as_one_picture(rgb: Pixels, rng: Rng) -> Pixels:
    """Blur and grain over everything, so that pasted borders do not give themselves away."""
    if rng.random() < 0.4:
        softened = Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.3))))
        rgb = np.asarray(softened)
    if rng.random() < 0.5:
        grain = rng.normal(0, rng.uniform(1, 8), rgb.shape[:2]).astype(np.float32)[..., None]
        rgb = np.clip(rgb + grain, 0, 255).astype(np.uint8)
    return rgb


def _recoloured(rgb: Pixels, rng: Rng, *, strength: float) -> Pixels:
    """Brightness, contrast, saturation, tint and gamma changed; a table for each channel where it can be."""
    gain = np.exp(rng.normal(0, 0.12 * strength) + rng.normal(0, 0.06 * strength, 3))
    offset = rng.normal(0, 10 * strength) + rng.normal(0, 5 * strength, 3)
    gamma = float(np.exp(rng.normal(0, 0.2 * strength)))
    levels = np.arange(256, dtype=np.float32)
    curve = 255 * (levels / 255) ** gamma
    tables = np.clip((curve[None] - 128) * gain[:, None] + 128 + offset[:, None], 0, 255).astype(np.uint8)
    changed = np.stack([tables[channel][rgb[..., channel]] for channel in range(3)], axis=-1)
    if rng.random() < 0.5:
        saturation = np.float32(rng.uniform(0, 1.6))
        grey = changed.mean(2, keepdims=True, dtype=np.float32)
        changed = np.clip(grey + (changed - grey) * saturation, 0, 255).astype(np.uint8)
    return changed


def _mirrored(length: int, period: int) -> NDArray[np.int64]:
    """Indices 0, 1, …, period − 1, period − 1, …, 0, 0, 1, … of the given length."""
    place = np.arange(length) % (2 * period)
    return np.minimum(place, 2 * period - 1 - place)


def _unevenness(patch: Pixels) -> float:
    """Standard deviation of the colours of a patch's quarters of quarters: 0 where it is one material."""
    small = np.asarray(Image.fromarray(patch).resize((4, 4), Image.Resampling.BOX), np.float32)
    return float(small.std((0, 1)).mean())
