"""Published weights of every backbone fit, whatever their size, and what does not fit is named."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_worker.checkpoints import load_checkpoint
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.convert_weights import convert_file, main
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_names import our_names, published_name
from ml_worker.cropformer.published_sizes import infer_architecture
from ml_worker.cropformer.published_weights import convert_published
from ml_worker.cropformer.unfit_weights import UnfitWeights
from ml_worker.cropformer.variants import MASK2FORMER
from ml_worker.tensor_files import BadCheckpoint
from tests.ml_worker.conftest import TINY
from tests.ml_worker.golden import nano_tensors, published_tensors

CLASS_WEIGHT = "sem_seg_head.predictor.class_embed.weight"
CLASS_BIAS = "sem_seg_head.predictor.class_embed.bias"
SMALL = {"hidden": 32, "mask_dim": 64, "heads": 4, "encoder_layers": 1, "encoder_ffn": 48, "decoder_ffn": 40}
ARCHITECTURES = [
    Architecture(
        embed_dim=16, depths=(1, 2, 3, 1), backbone_heads=(1, 2, 4, 8), window=12, queries=7, **SMALL
    ),
    Architecture(backbone="hornet", embed_dim=16, depths=(1, 1, 2, 1), decoder_layers=2, queries=9, **SMALL),
    Architecture(
        backbone="resnet",
        embed_dim=8,
        depths=(1, 2, 1, 1),
        bottlenecks=(8, 8, 16, 16),
        stage_widths=(16, 32, 48, 64),
        association_ffn=56,
        **SMALL,
    ),
    Architecture(
        embed_dim=16,
        depths=(1, 1, 1, 1),
        backbone_heads=(1, 1, 2, 2),
        association_layers=0,
        variant=MASK2FORMER,
        **SMALL,
    ),
]


def without(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    return {key: tensor for key, tensor in tensors.items() if part not in key}


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=["swin-w12", "hornet", "resnet", "mask2former"])
def test_sizes_are_read_off_the_tensors_and_every_tensor_finds_its_place(arch: Architecture) -> None:
    tensors = published_tensors(arch)
    found, weights = convert_published(tensors)
    assert found == arch
    assert set(weights) == set(CropFormer(arch).state_dict())
    for key, tensor in tensors.items():
        names = our_names(key, arch.backbone)
        assert torch.equal(torch.cat([weights[name] for name in names]), tensor)
        assert {published_name(name, arch.backbone) for name in names} == {key}


def test_the_nano_size_is_read_off_the_tensors() -> None:
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
    _, wanted = convert_published(nano_tensors())
    _, found = convert_published(doubled)
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_every_unknown_and_missing_tensor_is_named() -> None:
    surplus = {f"sem_seg_head.predictor.surprise.{index}": torch.zeros(1) for index in range(7)}
    qkv = "backbone.layers.0.blocks.0.attn.qkv.bias"
    tensors = without(nano_tensors() | surplus, CLASS_BIAS)
    del tensors[qkv]
    with pytest.raises(UnfitWeights, match=r"surprise\.0.* and 2 more; missing: ") as refusal:
        convert_published(tensors)
    assert refusal.value.unknown == list(surplus)
    assert sorted(refusal.value.missing) == [qkv, CLASS_BIAS]


def test_a_tensor_of_another_shape_is_named() -> None:
    tensors = nano_tensors() | {CLASS_BIAS: torch.zeros(134)}
    with pytest.raises(UnfitWeights, match=r"class_embed\.bias is \(134,\), not \(2,\)") as refusal:
        convert_published(tensors)
    assert refusal.value.misshapen == [CLASS_BIAS]


def test_weights_trained_on_classes_are_refused_as_what_they_are() -> None:
    tensors = nano_tensors() | {CLASS_WEIGHT: torch.zeros(134, 64), CLASS_BIAS: torch.zeros(134)}
    with pytest.raises(UnfitWeights, match=r"trained on 133 classes.*take a checkpoint of entity seg"):
        convert_published(tensors)


def test_a_block_number_out_of_line_is_refused_before_anything_is_built() -> None:
    norm = "backbone.layers.0.blocks.{}.norm1.weight"
    tensors = nano_tensors() | {norm.format(10**9): torch.zeros(24)}
    with pytest.raises(UnfitWeights, match=r"lack backbone\.layers\.0\.blocks\.2"):
        convert_published(tensors)


def test_another_backbone_is_refused() -> None:
    tensors = {key.replace("backbone.", "trunk."): tensor for key, tensor in nano_tensors().items()}
    with pytest.raises(UnfitWeights, match="none of Swin, HorNet and ResNet"):
        convert_published(tensors)


def test_a_converted_file_is_the_same_model_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    arrays = {key: tensor.numpy() for key, tensor in published_tensors(TINY).items()}
    torch.save({"model": arrays, "iteration": 5, "optimizer": {"state": {}}}, tmp_path / "model_final.pth")
    first = convert_file(tmp_path / "model_final.pth", tmp_path / "first.safetensors")
    second = convert_file(tmp_path / "model_final.pth", tmp_path / "second.safetensors")
    assert first == second
    assert first["kind"] == "cropformer"
    assert first["parameters"] == sum(parameter.numel() for parameter in CropFormer(TINY).parameters())
    ours, theirs = (load_checkpoint(tmp_path / name) for name in ("first.safetensors", "model_final.pth"))
    assert ours.arch == theirs.arch
    assert all(torch.equal(ours.weights[key], theirs.weights[key]) for key in theirs.weights)
    assert (ours.sha256, ours.settings["source_sha256"]) == (first["sha256"], theirs.sha256)


def test_the_command_prints_what_it_made_or_why_it_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.pth", tmp_path / "out.safetensors"
    monkeypatch.setattr("sys.argv", ["convert_weights", str(source), str(target)])
    tensors = published_tensors(TINY)
    torch.save({"model": without(tensors, "decoder_norm.bias")}, source)
    assert main() == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["missing"] == ["sem_seg_head.predictor.decoder_norm.bias"]
    assert "decoder_norm.bias" in told.err and not target.exists()

    torch.save({"model": tensors}, source)
    assert main() == 0
    assert json.loads(capsys.readouterr().out)["architecture"]["queries"] == TINY.queries
    assert target.is_file()


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    torch.save({"model": {"sem_seg_head.x": np.array([None, "text"], object)}}, tmp_path / "odd.pth")
    with pytest.raises(BadCheckpoint, match=r"cannot be read|holds no numbers"):
        load_checkpoint(tmp_path / "odd.pth")
