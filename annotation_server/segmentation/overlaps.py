"""How many pixels the masks of two sets share, from run lengths alone; masks of one set may overlap too."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from annotation_server.segmentation.rle import Ints, mask_runs


class MaskRuns(NamedTuple):
    """The foreground runs of several masks on one axis of pixels, sorted by start: columns [R].

    ``owner`` is the mask's place in its set; ``starts`` and ``ends`` (exclusive) count column-major pixels.
    """

    owner: Ints
    starts: Ints
    ends: Ints


class Shared(NamedTuple):
    """Mask ``a[i]`` of the first set and mask ``b[i]`` of the second share ``pixels[i]`` > 0: columns [P]."""

    a: Ints
    b: Ints
    pixels: Ints


def shared_pixels(a: Sequence[Ints], b: Sequence[Ints]) -> Shared:
    """Shared pixels of every pair of masks that touch, sorted by (a, b).

    Args:
        a: checked RLE counts of each mask of the first set (background first), see ``rle.counts_of``.
        b: the same of the second set, on images of the same size.
    """
    layers_b = disjoint_layers(b)
    parts = [_shared_by_layers(layer, other) for layer in disjoint_layers(a) for other in layers_b]
    columns = [np.concatenate([getattr(part, name) for part in parts] or [_NONE]) for name in Shared._fields]
    order = np.lexsort((columns[1], columns[0]))
    return Shared(*(column[order] for column in columns))


def disjoint_layers(masks: Sequence[Ints]) -> list[MaskRuns]:
    """Masks dealt out so that within a layer none overlap: one layer for a partition, a few for proposals."""
    layers: list[MaskRuns] = []
    together = _sorted_runs(masks)
    if _is_disjoint(together):
        return [together] if together.starts.size else []
    for place, counts in enumerate(masks):
        runs = _sorted_runs([counts])
        runs = runs._replace(owner=np.full(runs.starts.size, place, np.int64))
        for i, layer in enumerate(layers):
            if not _touch(layer, runs):
                layers[i] = _merged(layer, runs)
                break
        else:
            layers.append(runs)
    return layers


_NONE = np.empty(0, np.int64)
_CELLS_PER_MEETING = 8  # a table of all pairs of masks is quicker than sorting while it is not larger


def _sorted_runs(masks: Sequence[Ints]) -> MaskRuns:
    owners, starts, ends = [_NONE], [_NONE], [_NONE]
    for place, counts in enumerate(masks):
        mask_starts, mask_ends = mask_runs(counts)
        starts.append(mask_starts)
        ends.append(mask_ends)
        owners.append(np.full(mask_starts.size, place, np.int64))
    return _in_order(MaskRuns(np.concatenate(owners), np.concatenate(starts), np.concatenate(ends)))


def _in_order(runs: MaskRuns) -> MaskRuns:
    order = np.argsort(runs.starts, kind="stable")
    return MaskRuns(runs.owner[order], runs.starts[order], runs.ends[order])


def _is_disjoint(runs: MaskRuns) -> bool:
    return not (runs.starts[1:] < runs.ends[:-1]).any()


def _merged(layer: MaskRuns, more: MaskRuns) -> MaskRuns:
    return _in_order(MaskRuns(*(np.concatenate(pair) for pair in zip(layer, more, strict=True))))


def _touch(a: MaskRuns, b: MaskRuns) -> bool:
    first, last = _reach(a, b)
    return bool((last > first).any())


def _reach(a: MaskRuns, b: MaskRuns) -> tuple[Ints, Ints]:
    """For every run of ``a`` which runs of the disjoint layer ``b`` it meets: from, to (exclusive)."""
    return np.searchsorted(b.ends, a.starts, "right"), np.searchsorted(b.starts, a.ends, "left")


def _shared_by_layers(a: MaskRuns, b: MaskRuns) -> Shared:
    first, last = _reach(a, b)
    meetings = np.maximum(last - first, 0)
    run_a = np.repeat(np.arange(first.size), meetings)
    run_b = np.arange(run_a.size) + np.repeat(first - (np.cumsum(meetings) - meetings), meetings)
    pixels = np.minimum(a.ends[run_a], b.ends[run_b]) - np.maximum(a.starts[run_a], b.starts[run_b])
    width = int(b.owner.max(initial=0)) + 1
    keys = a.owner[run_a] * width + b.owner[run_b]
    if (int(a.owner.max(initial=0)) + 1) * width > _CELLS_PER_MEETING * keys.size:
        keys, place = np.unique(keys, return_inverse=True)
        return Shared(*np.divmod(keys, width), np.bincount(place, pixels, keys.size).astype(np.int64))
    table = np.bincount(keys, pixels)
    keys = np.flatnonzero(table)
    return Shared(*np.divmod(keys, width), table[keys].astype(np.int64))
