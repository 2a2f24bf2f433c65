"""What must hold of the network whatever its weights."""

import torch
from torch import nn

from ml_worker.cropformer.decoder import _readable, _resized
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.position import sine_position_2d, sine_position_view


def test_a_batch_of_images_equals_the_images_one_by_one(tiny_model: CropFormer) -> None:
    views = torch.randn(2, 3, 3, 64, 64)
    with torch.inference_mode():
        both = tiny_model(views)
        alone = [tiny_model(image[None]) for image in views]
    for index, one in enumerate(alone):
        torch.testing.assert_close(
            both.joint.mask_logits()[index], one.joint.mask_logits()[0], atol=1e-4, rtol=1e-4
        )
        torch.testing.assert_close(both.associated[index], one.associated[0], atol=1e-4, rtol=1e-4)


def test_predictions_come_for_the_start_and_every_layer(tiny_model: CropFormer) -> None:
    with torch.inference_mode():
        output = tiny_model(torch.randn(2, 2, 3, 64, 64))
    assert len(output.views.class_logits) == len(output.joint.embeddings) == 4
    assert tuple(output.views.mask_logits(0).shape) == (4, 12, 1, 16, 16)
    assert tuple(output.joint.mask_logits(0).shape) == (2, 12, 2, 16, 16)
    assert tuple(output.joint.class_logits[0].shape) == (2, 12, 2)


def test_masks_read_off_small_features_are_the_resized_masks() -> None:
    features, embedding = torch.randn(1, 2, 8, 16, 24), torch.randn(1, 5, 8)
    whole = torch.einsum("bqd,btdhw->bqthw", embedding, features)
    resized = nn.functional.interpolate(whole[0], (4, 6), mode="bilinear")[None]
    small = torch.einsum("bqd,btdhw->bqthw", embedding, _resized(features, torch.Size((4, 6))))
    torch.testing.assert_close(small, resized, atol=1e-5, rtol=1e-5)


def test_a_query_with_an_empty_mask_may_read_everything() -> None:
    embedding = torch.tensor([[[1.0], [-1.0]]])  # [1, 2, 1]
    shrunk = torch.tensor([3.0, -2.0, 1.0, 4.0]).view(1, 1, 1, 2, 2)
    allowed = _readable(embedding, shrunk)
    assert allowed[0, 0].tolist() == [True, False, True, True]
    assert allowed[0, 1].tolist() == [False, True, False, False]
    assert _readable(embedding, shrunk.abs())[0, 1].all()


def test_positions_tell_rows_columns_and_views_apart() -> None:
    plane = sine_position_2d(4, 6, 16)
    assert tuple(plane.shape) == (16, 4, 6)
    assert torch.equal(plane[:8, :, 0], plane[:8, :, 5])
    assert torch.equal(plane[8:, 0], plane[8:, 3])
    assert not torch.equal(plane[:8, 0, 0], plane[:8, 1, 0])
    views = sine_position_view(5, 16)
    assert torch.unique(views, dim=0).shape == (5, 16)
