"""Human correction effort: how many clicks it takes to put a mask right.

Source: Qin et al. 2022, "Highly Accurate Dichotomous Image Segmentation", §5.1 (HCE with γ = 5). What is
wrong but thinner than γ px along the border is forgiven; of the rest, the corners of the borders that have
to be redrawn are counted, and every region that is wrong as a whole once. Fine structures of the truth count
by their skeleton even where they are thin.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.morphology import skeletonize

from annotation_server.segmentation.contours import Chain, borders, corners

Bools = npt.NDArray[np.bool_]

RELAXED = 5  # γ, in px
TOLERANCE = 2.0  # how far, in px, a polygon's side may lie from the border it stands for
_CROSS = ndimage.generate_binary_structure(2, 1)
_EIGHT = np.ones((3, 3), np.bool_)


def correction_effort(
    truth: Bools, found: Bools, *, relaxed: int = RELAXED, tolerance: float = TOLERANCE
) -> int:
    """Clicks needed to correct ``found`` [H, W] into ``truth`` [H, W].

    Raises ValueError for masks of different sizes.
    """
    if truth.shape != found.shape:
        raise ValueError(f"Masks of shape {truth.shape} and {found.shape} cannot be compared.")
    hit = truth & found
    deep = ndimage.binary_erosion(truth | found, _CROSS, iterations=relaxed, border_value=1)
    alarms = _kept(found & ~truth, deep, ~truth, relaxed)
    misses = _kept(truth & ~found, deep, ~found, relaxed)
    skeleton = skeletonize(truth)
    misses |= skeleton & ~hit
    return _clicks(alarms, hit | misses, tolerance) + _clicks(misses, ~(hit | alarms | misses), tolerance)


def _kept(wrong: Bools, deep: Bools, allowed: Bools, relaxed: int) -> Bools:
    """The wrong pixels that lie deep, and those reached from them; the rest is a thin rim."""
    start = wrong & deep
    if not start.any():
        return start
    reached = ndimage.binary_dilation(start, _CROSS, iterations=relaxed, mask=allowed)
    found: Bools = wrong & reached
    return found


def _clicks(region: Bools, beside: Bools, tolerance: float) -> int:
    """Corners of the region's borders along ``beside``, and its parts that have no such border."""
    labels, parts = ndimage.label(region, _EIGHT)
    if not parts:
        return 0
    redrawn = ndimage.binary_dilation(beside, _CROSS)
    whole = np.ones(parts + 1, np.bool_)
    whole[0] = False
    taken = np.zeros(region.shape, np.bool_)
    clicks = 0
    for border in borders(region):
        for chain in _chains(border, redrawn, taken):
            clicks += corners(chain, tolerance)
            whole[labels[chain[0]]] = False
    return clicks + int(whole.sum())


def _chains(border: Chain, redrawn: Bools, taken: Bools) -> list[Chain]:
    """The stretches of a border to be redrawn; the first and the last are one if they meet."""
    chains: list[Chain] = []
    is_open = False
    for pixel in border:
        wanted = bool(redrawn[pixel]) and not taken[pixel]
        if wanted:
            taken[pixel] = True
            if is_open:
                chains[-1].append(pixel)
            else:
                chains.append([pixel])
        is_open = wanted
    if len(chains) > 1:
        (y, x), (v, u) = chains[0][0], chains[-1][-1]
        if max(abs(y - v), abs(x - u)) == 1:
            chains[-1] += chains[0][::-1]
            del chains[0]
    return chains
