"""The two views cut from an example, and what they show."""

import numpy as np
from pycocotools import mask as coco_mask
from torch import Tensor

from ml_worker.crops import Window
from ml_worker.dataset import Example, SceneDataset
from ml_worker.train_views import Augmentation, as_batch, training_example
from ml_worker.transforms import resize_labels
from tests.ml_worker.golden import read_json

SMALL = Augmentation(short_sides=(64,), long_side=128)


def batch_of(examples: list[Example], seed: int) -> tuple[Tensor, list[Tensor]]:
    """Views [B, T, 3, H, W] and every image's masks bool [N, T, H, W]."""
    rng = np.random.default_rng(seed)
    views, entities = as_batch([training_example(one, rng, SMALL) for one in examples])
    return views, [one.labels[None] == one.numbers[:, None, None, None] for one in entities]


def test_masks_are_cut_and_resized_as_in_the_published_training() -> None:
    case = read_json("train_mapper.json")
    masks = [coco_mask.decode(entity["segmentation"]).astype(np.uint16) for entity in case["gt"]]
    assert case["samples"]
    for sample in case["samples"]:
        whole = Window(0, 0, masks[0].shape[1], masks[0].shape[0])
        crop = Window(*sample["crop_region_xyxy(after the flip)"])
        for part, window in (("full", whole), ("crop", crop)):
            turned = [mask[:, ::-1] if sample["flip_horizontal"] else mask for mask in masks]
            cut = [resize_labels(mask, window, sample["shortest_side"], 1333) for mask in turned]
            assert list(cut[0].shape) == sample[f"{part}_hw"]
            assert [int(mask.any()) for mask in cut] == sample[f"valid_{part}"]
            strings = [
                coco_mask.encode(np.asfortranarray(m.astype(np.uint8)))["counts"].decode() for m in cut
            ]
            wanted = [rle["counts"] for rle in sample[f"masks_{part}"]]
            shown = [string for string, mask in zip(strings, cut, strict=True) if mask.any()]
            assert shown == [w for w, valid in zip(wanted, sample[f"valid_{part}"], strict=True) if valid]


def test_masks_of_an_example_are_disjoint_and_cover_the_full_view() -> None:
    source = SceneDataset(count=2, side=96, seed=5)
    views, masks = batch_of([source[0], source[1]], 0)
    assert tuple(views.shape) == (2, 2, 3, 64, 64)
    for one in masks:
        assert one.sum(0).max() == 1
        assert one[:, 0].sum(0).min() == 1


def test_an_entity_outside_the_crop_has_an_empty_mask_there() -> None:
    label_map = np.ones((100, 100), np.uint16)
    label_map[:8, :8] = 2
    example = Example(np.zeros((100, 100, 3), np.uint8), label_map)
    seen = set()
    for seed in range(20):
        _, [masks] = batch_of([example], seed)
        assert masks[1, 0].any()
        seen.add(bool(masks[1, 1].any()))
    assert seen == {True, False}


def test_flipping_turns_image_and_labels_alike() -> None:
    label_map = np.ones((64, 64), np.uint16)
    label_map[:, 32:] = 2
    rgb = np.repeat((label_map == 2)[..., None] * 255, 3, 2).astype(np.uint8)
    for seed in range(8):
        one = training_example(Example(rgb, label_map), np.random.default_rng(seed), SMALL)
        for view, labels in zip(one.views, one.labels, strict=True):
            assert ((view[..., 0] > 127) == (labels == 2)).mean() > 0.97


def test_views_of_different_sizes_are_padded_alike_and_padding_is_nobodys() -> None:
    example = Example(*(np.zeros((60, 100, 3), np.uint8), np.ones((60, 100), np.uint16)))
    views, [masks] = batch_of([example], 1)
    assert tuple(views.shape[-2:]) == tuple(masks.shape[-2:]) == (64, 128)
    assert masks[0, 0, :, :107].all() and not masks[0, 0, :, 107:].any()


def test_specks_and_void_are_no_targets() -> None:
    label_map = np.zeros((64, 64), np.uint16)
    label_map[10:40, 10:40] = 7
    label_map[50, 50] = 9
    example = Example(np.zeros((64, 64, 3), np.uint8), label_map)
    one = training_example(example, np.random.default_rng(0), SMALL._replace(min_area=4))
    assert one.numbers.tolist() == [7]
