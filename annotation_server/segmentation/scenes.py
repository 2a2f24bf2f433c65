"""Generated scenes with exact ground truth: what the starter model learns from and the demo shows.

A scene is painted back to front like a stage: first stuff that fills the frame (bands or warped cells of
textured material), then things with parts, markings, shadows and occlusion. The label map is painted by the
same masks as the colours, so every pixel belongs to exactly one entity. Work goes in strips of rows: memory
stays near the two arrays that are returned (5 bytes a pixel) whatever the size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from annotation_server.segmentation import scene_shapes
from annotation_server.segmentation.scene_shapes import Part

Rng = np.random.Generator
F32 = NDArray[np.float32]
Floats = NDArray[np.floating]

STRIP_PX = 4_000_000
NOISE_SIDE = 256
BLUR_HALO = 8
TEXTURES = ("flat", "speckle", "waves", "stripes", "checks", "dots", "bricks", "gradient")
TEXTURE_ODDS = (0.2, 0.25, 0.15, 0.12, 0.06, 0.08, 0.06, 0.08)


@dataclass(frozen=True)
class Material:
    """How a surface looks: two colours (RGB 0..255) mixed by a texture, shading and grain."""

    texture: str
    first: F32
    second: F32
    period: float
    angle: float
    phase: float
    sharpness: float
    grain: float
    grain_scale: float
    grain_offset: tuple[int, int]
    slope: tuple[float, float]


def make_scene(
    seed: int, height: int, width: int, *, entities: int | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Paint one scene; the same arguments give the same bytes.

    ``entities`` is how many are painted (default: 4 to 24 by the seed); some end up hidden, so the label map
    holds up to that many, numbered 1..K without gaps. Returns RGB [H, W, 3] uint8 and the label map [H, W]
    uint16 without VOID.
    """
    if height < 8 or width < 8:
        raise ValueError(f"A scene needs at least 8 × 8 pixels, not {width} × {height}.")
    if entities is not None and not 1 <= entities <= 60_000:
        raise ValueError(f"A scene holds 1 to 60000 entities, not {entities}.")
    rng = np.random.Generator(np.random.PCG64(seed))
    painted = int(rng.integers(4, 25)) if entities is None else entities
    stuff = int(np.clip(rng.integers(1, 6), 1, max(1, painted // 2)))
    noise = _tileable_noise(rng)
    rgb = np.empty((height, width, 3), np.uint8)
    label_map = np.empty((height, width), np.uint16)
    _paint_stuff(rng, rgb, label_map, stuff, noise)
    for number in range(stuff + 1, painted + 1):
        _paint_thing(rng, rgb, label_map, number, painted - stuff, noise)
    _finish_like_a_camera(rng, rgb, noise)
    _close_gaps_in_numbers(label_map, painted)
    return rgb, label_map


def _strips(height: int, width: int) -> Iterator[slice]:
    rows = max(1, min(height, STRIP_PX // max(width, 1)))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _tileable_noise(rng: Rng) -> F32:
    """Noise [2, side, side] of zero mean and unit deviation that wraps: falling like 1/f, and white."""
    frequency = np.hypot(np.fft.fftfreq(NOISE_SIDE)[:, None], np.fft.rfftfreq(NOISE_SIDE)[None, :])
    frequency[0, 0] = np.inf
    white = rng.standard_normal((NOISE_SIDE, NOISE_SIDE))
    pink = np.fft.irfft2(np.fft.rfft2(white) / frequency, s=white.shape)
    return np.stack([pink / pink.std(), white]).astype(np.float32)


def _random_colour(rng: Rng) -> F32:
    """A colour as photographs have them: mostly dull, any brightness, sometimes vivid."""
    grey = rng.uniform(25, 235)
    saturation = rng.beta(1.1, 4.0)
    tint = rng.normal(size=3)
    tint -= tint.mean()
    tint /= np.abs(tint).max() + 1e-6
    return np.clip(grey + tint * saturation * 130, 5, 250).astype(np.float32)


def _random_material(rng: Rng, unit: float, *, like: Material | None = None) -> Material:
    """A random surface; ``unit`` (px) is the size of what it covers. ``like`` makes a relative of another."""
    first = _random_colour(rng) if like is None else _nearby_colour(rng, like.first, 45)
    second = _nearby_colour(rng, first, 50) if rng.random() < 0.75 else _random_colour(rng)
    return Material(
        texture=str(rng.choice(TEXTURES, p=TEXTURE_ODDS)),
        first=first,
        second=second,
        period=float(np.clip(unit * rng.uniform(0.04, 0.3), 3.0, None)),
        angle=float(rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])),
        phase=float(rng.uniform(0, 2 * np.pi)),
        sharpness=float(rng.choice([0.7, 1.5, 6.0])),
        grain=float(rng.gamma(1.2, 5.0)),
        grain_scale=float(rng.uniform(0.25, 1.5)),
        grain_offset=(int(rng.integers(NOISE_SIDE)), int(rng.integers(NOISE_SIDE))),
        slope=(float(rng.normal(0, 0.16)), float(rng.normal(0, 0.16))),
    )


def _nearby_colour(rng: Rng, colour: F32, distance: float) -> F32:
    shift = rng.normal(0, distance) + rng.normal(0, distance * 0.35, 3)
    return np.clip(colour + shift, 5, 250).astype(np.float32)


def _mix(material: Material, u: Floats, v: Floats, pink: F32) -> Floats | float:
    """How much of the second colour shows, in 0..1; u runs across the texture, v along it, in periods."""
    if material.texture == "flat":
        return 0.0
    if material.texture == "gradient":
        return np.clip(0.5 + u * 0.06, 0, 1)
    if material.texture == "speckle":
        return np.clip(0.5 + material.sharpness * 0.5 * pink, 0, 1)
    if material.texture == "waves":
        return 0.5 + 0.25 * (np.sin(u * 1.7 + np.sin(v)) + np.sin(v * 1.3 + 2 * np.sin(u * 0.6)))
    if material.texture == "dots":
        return np.clip((np.cos(u * 2 * np.pi) + np.cos(v * 2 * np.pi) - 0.7) * material.sharpness, 0, 1)
    if material.texture == "bricks":
        row = np.floor(v)
        across = np.abs((u * 0.5 + 0.5 * (row % 2)) % 1 - 0.5)
        return ((np.abs(v % 1 - 0.5) > 0.42) | (across > 0.46)).astype(np.float32)
    wave = np.sin(u * 2 * np.pi + 0.4 * np.sin(v))
    if material.texture == "checks":
        wave = wave * np.sin(v * 2 * np.pi)
    return np.clip(0.5 + material.sharpness * wave, 0, 1)


def _surface(
    material: Material, rows: slice, columns: slice, noise: F32, centre: tuple[float, float], reach: float
) -> F32:
    """Colours [h, w, 3] float32 (0..255) of a surface over a rectangle of the image."""
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :]
    cos, sin = np.float32(np.cos(material.angle)), np.float32(np.sin(material.angle))
    u = (x * cos + y * sin) / np.float32(material.period) + np.float32(material.phase)
    v = (y * cos - x * sin) / np.float32(material.period)
    at_y = ((y[:, 0] * material.grain_scale).astype(np.int64) + material.grain_offset[0]) % NOISE_SIDE
    at_x = ((x[0] * material.grain_scale).astype(np.int64) + material.grain_offset[1]) % NOISE_SIDE
    pink = noise[0][at_y][:, at_x]
    mix = _mix(material, u, v, pink)
    light = 1 + material.slope[0] * (x - centre[0]) / reach + material.slope[1] * (y - centre[1]) / reach
    light = np.clip(light, 0.45, 1.5) + np.float32(material.grain / 200) * pink
    span = material.second - material.first
    colours = np.empty((*light.shape, 3), np.float32)
    for channel in range(3):
        colours[..., channel] = (material.first[channel] + span[channel] * mix) * light
    return colours


def _paint_stuff(
    rng: Rng, rgb: NDArray[np.uint8], label_map: NDArray[np.uint16], count: int, noise: F32
) -> None:
    height, width = label_map.shape
    unit = float(min(height, width))
    materials = [_random_material(rng, unit) for _ in range(count)]
    region_of = _random_regions(rng, height, width, count)
    for rows in _strips(height, width):
        regions = region_of(rows)
        label_map[rows] = regions + 1
        for index, material in enumerate(materials):
            here = regions == index
            box = _bounding_box(here)
            if box is None:
                continue
            y, x = box
            inside = here[y, x]
            at = slice(rows.start + y.start, rows.start + y.stop)
            colours = _surface(material, at, x, noise, (width / 2, height / 2), unit)
            _put(rgb[at, x], inside, colours)


def _put(target: NDArray[np.uint8], inside: NDArray[np.bool_], colours: F32) -> None:
    np.clip(colours, 0, 255, out=colours)
    np.copyto(target, colours.astype(np.uint8), where=inside[..., None])


def _bounding_box(mask: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _random_regions(rng: Rng, height: int, width: int, count: int) -> Callable[[slice], NDArray[np.intp]]:
    """A partition of the frame into ``count`` regions: bands with wavy borders, or warped cells."""
    unit = float(min(height, width))
    waves = [(rng.uniform(1, 9), rng.uniform(0, 2 * np.pi), rng.normal(0, 0.03)) for _ in range(4)]
    if rng.random() < 0.5:
        borders = np.sort(rng.uniform(0.15, 0.9, count - 1)) * height
        tilt = rng.normal(0, 0.12, count - 1)

        def bands(rows: slice) -> NDArray[np.intp]:
            y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
            x = np.arange(width, dtype=np.float32)[None, :]
            wave = sum(np.sin(x / unit * rate + phase) * size for rate, phase, size in waves) * unit
            region = np.zeros((len(y), width), np.intp)
            for border, slant in zip(borders, tilt, strict=True):
                region += y > border + wave + slant * (x - width / 2)
            return region

        return bands
    centres = rng.uniform(0, 1, (count, 2)) * (width, height)
    weights = rng.uniform(0.6, 1.4, count)

    def cells(rows: slice) -> NDArray[np.intp]:
        y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
        x = np.arange(width, dtype=np.float32)[None, :]
        bend_x = sum(np.sin(y / unit * rate + phase) * size for rate, phase, size in waves[:2]) * unit * 1.5
        bend_y = sum(np.sin(x / unit * rate + phase) * size for rate, phase, size in waves[2:]) * unit * 1.5
        nearest = np.full((len(y), width), np.inf, np.float32)
        region = np.zeros((len(y), width), np.intp)
        for index, ((cx, cy), weight) in enumerate(zip(centres, weights, strict=True)):
            distance = ((x + bend_x - cx) ** 2 + (y + bend_y - cy) ** 2) * np.float32(weight)
            closer = distance < nearest
            region[closer] = index
            np.minimum(nearest, distance, out=nearest)
        return region

    return cells


def _paint_thing(
    rng: Rng, rgb: NDArray[np.uint8], label_map: NDArray[np.uint16], number: int, things: int, noise: F32
) -> None:
    height, width = label_map.shape
    share = np.sqrt(height * width / max(things, 4))
    radius = float(np.clip(share * rng.lognormal(-0.65, 0.55), 4, 0.45 * min(height, width)))
    centre = (rng.uniform(-0.05, 1.05) * width, rng.uniform(0.0, 1.05) * height)
    parts = scene_shapes.random_thing(rng, centre, radius)
    body = _random_material(rng, radius)
    materials = [body, _random_material(rng, radius, like=body if rng.random() < 0.5 else None)]
    shadow = rng.uniform(0.45, 0.85) if rng.random() < 0.45 else 1.0
    drop = (int(radius * rng.uniform(-0.25, 0.25)), int(radius * rng.uniform(0.03, 0.2)))
    box = _box_of(parts, height, width)
    if box is None:
        return
    rows, columns = box
    silhouette = _draw(parts, rows, columns)
    if shadow < 1:
        _cast_shadow(rgb, silhouette, rows, columns, drop, shadow, softness=max(1.0, radius * 0.06))
    label_map[rows, columns][silhouette] = number
    for part in parts:
        part_box = _box_of([part], height, width)
        if part_box is None:
            continue
        y, x = _overlap(part_box[0], rows), _overlap(part_box[1], columns)
        if y.stop <= y.start or x.stop <= x.start:
            continue
        within = silhouette[
            y.start - rows.start : y.stop - rows.start, x.start - columns.start : x.stop - columns.start
        ]
        mask = _draw([part], y, x) & within
        material = materials[part.material % len(materials)]
        for strip in _strips(y.stop - y.start, x.stop - x.start):
            at = slice(y.start + strip.start, y.start + strip.stop)
            _put(rgb[at, x], mask[strip], _surface(material, at, x, noise, centre, radius))


def _box_of(parts: list[Part], height: int, width: int) -> tuple[slice, slice] | None:
    points = np.concatenate([part.outline for part in parts if not part.marking] or [parts[0].outline])
    margin = max(part.line_width for part in parts) / 2 + 1
    x0, y0 = np.floor(points.min(0) - margin).astype(int)
    x1, y1 = np.ceil(points.max(0) + margin).astype(int)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if x1 <= x0 or y1 <= y0:
        return None
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))


def _overlap(one: slice, other: slice) -> slice:
    return slice(max(one.start, other.start), min(one.stop, other.stop))


def _draw(parts: list[Part], rows: slice, columns: slice) -> NDArray[np.bool_]:
    """The union of the parts that make a silhouette (or of the one marking given), in a rectangle."""
    canvas = Image.new("L", (columns.stop - columns.start, rows.stop - rows.start))
    draw = ImageDraw.Draw(canvas)
    for part in parts:
        if part.marking and len(parts) > 1:
            continue
        outline = [(float(x), float(y)) for x, y in part.outline - (columns.start, rows.start)]
        if part.line_width:
            draw.line(outline, fill=255, width=part.line_width, joint="curve")
            continue
        draw.polygon(outline, fill=255)
        if part.hole is not None:
            draw.polygon([(float(x), float(y)) for x, y in part.hole - (columns.start, rows.start)], fill=0)
    return np.asarray(canvas) > 0


def _cast_shadow(
    rgb: NDArray[np.uint8],
    silhouette: NDArray[np.bool_],
    rows: slice,
    columns: slice,
    drop: tuple[int, int],
    darkness: float,
    *,
    softness: float,
) -> None:
    height, width = rgb.shape[:2]
    y0, x0 = max(rows.start + drop[1], 0), max(columns.start + drop[0], 0)
    y1, x1 = min(rows.stop + drop[1], height), min(columns.stop + drop[0], width)
    if y1 <= y0 or x1 <= x0:
        return
    offset_y, offset_x = y0 - drop[1] - rows.start, x0 - drop[0] - columns.start
    cut = silhouette[offset_y : offset_y + y1 - y0, offset_x : offset_x + x1 - x0]
    soft = Image.fromarray(cut.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(softness))
    keep = 1 - np.asarray(soft, np.float32) * np.float32((1 - darkness) / 255)
    for strip in _strips(y1 - y0, x1 - x0):
        at = slice(y0 + strip.start, y0 + strip.stop)
        rgb[at, x0:x1] = (rgb[at, x0:x1] * keep[strip][..., None]).astype(np.uint8)


def _finish_like_a_camera(rng: Rng, rgb: NDArray[np.uint8], noise: F32) -> None:
    """Uneven light, a little blur and sensor noise, in place."""
    height, width = rgb.shape[:2]
    slope_x, slope_y = rng.normal(0, 0.12, 2)
    blur = float(rng.choice([0.0, 0.5, 0.8, 1.2]))
    sensor = float(rng.gamma(1.3, 2.0))
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    offsets = rng.integers(NOISE_SIDE, size=2)
    above = rgb[:0].copy()
    for rows in _strips(height, width):
        source = np.concatenate([above, rgb[rows.start : min(rows.stop + BLUR_HALO, height)]])
        top = len(above)
        above = rgb[max(rows.stop - BLUR_HALO, rows.start) : rows.stop].copy()
        if blur:
            source = np.asarray(Image.fromarray(source).filter(ImageFilter.GaussianBlur(blur)))
        at_y = (np.arange(rows.start, rows.stop) + offsets[0]) % NOISE_SIDE
        at_x = (np.arange(width) + offsets[1]) % NOISE_SIDE
        light = 1 + slope_x * x + slope_y * y[rows]
        grain = noise[1][at_y][:, at_x] * np.float32(sensor)
        for channel in range(3):
            plane = source[top : top + rows.stop - rows.start, :, channel] * light
            plane += np.roll(grain, 37 * channel, axis=1)
            rgb[rows, :, channel] = np.clip(plane, 0, 255)


def _close_gaps_in_numbers(label_map: NDArray[np.uint16], painted: int) -> None:
    """Renumber in place to 1..K in painting order, leaving out what nothing shows of."""
    seen = np.zeros(painted + 1, bool)
    for rows in _strips(*label_map.shape):
        seen[np.unique(label_map[rows])] = True
    numbers = np.cumsum(seen).astype(np.uint16)
    for rows in _strips(*label_map.shape):
        label_map[rows] = numbers[label_map[rows]]
