"""The borders of a mask as chains of pixels, and the corners that a chain needs.

Sources: Suzuki and Abe 1985, "Topological structural analysis of digitized binary images by border following"
(algorithm 1: outer borders and those of holes, 8-connected); Ramer 1972 and Douglas and Peucker 1973 for the
corners. These are the rules behind OpenCV's ``findContours`` and ``approxPolyDP``.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Chain = list[tuple[int, int]]

# Neighbours (row, column) clockwise from the right.
_AROUND = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_PLACE = {step: place for place, step in enumerate(_AROUND)}
_PASSED, _RIGHT_END = 2, -2  # marks of pixels that a border went through


def borders(mask: Bools) -> list[Chain]:
    """Every outer border and every hole's border of a mask [H, W], each as its (row, column) in order."""
    marks = np.pad(mask, 1).astype(np.int8)
    inside = marks[1:-1, 1:-1] != 0
    edge = inside & ((marks[1:-1, :-2] == 0) | (marks[1:-1, 2:] == 0))
    found = []
    for row, column in (np.argwhere(edge) + 1).tolist():
        value = int(marks[row, column])
        if value == 1 and not marks[row, column - 1]:
            found.append(_followed(marks, row, column, first=4))
        elif value > 0 and not marks[row, column + 1]:
            found.append(_followed(marks, row, column, first=0))
    return found


def corners(chain: Sequence[tuple[int, int]], tolerance: float) -> int:
    """How many points of an open chain keep every pixel within ``tolerance`` px of the line through them."""
    points = np.array(chain, np.float64)
    if len(points) < 3:
        return len(points)
    kept, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        off = _distances(points[first : last + 1])
        farthest = int(np.argmax(off))
        if off[farthest] > tolerance:
            kept.add(first + farthest)
            waiting += [(first, first + farthest), (first + farthest, last)]
    return len(kept)


def _distances(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of every point from the line through the first and the last, or from the point where both are one."""
    along, from_first = points[-1] - points[0], points - points[0]
    length = float(np.hypot(*along))
    if not length:
        return np.hypot(from_first[:, 0], from_first[:, 1])
    return np.abs(from_first[:, 0] * along[1] - from_first[:, 1] * along[0]) / length


def _followed(marks: npt.NDArray[np.int8], row: int, column: int, *, first: int) -> Chain:
    """One border from its starting pixel, whose neighbour in direction ``first`` lies outside; marks it."""
    start = _turned(marks, row, column, first, clockwise=True)[0]
    if start is None:
        marks[row, column] = _RIGHT_END
        return [(row - 1, column - 1)]
    chain = []
    at, came_from = (row, column), start
    while True:
        chain.append((at[0] - 1, at[1] - 1))
        back = _PLACE[came_from[0] - at[0], came_from[1] - at[1]]
        following, looked_right = _turned(marks, *at, back - 1, clockwise=False)
        if looked_right:
            marks[at] = _RIGHT_END
        elif marks[at] == 1:
            marks[at] = _PASSED
        if following == (row, column) and at == start:
            return chain
        assert following is not None  # where it came from is inside
        at, came_from = following, at


def _turned(
    marks: npt.NDArray[np.int8], row: int, column: int, first: int, *, clockwise: bool
) -> tuple[tuple[int, int] | None, bool]:
    """The first neighbour inside, turning from direction ``first``, and whether the right one was outside."""
    looked_right = False
    for turn in range(8):
        direction = (first + turn if clockwise else first - turn) % 8
        step = _AROUND[direction]
        neighbour = (row + step[0], column + step[1])
        if marks[neighbour]:
            return neighbour, looked_right
        looked_right = looked_right or direction == 0
    return None, looked_right
