"""Matching and losses on cases whose answer is known."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.losses import Entities, cropformer_losses, sequence_losses
from ml_worker.cropformer.matcher import assign, matching_costs
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.points import read_labels, read_points, uncertain_points
from tests.ml_worker.made_up_masks import decoded_as


def halves(views: int = 2, side: int = 32) -> Tensor:
    """Two entities [2, T, side, side]: the left and the right half in every view."""
    masks = torch.zeros(2, views, side, side)
    masks[0, :, :, : side // 2] = 1
    masks[1, :, :, side // 2 :] = 1
    return masks


def entities(masks: Tensor) -> Entities:
    """Disjoint masks [N, T, H, W] as a label map of each view."""
    numbers = torch.arange(1, len(masks) + 1, dtype=torch.int32)
    return Entities((masks.int() * numbers[:, None, None, None]).sum(0).int(), numbers)


def nobody(views: int = 2, side: int = 64) -> Entities:
    return Entities(torch.zeros(views, side, side, dtype=torch.int32), torch.zeros(0, dtype=torch.int32))


def matches(class_logits: Tensor, mask_logits: Tensor, masks: Tensor) -> dict[int, int]:
    """Entity → query of one layer, with 200 random places."""
    labels, numbers = entities(masks)
    views, queries = len(labels), len(mask_logits)
    places = torch.rand(1, 200, 2).expand(views, -1, -1)
    wanted = read_labels(labels, torch.arange(views), places).share(numbers[:, None, None, None])
    at_points = read_points(mask_logits.transpose(0, 1), places)
    costs = matching_costs(class_logits[None], torch.eye(queries)[None], at_points, wanted.flatten(1))
    [(queries, found)] = assign(costs)
    return dict(zip(found.tolist(), queries.tolist(), strict=True))


def logits_of(masks: Tensor, strength: float = 20.0) -> Tensor:
    return (masks[..., ::4, ::4] * 2 - 1) * strength


def perfect(masks: Tensor, queries: int = 5) -> Decoded:
    """One layer that says exactly ``masks``, by its last queries, in reverse order."""
    classes = torch.full((1, queries, 2), -10.0)
    classes[..., 1] = 10
    mask_logits = torch.full(
        (1, queries, *masks.shape[1:-2], masks.shape[-2] // 4, masks.shape[-1] // 4), -20.0
    )
    for entity, mask in enumerate(logits_of(masks)):
        classes[0, queries - 1 - entity] = torch.tensor([10.0, -10.0])
        mask_logits[0, queries - 1 - entity] = mask
    return decoded_as([classes], [mask_logits])


def test_every_entity_finds_its_query() -> None:
    masks = halves()
    decoded = perfect(masks)
    assert matches(decoded.class_logits[0][0], decoded.mask_logits(0)[0], masks) == {0: 4, 1: 3}


def test_one_assignment_serves_all_views() -> None:
    """A query that fits an entity in both views beats one that fits better in one view only."""
    masks = halves()
    in_both = logits_of(masks[0], 3.0)
    in_one = logits_of(masks[0], 20.0)
    in_one[1] = -20.0
    assert matches(torch.zeros(2, 2), torch.stack([in_one, in_both]), masks[:1]) == {0: 1}


def test_a_perfect_answer_costs_next_to_nothing() -> None:
    masks = halves()
    classes, mask_loss, dice = sequence_losses(perfect(masks), [entities(masks)], points=200)
    assert classes < 1e-3
    assert mask_loss < 1.0  # only points on the border, read bilinearly from a coarser grid
    assert dice < 0.2
    worse = perfect(1 - masks)
    worse.class_logits[0] = worse.class_logits[0].flip(-1)
    assert sum(sequence_losses(worse, [entities(masks)], points=200)) > 10 * (classes + mask_loss + dice)


def test_mask_terms_count_once_for_every_view() -> None:
    torch.manual_seed(1)
    once, thrice = halves(views=1), halves(views=3)
    blank_once = decoded_as([torch.zeros(1, 4, 2)], [torch.zeros(1, 4, 1, 8, 8)])
    blank_thrice = decoded_as([torch.zeros(1, 4, 2)], [torch.zeros(1, 4, 3, 8, 8)])
    _, one, _ = sequence_losses(blank_once, [entities(once)], points=100)
    _, three, _ = sequence_losses(blank_thrice, [entities(thrice)], points=100)
    assert three.item() == pytest.approx(3 * one.item(), rel=1e-4)


def test_an_entity_absent_from_the_crop_is_supervised_to_be_empty_there() -> None:
    masks = halves()
    masks[0, 1] = 0
    right = perfect(masks)
    wrong = perfect(halves())
    assert sum(sequence_losses(wrong, [entities(masks)], points=200)) > sum(
        sequence_losses(right, [entities(masks)], points=200)
    )


def test_images_without_entities_train(tiny_model: CropFormer) -> None:
    tiny_model.train()
    views = torch.randn(2, 2, 3, 64, 64)
    losses = cropformer_losses(tiny_model(views), [nobody()] * 2, points=50)
    losses.total.backward()
    assert torch.isfinite(losses.total)
    assert losses.terms["loss_mask_3d"] == losses.terms["loss_dice_2d"] == 0
    assert losses.terms["loss_ce_3d"] > 0
    assert all(torch.isfinite(p.grad).all() for p in tiny_model.parameters() if p.grad is not None)


def test_empty_and_full_images_mix_in_a_batch(tiny_model: CropFormer) -> None:
    views = torch.randn(2, 2, 3, 64, 64)
    targets = [nobody(), entities(halves(side=64))]
    losses = cropformer_losses(tiny_model(views), targets, points=50)
    assert torch.isfinite(losses.total)
    assert losses.terms["loss_mask_3d"] > 0


def test_uncertain_points_gather_where_the_logit_changes_sign() -> None:
    torch.manual_seed(0)
    logits = torch.linspace(-10, 10, 32).expand(1, 1, 32, 32)
    points = uncertain_points(logits, 100, oversample=3.0, importance=0.75)
    assert tuple(points.shape) == (1, 100, 2)
    near = (points[0, :75, 0] - 0.5).abs()
    assert near.max() < 0.3
    assert read_points(logits, points[:, :75]).abs().mean() < 3


def test_deep_supervision_sums_over_layers() -> None:
    masks = halves()
    one = perfect(masks)
    two = replace(one, class_logits=one.class_logits * 2, embeddings=one.embeddings * 2)
    torch.manual_seed(3)
    single = sequence_losses(one, [entities(masks)], points=400)
    torch.manual_seed(3)
    double = sequence_losses(two, [entities(masks)], points=400)
    assert double[0].item() == pytest.approx(2 * single[0].item(), rel=1e-5)
    assert double[2].item() == pytest.approx(2 * single[2].item(), rel=0.5)
