"""From view logits to one label map: resize, average and paint tile by tile, so that size costs no memory.

Both resizings of the published inference (grid → padded view → original pixels) are linear and act on rows
and columns apart; here they are one small matrix per axis, applied only where a query can show.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.crops import Window

TILE_PX = 512
QUERIES_AT_ONCE = 8
GRID_STRIDE = 4
THRESHOLD = 0.5


@dataclass(frozen=True)
class View:
    """Where a view lies in the image, and the size (height, width) it was resized to."""

    window: Window
    resized: tuple[int, int]


@dataclass(frozen=True)
class Painted:
    """label_map [H, W] uint16, number = place in the painting order + 1; the rest per place, best first."""

    label_map: NDArray[np.uint16]
    areas: NDArray[np.int64]
    mask_scores: NDArray[np.float64]  # mean probability over the visible region, 0 where nothing shows


def paint_best_first(
    mask_logits: Tensor,
    views: list[View],
    size: tuple[int, int],
    order: list[int],
    *,
    second_sigmoid: bool = False,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Painted:
    """Paint queries in ``order`` (best first): a pixel goes to the first whose mean probability passes 0.5.

    mask_logits [Q, T, h, w] on the grid of stride 4; ``size`` is (height, width) of the image. The mean is
    over the views that see the pixel. ``second_sigmoid`` scores masks as the published code does, which takes
    the sigmoid of what already is a probability (kept for parity).
    """
    label_map = np.zeros(size, np.uint16)
    areas, sums = np.zeros(len(order), np.int64), np.zeros(len(order), np.float64)
    tiles = list(_tiles(*size))
    for done, tile in enumerate(tiles):
        numbers = label_map[tile.y0 : tile.y1, tile.x0 : tile.x1]
        for place, chance in _visible_in(mask_logits, views, tile, order):
            mine = (chance > THRESHOLD) & (numbers == 0)
            numbers[mine] = place + 1
            won = chance[mine].astype(np.float64)
            areas[place] += len(won)
            sums[place] += (1 / (1 + np.exp(-won)) if second_sigmoid else won).sum()
            if numbers.all():
                break
        progress((done + 1) / len(tiles))
    return Painted(label_map, areas, sums / np.maximum(areas, 1))


def fused_probabilities(mask_logits: Tensor, views: list[View], size: tuple[int, int]) -> NDArray[np.float32]:
    """Mean probability [Q, H, W] of every query over the views: whole in memory, for study and tests."""
    whole = Window(0, 0, size[1], size[0])
    return _fused(mask_logits, views, whole).numpy()


def bounded_probabilities(
    mask_logits: Tensor, views: list[View], stride: int, cells: tuple[int, int], queries: list[int]
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(query, mean probability [h, w]) of the ``queries`` that show anywhere, in their order.

    ``cells`` is (h, w); each is ``stride`` × ``stride`` px of the picture in which the views lie.
    """
    scaled = [View(_scaled(view.window, stride), view.resized) for view in views]
    whole = Window(0, 0, cells[1], cells[0])
    for place, chance in _visible_in(mask_logits, scaled, whole, queries):
        yield queries[place], chance


