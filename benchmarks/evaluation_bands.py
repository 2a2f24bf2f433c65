"""The bands of all entities of a label map at once beside eroding each mask, as boundary-iou-api does."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from annotation_server.segmentation.boundary import band_width, label_map_bands
from annotation_server.segmentation.bundle import decode_bundle
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.tiles import VOID, Pixels

ERODED = 4  # masks of a map that are eroded; the others are taken to cost the same


def bands_beside_erosion(folder: Path, repeat: int = 3) -> dict[str, Any]:
    """CPU seconds of both on the first map of a set, the same pixels, and those of a pair's whole figures."""
    truth, found = (decode_bundle((folder / f"maps/0000_{k}.elm").read_bytes())[0] for k in (0, 1))
    label_map = truth.pixels()
    distance = band_width(*label_map.shape)
    numbers = [int(number) for number in np.unique(label_map) if number != VOID]
    together = []
    for _ in range(repeat):
        begin = time.process_time()
        bands = label_map_bands(label_map, distance)
        together.append(time.process_time() - begin)
    begin = time.process_time()
    eroded = {number: _band_by_erosion(label_map, number, distance) for number in numbers[:ERODED]}
    each = (time.process_time() - begin) / len(eroded)
    for number, band in eroded.items():
        assert np.array_equal(bands == number, band), f"The band of entity {number} is another."
    scores = {number: 0.5 for number in range(1, 65001)}
    begin = time.process_time()
    compare_maps(truth, found, scores)
    return {
        "map": f"{truth.width} × {truth.height}",
        "entities": len(numbers),
        "distance_px": distance,
        "all_at_once_cpu_seconds": round(sorted(together)[repeat // 2], 3),
        "erosion_cpu_seconds_per_entity": round(each, 3),
        "erosion_cpu_seconds_of_all": round(each * len(numbers), 1),
        "x": round(each * len(numbers) / sorted(together)[repeat // 2]),
        "ap_boundary_ap_pq_of_a_pair_cpu_seconds": round(time.process_time() - begin, 3),
    }


def _band_by_erosion(label_map: Pixels, number: int, distance: int) -> np.ndarray:
    """Bool [H, W]: the mask less its erosion by a square; outside the image is not the mask.

    Two filters along rows and columns are the same as ``distance`` erosions by 3 × 3, and far quicker.
    """
    mask = (label_map == number).astype(np.uint8)
    inner = mask
    for axis in (0, 1):
        inner = ndimage.minimum_filter1d(inner, 2 * distance + 1, axis=axis, mode="constant", cval=0)
    return (mask & ~inner).astype(bool)
