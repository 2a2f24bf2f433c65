"""How much of a mask is not as it was taken from another label map. Pure: maps in, shares out."""

from collections.abc import Mapping

from annotation_server.segmentation.matching import joint_histogram
from annotation_server.segmentation.tiled_map import TiledMap


def changed_shares(before: TiledMap, after: TiledMap, taken: Mapping[int, int]) -> dict[int, float]:
    """Share of changed pixels, by number in ``after``: those gained or lost, of those in either (1 − IoU).

    ``taken`` says which number of ``before`` each was. 0: not a pixel differs; 1: none is left. Raises
    ValueError for maps of different sizes.
    """
    histogram = joint_histogram(before, after)
    areas_before, areas_after = histogram.areas_a(), histogram.areas_b()
    pairs = zip(histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist(), strict=True)
    shared = {(a, b): pixels for a, b, pixels in pairs}
    return {
        number: _share(
            areas_before.get(origin, 0), areas_after.get(number, 0), shared.get((origin, number), 0)
        )
        for number, origin in taken.items()
    }


def _share(before: int, after: int, shared: int) -> float:
    either = before + after - shared
    return (either - shared) / either if either else 0.0