def _scaled(window: Window, stride: int) -> Window:
    """The cells that a window touches."""
    x1, y1 = -(-window.x1 // stride), -(-window.y1 // stride)
    return Window(window.x0 // stride, window.y0 // stride, x1, y1)


def view_probabilities(mask_logits: Tensor, view: View) -> NDArray[np.float32]:
    """Probabilities [Q, height, width] of one view at its size in the image; mask_logits [Q, h, w]."""
    return _resized_logits(mask_logits, view, view.window).sigmoid().numpy()


def _tiles(height: int, width: int) -> Iterator[Window]:
    for y in range(0, height, TILE_PX):
        for x in range(0, width, TILE_PX):
            yield Window(x, y, min(x + TILE_PX, width), min(y + TILE_PX, height))


def _visible_in(
    mask_logits: Tensor, views: list[View], tile: Window, order: list[int]
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(place in the order, mean probability [h, w]) of the queries that can pass the threshold in a tile.

    A mean of probabilities passes 0.5 only where some view's logit is positive, and resizing never exceeds
    the cells it reads, so cells without a positive logit rule a query out exactly.
    """
    possible = torch.zeros(len(mask_logits), dtype=torch.bool)
    for index, view in enumerate(views):
        part = _intersection(view.window, tile)
        if part is None:
            continue
        rows, columns = _axes(view, part, mask_logits.shape[-2:])
        cells = mask_logits[:, index, rows.cells, columns.cells]
        possible |= cells.amax((1, 2)) > 0
    places = [place for place, query in enumerate(order) if possible[query]]
    for start in range(0, len(places), QUERIES_AT_ONCE):
        chunk = places[start : start + QUERIES_AT_ONCE]
        chances = _fused(mask_logits[[order[place] for place in chunk]], views, tile).numpy()
        yield from zip(chunk, chances, strict=True)


def _fused(mask_logits: Tensor, views: list[View], tile: Window) -> Tensor:
    """Mean probability [n, h, w] over the views within a tile of the image."""
    total = torch.zeros(len(mask_logits), tile.height, tile.width)
    count = torch.zeros(tile.height, tile.width)
    for index, view in enumerate(views):
        part = _intersection(view.window, tile)
        if part is None:
            continue
        at = (
            slice(part.y0 - tile.y0, part.y1 - tile.y0),
            slice(part.x0 - tile.x0, part.x1 - tile.x0),
        )
        total[:, at[0], at[1]] += _resized_logits(mask_logits[:, index], view, part).sigmoid_()
        count[at] += 1
    return total.div_(count)


def _resized_logits(mask_logits: Tensor, view: View, part: Window) -> Tensor:
    """Logits [n, h, w] of one view at the original pixels of ``part``."""
    rows, columns = _axes(view, part, mask_logits.shape[-2:])
    return rows.matrix @ mask_logits[:, rows.cells, columns.cells] @ columns.matrix.T


def _intersection(one: Window, other: Window) -> Window | None:
    part = Window(max(one.x0, other.x0), max(one.y0, other.y0), min(one.x1, other.x1), min(one.y1, other.y1))
    return part if part.x1 > part.x0 and part.y1 > part.y0 else None


@dataclass(frozen=True)
class _Axis:
    """Pixels along one axis = ``matrix`` [pixels, cells read] @ grid[``cells``]."""

    matrix: Tensor
    cells: slice


def _axes(view: View, part: Window, grid: torch.Size) -> tuple[_Axis, _Axis]:
    window = view.window
    return (
        _axis(part.y0 - window.y0, part.y1 - window.y0, window.height, view.resized[0], grid[0]),
        _axis(part.x0 - window.x0, part.x1 - window.x0, window.width, view.resized[1], grid[1]),
    )


def _axis(start: int, stop: int, length: int, resized: int, cells: int) -> _Axis:
    """Bilinear reading of pixels start..stop of ``length``, from ``resized`` px, from the padded grid."""
    pixels = np.arange(start, stop)
    first, second, share = _neighbours(pixels, resized / length, resized)
    entries = []
    for pixel, weight in ((first, 1 - share), (second, share)):
        low, high, part = _neighbours(pixel, 1 / GRID_STRIDE, cells)
        entries += [(low, weight * (1 - part)), (high, weight * part)]
    begin = int(entries[0][0].min())
    end = int(entries[-1][0].max()) + 1
    matrix = np.zeros((len(pixels), end - begin))
    for cell, weight in entries:
        matrix[np.arange(len(pixels)), cell - begin] += weight
    return _Axis(torch.from_numpy(matrix.astype(np.float32)), slice(begin, end))


def _neighbours(
    place: NDArray[np.int64], scale: float, length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The two source pixels of each place and the second's share; centres aligned, edges repeated."""
    source = np.maximum((place + 0.5) * scale - 0.5, 0)
    first = np.minimum(source.astype(np.int64), length - 1)
    return first, np.minimum(first + 1, length - 1), source - first
