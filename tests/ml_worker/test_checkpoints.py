"""Checkpoints are whole, finite and ours, or they are refused with a sentence."""

import json
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml_worker.checkpoints import STARTER, BadCheckpoint, load_checkpoint, save_weights
from ml_worker.cropformer.model import CropFormer
from tests.ml_worker.golden import nano_tensors


class RunsCode:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("executed"),))  # type: ignore[return-value]


def test_weights_sizes_and_settings_come_back(tiny_model: CropFormer, tiny_checkpoint: Path) -> None:
    checkpoint = load_checkpoint(tiny_checkpoint)
    assert checkpoint.arch == tiny_model.arch
    assert checkpoint.settings == {"short_side": 64, "long_side": 128}
    pixels = torch.randn(1, 2, 3, 64, 64)
    with torch.inference_mode():
        wanted, found = tiny_model(pixels), checkpoint.build()(pixels)
    assert torch.equal(found.joint.mask_logits(), wanted.joint.mask_logits())


def test_the_starter_loads_and_is_small_enough() -> None:
    assert STARTER.stat().st_size < 25_000_000
    assert load_checkpoint(STARTER).settings["short_side"] >= 64


def test_published_weights_load_from_pth_and_safetensors(tmp_path: Path) -> None:
    tensors = nano_tensors()
    torch.save({"model": tensors, "iteration": 5}, tmp_path / "published.pth")
    save_file(tensors, tmp_path / "published.safetensors")
    first, second = (load_checkpoint(tmp_path / name) for name in ("published.pth", "published.safetensors"))
    assert first.arch == second.arch
    assert all(torch.equal(first.weights[key], second.weights[key]) for key in first.weights)


def test_a_pickle_that_runs_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.pth").write_bytes(pickle.dumps({"model": RunsCode()}))
    with pytest.raises(BadCheckpoint, match="holds code"):
        load_checkpoint(tmp_path / "evil.pth")
    assert not Path("executed").exists()


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_a_cut_file_is_refused(tiny_checkpoint: Path, kept: float) -> None:
    content = tiny_checkpoint.read_bytes()
    tiny_checkpoint.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BadCheckpoint, match="damaged or cut short"):
        load_checkpoint(tiny_checkpoint)


def test_a_cut_pth_is_refused(tmp_path: Path) -> None:
    torch.save({"model": nano_tensors()}, tmp_path / "cut.pth")
    content = (tmp_path / "cut.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[: len(content) // 2])
    with pytest.raises(BadCheckpoint, match="damaged"):
        load_checkpoint(tmp_path / "cut.pth")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(
    tiny_model: CropFormer, tmp_path: Path, value: float
) -> None:
    with torch.no_grad():
        tiny_model.decoder.class_embed.bias[0] = value
    save_weights(tmp_path / "bad.safetensors", tiny_model, {})
    with pytest.raises(BadCheckpoint, match=r"NaN or infinity in decoder\.class_embed\.bias"):
        load_checkpoint(tmp_path / "bad.safetensors")


def test_tensors_of_another_model_are_refused(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(BadCheckpoint, match="no CropFormer checkpoint"):
        load_checkpoint(tmp_path / "other.safetensors")


def test_weights_that_do_not_fit_their_own_architecture_are_refused(
    tiny_model: CropFormer, tmp_path: Path
) -> None:
    del tiny_model.decoder.class_embed
    save_weights(tmp_path / "lame.safetensors", tiny_model, {})
    with pytest.raises(BadCheckpoint, match=r"decoder\.class_embed"):
        load_checkpoint(tmp_path / "lame.safetensors")


def test_what_else_a_file_holds_is_said(tiny_model: CropFormer, tmp_path: Path) -> None:
    state = {"model": tiny_model.state_dict(), "optimizer": {"state": {}}, "step": 3}
    torch.save(state, tmp_path / "state.pt")
    with pytest.raises(BadCheckpoint, match=r"state of a training run.*take the model\.safetensors"):
        load_checkpoint(tmp_path / "state.pt")
    torch.save({"model.pixel_level_module.encoder.x": torch.zeros(1)}, tmp_path / "hub.pth")
    with pytest.raises(BadCheckpoint, match="layout of transformers"):
        load_checkpoint(tmp_path / "hub.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(BadCheckpoint, match="no state dict but a list"):
        load_checkpoint(tmp_path / "list.pth")
    torch.save({"model": {"sem_seg_head.x": 3}}, tmp_path / "number.pth")
    with pytest.raises(BadCheckpoint, match=r"'sem_seg_head\.x' is no tensor"):
        load_checkpoint(tmp_path / "number.pth")


def test_sizes_that_only_claim_to_be_large_are_refused_before_they_are_worked_out(tmp_path: Path) -> None:
    claimed = torch.zeros(1).expand(10**6, 10**6)  # four bytes
    torch.save({"sem_seg_head.predictor.query_feat.weight": claimed}, tmp_path / "claims.pth")
    with pytest.raises(BadCheckpoint, match=r"1,000,000,000,000 numbers.*query_feat\.weight"):
        load_checkpoint(tmp_path / "claims.pth")


def test_a_packed_archive_is_refused_before_it_swells(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(10**7))
    with pytest.raises(BadCheckpoint, match="packed archive"):
        load_checkpoint(tmp_path / "bomb.pth")


@pytest.mark.parametrize(
    "size", [{"hidden": 10**9}, {"depths": [10**6, 1, 1, 1]}, {"backbone": "vit"}, {"a": 1}]
)
def test_a_header_that_asks_for_no_possible_model_is_refused(tmp_path: Path, size: dict[str, object]) -> None:
    header = {"format": "tessera-cropformer-1", "architecture": json.dumps(size)}
    save_file({"x": torch.zeros(1)}, tmp_path / "odd.safetensors", metadata=header)
    with pytest.raises(BadCheckpoint, match="does not say which architecture"):
        load_checkpoint(tmp_path / "odd.safetensors")


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"gone\.safetensors"):
        load_checkpoint(tmp_path / "gone.safetensors")


def test_a_failed_write_leaves_the_old_checkpoint(tiny_model: CropFormer, tiny_checkpoint: Path) -> None:
    before = tiny_checkpoint.read_bytes()
    with pytest.raises(TypeError):
        save_weights(tiny_checkpoint, tiny_model, {"unwritable": object()})
    assert tiny_checkpoint.read_bytes() == before
    assert [path.name for path in tiny_checkpoint.parent.iterdir()] == [tiny_checkpoint.name]
