"""The contract with transformers' private classes, and the quicker deformable attention."""

import pytest
import torch
import transformers

from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.pixel_level import deformable_gather, sampled_attention
from tests.ml_worker.conftest import TINY


def test_transformers_is_the_version_whose_private_classes_are_used() -> None:
    assert transformers.__version__ == "5.23.0"


def test_levels_come_coarse_first_and_features_at_a_quarter(tiny_model: CropFormer) -> None:
    with torch.inference_mode():
        features = tiny_model.pixel_level(torch.randn(2, 3, 64, 96))
    assert [tuple(level.shape) for level in features.levels] == [
        (2, 32, 2, 3),
        (2, 32, 4, 6),
        (2, 32, 8, 12),
    ]
    assert tuple(features.mask_features.shape) == (2, TINY.mask_dim, 16, 24)
    assert [level.shape[1] for level in features.backbone] == [16, 32, 64, 128]


def test_no_parameter_is_left_without_a_gradient(tiny_model: CropFormer) -> None:
    output = tiny_model.train()(torch.randn(1, 2, 3, 64, 64))
    sum(logits.sum() for logits in (*output.views.class_logits, *output.joint.class_logits)).backward(
        retain_graph=True
    )
    (output.views.mask_logits().sum() + output.joint.mask_logits().sum()).backward()
    assert [name for name, parameter in tiny_model.named_parameters() if parameter.grad is None] == []


def test_one_gather_equals_sampling_level_by_level() -> None:
    generator = torch.Generator().manual_seed(4)
    shapes = [(3, 4), (6, 8), (12, 16)]
    value = torch.randn(2, sum(h * w for h, w in shapes), 4, 8, generator=generator)
    places = torch.rand(2, 50, 4, 3, 4, 2, generator=generator) * 1.6 - 0.3  # some lie outside
    weights = torch.rand(2, 50, 4, 3, 4, generator=generator).flatten(-2).softmax(-1).view(2, 50, 4, 3, 4)
    wanted = sampled_attention(value, shapes, places, weights)
    torch.testing.assert_close(
        deformable_gather(value, shapes, places, weights), wanted, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("size", [(96, 160), (32, 416), (64, 64)])
def test_the_quick_way_on_a_cpu_gives_what_transformers_gives(
    tiny_model: CropFormer, size: tuple[int, int]
) -> None:
    generator = torch.Generator().manual_seed(5)
    for parameter in tiny_model.pixel_level.parameters():  # biases and offsets are zero at first
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    pixels = torch.randn(2, 3, *size, generator=generator)
    slow = tiny_model.pixel_level(pixels)
    with torch.no_grad():
        quick = tiny_model.pixel_level(pixels)
    for ours, theirs in zip(
        (*quick.backbone, *quick.levels, quick.mask_features),
        (*slow.backbone, *slow.levels, slow.mask_features),
        strict=True,
    ):
        assert ours.shape == theirs.shape
        torch.testing.assert_close(ours, theirs.detach(), atol=2e-5, rtol=1e-5)
