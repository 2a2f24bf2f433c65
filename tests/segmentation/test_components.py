import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from annotation_server.segmentation.components import Component, components, gaps
from annotation_server.segmentation.tiled_map import pack_map, void_map

from .conftest import label_maps


def brute_force(label_map: np.ndarray, numbers: list[int], connectivity: int) -> list[Component]:
    structure = np.ones((3, 3)) if connectivity == 8 else None
    found = []
    for number in numbers:
        labels, _ = ndimage.label(label_map == number, structure)
        for i, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
            part = labels[rows, columns] == i
            box = (columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
            area = int(part.sum())
            found.append(Component(number, area, box, columns.start + int(part[0].argmax()), rows.start))
    return sorted(found, key=lambda part: (part.number, -part.area, part.y, part.x))


@given(label_maps().filter(lambda label_map: label_map.size < 100_000), st.sampled_from([4, 8]))
def test_components_and_gaps_equal_those_from_pixels(label_map, connectivity):
    tiled = pack_map(label_map)
    numbers = [int(number) for number in np.unique(label_map) if number]
    assert components(tiled, connectivity=connectivity) == brute_force(label_map, numbers, connectivity)

    found = gaps(tiled, most=1_000_000, connectivity=connectivity)
    assert found.largest == brute_force(label_map, [0], connectivity)
    assert found.count == len(found.largest)


@pytest.mark.parametrize("connectivity", [4, 8])
def test_parts_join_over_several_rows_of_tiles(connectivity):
    y, x = np.mgrid[:1600, :600]
    spiral = (np.hypot(y - 800, x - 300) / 40 + np.arctan2(y - 800, x - 300) / (2 * np.pi)) % 1
    label_map = (spiral < 0.5).astype(np.uint16) * 3
    found = components(pack_map(label_map), connectivity=connectivity)
    assert found == brute_force(label_map, [3], connectivity)


def test_a_u_joins_at_its_foot():
    label_map = np.zeros((1100, 30), np.uint16)
    label_map[:, 2:4] = label_map[:, 20:23] = label_map[1090:, 2:23] = 5
    assert [part.bbox for part in components(pack_map(label_map))] == [(2, 0, 21, 1100)]


def test_only_the_numbers_asked_for_are_taken(ragged_map):
    found = components(pack_map(ragged_map), [7, 9])
    assert {part.number for part in found} == {7, 9}


def test_the_largest_gaps_are_listed_and_all_are_counted(ragged_map):
    tiled = pack_map(ragged_map)
    everything = gaps(tiled, most=10_000)
    assert everything.count > 20
    few = gaps(tiled, most=5)
    assert (few.count, few.largest) == (everything.count, everything.largest[:5])


def test_a_covered_map_has_no_gap_and_a_void_one_has_one():
    assert gaps(pack_map(np.ones((600, 2), np.uint16))).count == 0
    assert components(void_map(3, 3)) == []
    assert gaps(void_map(1030, 600)).largest == [Component(0, 618_000, (0, 0, 1030, 600), 0, 0)]


def test_other_connectivities_are_refused():
    with pytest.raises(ValueError, match="4 or 8"):
        components(void_map(1, 1), connectivity=6)
