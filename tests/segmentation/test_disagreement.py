"""Each disagreement of two maps has one kind, and a split is granularity."""

import numpy as np
import pytest

from annotation_server.segmentation.disagreement import count_kinds, disagreements
from annotation_server.segmentation.tiled_map import pack_map


def told(a, b, **terms):
    found = disagreements(pack_map(a), pack_map(b), **terms)
    return [(one.kind, one.a, one.b) for one in found]


def blocks(*rows):
    """A label map in which every number stands for a block of 20 × 20 px."""
    return np.array(rows, np.uint16).repeat(20, axis=0).repeat(20, axis=1)


WHOLE = blocks([1, 1, 1, 1], [1, 1, 1, 1])


def test_equal_maps_agree_whatever_their_numbers():
    assert told(blocks([1, 2], [0, 3]), blocks([7, 4], [0, 9])) == []
    assert told(blocks([0, 0]), blocks([0, 0])) == []


@pytest.mark.parametrize(
    "parts",
    [
        blocks([1, 1, 2, 2], [1, 1, 2, 2]),  # no part is a partner of the whole
        blocks([1, 1, 1, 2], [1, 1, 1, 2]),  # the larger part is
        blocks([1, 2, 3, 4], [5, 6, 7, 8]),
        blocks([1, 1, 2, 2], [1, 0, 2, 2]),  # with a gap
    ],
)
def test_a_split_is_granularity_in_both_directions(parts):
    numbers = tuple(np.unique(parts[parts > 0]).tolist())
    assert told(WHOLE, parts) == [("granularity", (1,), numbers)]
    assert told(parts, WHOLE) == [("granularity", numbers, (1,))]


def test_a_detail_in_an_entity_is_extra_not_a_split():
    detail = WHOLE.copy()
    detail[5:15, 5:15] = 2  # 100 of 3200 px
    assert told(WHOLE, detail) == [("extra", (), (2,))]
    assert told(detail, WHOLE) == [("missing", (2,), ())]
    detail[5:15, 5:40] = 2  # 350 px: over a twentieth
    assert told(WHOLE, detail) == [("granularity", (1,), (1, 2))]


def test_an_entity_on_void_is_missing_or_extra():
    a, b = blocks([1, 0, 2]), blocks([1, 3, 0])
    assert sorted(told(a, b)) == [("extra", (), (3,)), ("missing", (2,), ())]


def test_far_parts_of_a_small_share_do_not_make_a_split():
    a = blocks([1, 1, 1, 1, 1, 1])
    b = blocks([1, 2, 0, 0, 0, 0])  # together a third of it
    assert sorted(told(a, b)) == [("extra", (), (1,)), ("extra", (), (2,)), ("missing", (1,), ())]


def test_one_region_cut_in_two_ways_is_one_group():
    columns, rows = blocks([1, 2], [1, 2]), blocks([1, 1], [2, 2])
    assert told(columns, rows) == [("granularity", (1, 2), (1, 2))]


def test_groups_that_share_an_entity_are_one():
    # 1 of A holds 1 and most of 2 of B; 2 of B holds 2 and 3 of A.
    a = blocks([1, 1, 1, 1, 1, 2, 3])
    b = blocks([1, 1, 2, 2, 2, 2, 2])
    assert told(a, b) == [("granularity", (1, 2, 3), (1, 2))]


def test_partners_with_another_border_or_name():
    a = np.zeros((100, 100), np.uint16)
    b = a.copy()
    a[10:90, 10:90], b[10:90, 22:90] = 1, 5
    b[10:22, 22:78:8] = 0  # a ragged edge
    (found,) = disagreements(pack_map(a), pack_map(b))
    assert found.kind == "boundary" and found.iou < 0.5
    assert found.px == int(((a > 0) != (b > 0)).sum()) and found.box == (10, 10, 80, 80)
    same = blocks([1, 2])
    assert told(same, same, terms_a={1: 4, 2: 5}, terms_b={1: 4, 2: 6}) == [("name", (2,), (2,))]
    assert told(same, same, terms_a={1: 4}, terms_b={2: 6}) == []


def test_counts_name_every_kind_and_sizes_must_be_equal():
    assert count_kinds([]) == {"missing": 0, "extra": 0, "granularity": 0, "boundary": 0, "name": 0}
    with pytest.raises(ValueError, match="cannot be compared"):
        told(blocks([1]), blocks([1, 1]))


def test_every_entity_is_in_one_group_or_pair_of_random_maps():
    generator = np.random.default_rng(5)
    for _ in range(20):
        a, b = (generator.integers(0, 6, (6, 6)).astype(np.uint16).repeat(4, 0).repeat(4, 1) for _ in "ab")
        found = told(a, b)
        for place in (1, 2):
            numbers = [n for one in found if one[0] not in ("boundary", "name") for n in one[place]]
            assert len(numbers) == len(set(numbers))
        forth, back = count_kinds(disagreements(pack_map(a), pack_map(b))), told(b, a)
        assert forth["granularity"] == sum(kind == "granularity" for kind, *_ in back)
        assert forth["missing"] == sum(kind == "extra" for kind, *_ in back)
