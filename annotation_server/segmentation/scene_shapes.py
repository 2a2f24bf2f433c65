"""Outlines of generated things: blobs, polygons, rings, wires, and objects made of several parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One piece of a thing: a filled outline [N, 2] in image pixels (x, y), or a line of ``line_width`` px.

    ``marking`` parts only change the colour inside the thing; the others make its silhouette.
    ``material`` chooses between the thing's surfaces.
    """

    outline: Points
    material: int = 0
    hole: Points | None = None
    line_width: int = 0
    marking: bool = False


def random_thing(rng: Rng, centre: tuple[float, float], radius: float) -> list[Part]:
    """A thing around ``centre`` (x, y) px reaching about ``radius`` px."""
    makers = (_blob_thing, _plain_thing, _ring, _wire, _compound, _facade, _plant, _vehicle)
    odds = (0.24, 0.25, 0.07, 0.08, 0.14, 0.08, 0.06, 0.08)
    parts = makers[int(rng.choice(len(makers), p=odds))](rng, radius)
    angle = rng.normal(0, 0.25) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    parts = [_turned(part, angle, centre) for part in parts]
    if rng.random() < 0.35:
        parts += _markings(rng, centre, radius)
    return parts


def _turned(part: Part, angle: float, centre: tuple[float, float]) -> Part:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hole = None if part.hole is None else part.hole @ turn.T + centre
    return Part(part.outline @ turn.T + centre, part.material, hole, part.line_width, part.marking)


def _circle(points: int = 40) -> Points:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def _moved(outline: Points, x: float, y: float) -> Points:
    return outline + np.array([x, y])


def _blob(rng: Rng, radius: float, roughness: float = 0.3) -> Points:
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    reach = np.ones_like(angles)
    for order in range(2, 8):
        reach += roughness / order * rng.normal() * np.cos(order * angles + rng.uniform(0, 2 * np.pi))
    squash = rng.uniform(0.5, 1.0)
    reach = np.clip(reach, 0.25, 1.8)
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach * squash], 1) * radius


def _rectangle(half_width: float, half_height: float) -> Points:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    return corners * (half_width, half_height)


def _blob_thing(rng: Rng, radius: float) -> list[Part]:
    return [Part(_blob(rng, radius, rng.uniform(0.1, 0.7)))]


def _plain_thing(rng: Rng, radius: float) -> list[Part]:
    kind = rng.integers(4)
    if kind == 0:
        return [Part(_circle() * radius * (1, rng.uniform(0.4, 1.0)))]
    if kind == 1:
        return [Part(_rectangle(radius, radius * rng.uniform(0.25, 1.0)))]
    if kind == 2:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
        reach = rng.uniform(0.6, 1.1, len(angles))
        return [Part(np.stack([np.cos(angles) * reach, np.sin(angles) * reach], 1) * radius)]
    spikes = int(rng.integers(4, 9))
    reach = np.where(np.arange(2 * spikes) % 2, rng.uniform(0.35, 0.7), 1.0)
    return [Part(_circle(2 * spikes) * reach[:, None] * radius)]


def _ring(rng: Rng, radius: float) -> list[Part]:
    outer = _blob(rng, radius, 0.1)
    return [Part(outer, hole=outer * rng.uniform(0.4, 0.8))]


def _wire(rng: Rng, radius: float) -> list[Part]:
    reach = radius * rng.uniform(1.2, 3.5)
    along = np.linspace(-reach, reach, 24)
    bend = rng.normal(0, 0.25) * reach * np.sin(along / reach * rng.uniform(0.5, 4) + rng.uniform(0, 6))
    width = max(2, int(radius * rng.uniform(0.04, 0.25)))
    return [Part(np.stack([along, bend], 1), line_width=width)]


def _compound(rng: Rng, radius: float) -> list[Part]:
    """A body with a head and limbs, like a figure, a bottle, a lamp."""
    body_width = radius * rng.uniform(0.25, 0.5)
    body = _blob(rng, 1.0, 0.12) * (body_width, radius * rng.uniform(0.7, 0.9))
    head_size = body_width * rng.uniform(0.35, 0.8)
    head = _circle() * head_size + (0, body[:, 1].min() - head_size * 0.6)
    parts = [Part(body), Part(head, material=1)]
    if rng.random() < 0.6:
        leg_width = max(2, int(body_width * rng.uniform(0.3, 0.6)))
        for side in (-0.5, 0.5):
            foot = (side * body_width * 1.3, radius * 1.2)
            parts.append(Part(np.array([(side * body_width, 0.0), foot]), 1, line_width=leg_width))
    return parts


def _facade(rng: Rng, radius: float) -> list[Part]:
    """A rectangle with a grid of windows."""
    half_width, half_height = radius * rng.uniform(0.4, 1.0), radius
    parts = [Part(_rectangle(half_width, half_height))]
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    pane = _rectangle(half_width / columns * 0.55, half_height / rows * 0.55)
    for x in np.linspace(-1, 1, 2 * columns + 1)[1::2] * half_width:
        parts += [
            Part(_moved(pane, x, y), material=1, marking=True)
            for y in np.linspace(-1, 1, 2 * rows + 1)[1::2] * half_height
        ]
    return parts


def _plant(rng: Rng, radius: float) -> list[Part]:
    stem = np.array([(0.0, radius), (rng.normal(0, 0.1) * radius, -0.2 * radius)])
    parts = [Part(stem, material=1, line_width=max(2, int(radius * rng.uniform(0.06, 0.22))))]
    for _ in range(int(rng.integers(1, 4))):
        offset = rng.normal(0, 0.25, 2) * radius + (0, -0.4 * radius)
        parts.append(Part(_blob(rng, radius * rng.uniform(0.35, 0.65), 0.6) + offset))
    return parts


def _vehicle(rng: Rng, radius: float) -> list[Part]:
    height = radius * rng.uniform(0.25, 0.45)
    cabin = np.array([(-0.55, 0.0), (-0.35, -1.0), (0.4, -1.0), (0.65, 0.0)]) * (radius, height * 1.1)
    wheel = _circle(24) * height * 0.5
    parts = [Part(_rectangle(radius, height * 0.5)), Part(cabin - (0, height * 0.45))]
    parts += [Part(_moved(wheel, x * radius, height * 0.5), material=1) for x in (-0.6, 0.6)]
    window = cabin * 0.7 - (0, height * 0.6)
    return [*parts, Part(window, material=1, marking=True)]


def _markings(rng: Rng, centre: tuple[float, float], radius: float) -> list[Part]:
    """Patches of the second surface inside the thing: spots, a band, lettering."""
    spots = []
    for _ in range(int(rng.integers(1, 5))):
        offset = rng.normal(0, 0.4, 2) * radius + centre
        spots.append(
            Part(_blob(rng, radius * rng.uniform(0.08, 0.3), 0.3) + offset, material=1, marking=True)
        )
    return spots
