"""Published weights fit, and what does not fit is named."""

import pytest
import torch

from ml_worker.cropformer.convert_weights import UnfitWeights, convert_weights, infer_architecture
from tests.ml_worker.golden import nano_tensors

CLASS_BIAS = "sem_seg_head.predictor.class_embed.bias"


def test_the_architecture_is_read_off_the_tensors() -> None:
    arch = infer_architecture(nano_tensors())
    assert (arch.embed_dim, arch.depths, arch.backbone_heads) == (24, (2, 2, 2, 2), (1, 2, 4, 8))
    assert (arch.window, arch.hidden, arch.mask_dim, arch.heads) == (7, 64, 64, 8)
    assert (arch.encoder_layers, arch.encoder_ffn) == (2, 1024)
    assert (arch.decoder_layers, arch.decoder_ffn, arch.association_layers, arch.queries) == (3, 128, 1, 20)


def test_old_checkpoints_with_a_doubled_prefix_convert_the_same() -> None:
    doubled = {
        key.replace("sem_seg_head.pixel_decoder.", "sem_seg_head.pixel_decoder.pixel_decoder."): tensor
        for key, tensor in nano_tensors().items()
    }
    _, wanted = convert_weights(nano_tensors())
    _, found = convert_weights(doubled)
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_an_unknown_tensor_is_named() -> None:
    tensors = nano_tensors() | {"sem_seg_head.predictor.surprise.weight": torch.zeros(1)}
    with pytest.raises(UnfitWeights, match=r"sem_seg_head\.predictor\.surprise\.weight"):
        convert_weights(tensors)


def test_a_missing_tensor_is_named() -> None:
    tensors = nano_tensors()
    del tensors[CLASS_BIAS]
    with pytest.raises(UnfitWeights, match=r"missing decoder\.class_embed\.bias"):
        convert_weights(tensors)


def test_a_tensor_of_another_shape_is_named() -> None:
    tensors = nano_tensors() | {CLASS_BIAS: torch.zeros(134)}
    with pytest.raises(UnfitWeights, match=r"decoder\.class_embed\.bias is \(134,\), not \(2,\)"):
        convert_weights(tensors)


def test_a_plain_mask2former_is_refused_as_what_it_is() -> None:
    tensors = {key: tensor for key, tensor in nano_tensors().items() if "make_3d" not in key}
    with pytest.raises(UnfitWeights, match="plain Mask2Former"):
        convert_weights(tensors)


def test_another_backbone_is_refused() -> None:
    tensors = {key.replace("backbone.", "trunk."): tensor for key, tensor in nano_tensors().items()}
    with pytest.raises(UnfitWeights, match="not a CropFormer on Swin"):
        convert_weights(tensors)
