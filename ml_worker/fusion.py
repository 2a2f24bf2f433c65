"""From view logits to one label map: resize, average and paint tile by tile, so that size costs no memory.

Both resizings of the published inference (grid → padded view → original pixels) are linear and act on rows
and columns apart; here they are one small matrix per axis, applied only where a query can show.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.crops import Window

TILE_PX = 128  # so small that one mask often fills a tile, and the others need not be looked at
TILE_PX_GPU = 1024
QUERIES_AT_ONCE = 8
GRID_STRIDE = 4
THRESHOLD = 0.5
ROUNDING = 1e-5  # bounds within this of the threshold decide nothing


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
    device = mask_logits.device
    areas = torch.zeros(len(order), dtype=torch.int64, device=device)
    sums = torch.zeros(len(order), dtype=torch.float64, device=device)
    tiles = list(_tiles(size, views, TILE_PX if device.type == "cpu" else TILE_PX_GPU))
    queries = torch.tensor(order, dtype=torch.int64, device=device)
    for done, tile in enumerate(tiles):
        numbers = torch.zeros(tile.height, tile.width, dtype=torch.int32, device=device)
        for places, chances in _contenders(mask_logits, views, tile, queries):
            first, won = _first_to_show(chances)
            taken = (numbers == 0) & (first >= 0)
            at, values = places[first[taken]], won[taken].double()
            numbers.masked_scatter_(taken, (at + 1).to(torch.int32))
            areas += torch.bincount(at, minlength=len(order))
            values = values.sigmoid_() if second_sigmoid else values
            sums += torch.bincount(at, values, minlength=len(order))
            if numbers.all():
                break
        label_map[tile.y0 : tile.y1, tile.x0 : tile.x1] = numbers.cpu().numpy()
        progress((done + 1) / len(tiles))
    found = areas.cpu().numpy()
    return Painted(label_map, found, sums.cpu().numpy() / np.maximum(found, 1))


def fused_probabilities(mask_logits: Tensor, views: list[View], size: tuple[int, int]) -> NDArray[np.float32]:
    """Mean probability [Q, H, W] of every query over the views: whole in memory, for study and tests."""
    whole = Window(0, 0, size[1], size[0])
    return _fused(mask_logits, views, whole).cpu().numpy()


def bounded_probabilities(
    mask_logits: Tensor, views: list[View], stride: int, cells: tuple[int, int], queries: list[int]
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(query, mean probability [h, w]) of the ``queries`` that show anywhere, in their order.

    ``cells`` is (h, w); each is ``stride`` × ``stride`` px of the picture in which the views lie.
    """
    scaled = [View(_scaled(view.window, stride), view.resized) for view in views]
    whole = Window(0, 0, cells[1], cells[0])
    possible = (
        mask_logits.amax((1, 2, 3)) > 0
    ).tolist()  # a mean passes 0.5 only where some logit is positive
    shown = [query for query in queries if possible[query]]
    for start in range(0, len(shown), QUERIES_AT_ONCE):
        chunk = shown[start : start + QUERIES_AT_ONCE]
        yield from zip(chunk, _fused(mask_logits[chunk], scaled, whole).cpu().numpy(), strict=True)


def _scaled(window: Window, stride: int) -> Window:
    """The cells that a window touches."""
    x1, y1 = -(-window.x1 // stride), -(-window.y1 // stride)
    return Window(window.x0 // stride, window.y0 // stride, x1, y1)


def view_probabilities(mask_logits: Tensor, view: View) -> NDArray[np.float32]:
    """Probabilities [Q, height, width] of one view at its size in the image; mask_logits [Q, h, w]."""
    return _resized_logits(mask_logits, view, view.window).sigmoid().cpu().numpy()


def _tiles(size: tuple[int, int], views: list[View], side: int) -> Iterator[Window]:
    """Tiles of at most ``side`` px, each wholly inside or wholly outside of every view."""
    rows = _cuts(size[0], side, [edge for view in views for edge in (view.window.y0, view.window.y1)])
    columns = _cuts(size[1], side, [edge for view in views for edge in (view.window.x0, view.window.x1)])
    for y0, y1 in pairwise(rows):
        for x0, x1 in pairwise(columns):
            yield Window(x0, y0, x1, y1)


def _first_to_show(chances: Tensor) -> tuple[Tensor, Tensor]:
    """Per pixel the first of n whose mean probability [n, h, w] passes, or -1, and that probability."""
    count = len(chances)
    places = torch.arange(count, 0, -1, dtype=torch.float32, device=chances.device)
    best = ((chances > THRESHOLD) * places[:, None, None]).amax(0)  # count for the first, 0 for none
    first = count - best.long()
    won = chances.gather(0, first.clamp(max=count - 1)[None])[0]
    return first.masked_fill_(best == 0, -1), won


def _cuts(length: int, side: int, edges: list[int]) -> list[int]:
    return sorted({*range(0, length, side), *edges, 0, length})


def _contenders(
    mask_logits: Tensor, views: list[View], tile: Window, queries: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """(places among ``queries``, mean probabilities [n, h, w]) of those that may show in a tile, best first.

    Resizing never exceeds the cells it reads, so a view's lowest and highest cell bound its logits. Left out
    are queries that cannot pass the threshold anywhere, and those behind one that passes it everywhere.
    """
    seen = []
    for index, view in enumerate(views):
        if _intersection(view.window, tile) is not None:
            rows, columns = _axes(view, tile, mask_logits.shape[-2:])
            cells = mask_logits[:, index, rows.cells, columns.cells]
            seen.append((cells, rows.matrix.to(cells.device), columns.matrix.T.to(cells.device)))
    if not seen:
        return
    highest = torch.stack([cells.amax((1, 2)).sigmoid() for cells, _, _ in seen]).mean(0)
    lowest = torch.stack([cells.amin((1, 2)).sigmoid() for cells, _, _ in seen]).mean(0)
    possible = highest[queries] > THRESHOLD - ROUNDING
    certain = (lowest[queries] > THRESHOLD + ROUNDING).long()
    places = ((certain.cumsum(0) - certain == 0) & possible).nonzero().flatten()
    for chunk in places.split(QUERIES_AT_ONCE) if len(places) else ():
        total = torch.zeros(len(chunk), tile.height, tile.width, device=mask_logits.device)
        for cells, down, across in seen:
            total += (down @ cells[queries[chunk]] @ across).sigmoid_()
        yield chunk, total.div_(len(seen))


def _fused(mask_logits: Tensor, views: list[View], tile: Window) -> Tensor:
    """Mean probability [n, h, w] over the views within a tile of the image."""
    total = torch.zeros(len(mask_logits), tile.height, tile.width, device=mask_logits.device)
    count = torch.zeros(tile.height, tile.width, device=mask_logits.device)
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
    return (
        rows.matrix.to(mask_logits.device)
        @ mask_logits[:, rows.cells, columns.cells]
        @ columns.matrix.to(mask_logits.device).T
    )


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


@lru_cache(maxsize=1024)
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
