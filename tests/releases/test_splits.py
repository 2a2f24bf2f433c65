from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_server.releases.splits import TRAIN, VAL, ImageFacts, choose_splits


def facts(count: int, *, groups: list[int] | None = None, first: int = 1) -> list[ImageFacts]:
    rng = np.random.default_rng(count)
    return [
        ImageFacts(
            image_id=first + k,
            group=groups[k] if groups else first + k,
            width=int(rng.integers(100, 4000)),
            height=int(rng.integers(100, 4000)),
            source=["street", "forest", ""][k % 3],
            areas=rng.integers(1, 10_000, int(rng.integers(0, 40))).tolist(),
            terms=Counter({"tree": int(rng.integers(5)), "car": int(rng.integers(3))}),
        )
        for k in range(count)
    ]


def test_it_works():
    splits = choose_splits(facts(200), {}, seed=1)
    assert Counter(splits.values()) == {TRAIN: 180, VAL: 20}


def test_the_same_inputs_give_the_same_splits_in_any_order():
    images = facts(50)
    assert choose_splits(images, {}, seed=5) == choose_splits(images[::-1], {}, seed=5)


@pytest.mark.parametrize(("count", "in_val"), [(0, 0), (1, 0), (2, 1), (5, 1), (15, 2)])
def test_two_images_are_enough_for_a_validation_image(count, in_val):
    splits = choose_splits(facts(count), {}, seed=1)
    assert len(splits) == count
    assert list(splits.values()).count(VAL) == in_val


def test_an_image_keeps_its_split_and_new_ones_join():
    images = facts(100)
    first = choose_splits(images[:60], {}, seed=1)
    second = choose_splits(images, first, seed=2)
    assert not first.keys() & second.keys()
    assert Counter((first | second).values())[VAL] == 10


def test_other_splits_are_kept_too():
    images = facts(4)
    assert choose_splits(images, {1: "test", 2: "test", 3: VAL, 4: TRAIN}, seed=1) == {}


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 5))
def test_near_duplicates_stay_together(groups, seed):
    images = facts(len(groups), groups=groups)
    fixed = {images[0].image_id: VAL}
    splits = fixed | choose_splits(images, fixed, seed=seed)
    for group in set(groups):
        assert len({splits[image.image_id] for image in images if image.group == group}) == 1


def test_the_split_taken_is_closer_to_the_whole_than_most():
    """With one outlier in ten images, a split whose val consists of it is never taken."""
    images = [
        ImageFacts(image_id=k, group=k, width=100, height=100, areas=[10] * (200 if k == 3 else 5 + k % 2))
        for k in range(10)
    ]
    assert all(choose_splits(images, {}, seed=seed)[3] == TRAIN for seed in range(20))
