"""Label maps as annotators leave them: cells with noisy borders, islands, thin wires and gaps."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import TiledMap, pack_strips
from annotation_server.segmentation.tiles import TILE, VOID, Pixels

COARSE = 4  # px of the map per cell of the drawing that is warped
NOISE_SIDE = 1024
ISLANDS = 0.2  # further cells, as a share of the entities, that belong to an entity elsewhere
GAPS = 0.04  # further cells without entity
WIRES = 14


def noisy_map(width: int, height: int, entities: int, seed: int = 1) -> TiledMap:
    """The map of one seed; every number 1..entities occurs."""
    rng = np.random.default_rng(seed)
    drawing = _cells(rng, -(-width // COARSE) + 1, -(-height // COARSE) + 1, entities)
    down, across = (_displacement(rng) for _ in range(2))
    wires = [_wire(rng, width, height, entities) for _ in range(WIRES)]
    return pack_strips(width, height, _strips(drawing, (down, across), wires, width, height))


def _cells(rng: np.random.Generator, width: int, height: int, entities: int) -> Pixels:
    """Voronoi cells of jittered grid points: one for each entity, then islands and gaps."""
    count = int(entities * (1 + ISLANDS + GAPS))
    rows = max(1, round(np.sqrt(count * height / width)))
    columns = -(-count // rows)
    owner = np.arange(rows * columns) + 1
    spare = owner[entities:]
    owner[entities:] = np.where(
        rng.random(spare.size) < ISLANDS / (ISLANDS + GAPS), rng.integers(1, entities + 1, spare.size), VOID
    )
    owner = rng.permutation(owner).reshape(rows, columns)
    side = np.array([height / rows, width / columns], np.float32)
    points = (
        np.moveaxis(np.mgrid[:rows, :columns], 0, -1) + rng.uniform(0.05, 0.95, (rows, columns, 2))
    ) * side
    points = points.astype(np.float32)
    drawing = np.empty((height, width), np.uint16)
    x = np.arange(width, dtype=np.float32)
    column = np.clip((x / side[1]).astype(int), 0, columns - 1)
    for top in range(0, height, 256):
        y = np.arange(top, min(top + 256, height), dtype=np.float32)
        row = np.clip((y / side[0]).astype(int), 0, rows - 1)
        nearest = np.full((y.size, width), np.inf, np.float32)
        for dr in (-1, 0, 1):
            for dc in (-1, 0, 1):
                r = np.clip(row + dr, 0, rows - 1)[:, None]
                c = np.clip(column + dc, 0, columns - 1)[None, :]
                distance = (points[r, c, 0] - y[:, None]) ** 2 + (points[r, c, 1] - x) ** 2
                closer = distance < nearest
                nearest = np.where(closer, distance, nearest)
                drawing[top : top + y.size] = np.where(closer, owner[r, c], drawing[top : top + y.size])
    return drawing


def _displacement(rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """How far pixels are moved [side, side], in px; it wraps. Wide waves, small ones, and ragged edges."""
    frequency = np.hypot(np.fft.fftfreq(NOISE_SIDE)[:, None], np.fft.rfftfreq(NOISE_SIDE)[None, :])
    frequency[0, 0] = np.inf
    white = np.fft.rfft2(rng.standard_normal((NOISE_SIDE, NOISE_SIDE)))
    smooth = np.fft.irfft2(white / frequency**2, s=(NOISE_SIDE, NOISE_SIDE))
    ragged = np.fft.irfft2(white / frequency, s=(NOISE_SIDE, NOISE_SIDE))
    moved = 40 * smooth / smooth.std() + 2.5 * ragged / ragged.std() + rng.normal(0, 0.5, smooth.shape)
    return np.rint(moved).astype(np.int32)


def _wire(
    rng: np.random.Generator, width: int, height: int, entities: int
) -> tuple[int, int, npt.NDArray[np.int32]]:
    """A wire from the left edge to the right: its number, thickness (px) and the y of each column."""
    x = np.arange(width) / width
    y = rng.uniform(0.05, 0.95) + 0.06 * np.sin(2 * np.pi * (rng.uniform(0.5, 3) * x + rng.random()))
    return int(rng.integers(1, entities + 1)), int(rng.integers(2, 9)), (y * height).astype(np.int32)


def _strips(
    drawing: Pixels,
    displacement: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    wires: list[tuple[int, int, npt.NDArray[np.int32]]],
    width: int,
    height: int,
) -> Iterator[Pixels]:
    down, across = displacement
    x = np.arange(width, dtype=np.int32)
    turns = -(-width // NOISE_SIDE)
    for top in range(0, height, TILE):
        y = np.arange(top, min(top + TILE, height), dtype=np.int32)
        moved_y, moved_x = (np.tile(part[y % NOISE_SIDE], turns)[:, :width] for part in (down, across))
        rows = np.clip((y[:, None] + moved_y) // COARSE, 0, drawing.shape[0] - 1)
        columns = np.clip((x + moved_x) // COARSE, 0, drawing.shape[1] - 1)
        strip = drawing[rows, columns]
        for number, thickness, line in wires:
            for offset in range(thickness):
                at = line + offset - top
                inside = (at >= 0) & (at < y.size)
                strip[at[inside], x[inside]] = number
        yield strip
