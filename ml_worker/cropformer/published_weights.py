"""Published weights (detectron2 key layout) → our layout, or a refusal that names every wrong tensor."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_names import is_learned, our_names, present_name, published_name
from ml_worker.cropformer.published_sizes import infer_architecture
from ml_worker.cropformer.unfit_weights import UnfitWeights, listed


def is_published_layout(tensors: Mapping[str, Tensor]) -> bool:
    return any(key.startswith("sem_seg_head.") for key in tensors)


def convert_published(tensors: Mapping[str, Tensor]) -> tuple[Architecture, dict[str, Tensor]]:
    """Detectron2-layout tensors → (architecture, our state dict, float32); raises UnfitWeights."""
    arch = _architecture(tensors)
    with torch.device("meta"):
        wanted = CropFormer(arch).state_dict()
    converted: dict[str, Tensor] = {}
    unknown: list[str] = []
    for key, tensor in tensors.items():
        if not is_learned(key):
            continue
        names = our_names(present_name(key), arch.backbone)
        if not names or any(name not in wanted for name in names):
            unknown.append(key)
        else:
            converted.update(_parts(names, tensor))
    absent = [published_name(name, arch.backbone) for name in wanted if name not in converted]
    missing = list(dict.fromkeys(absent))  # Swin's fused projection is three of ours
    _refuse_unknown_and_missing(unknown, missing)
    _refuse_misshapen(wanted, converted, arch.backbone)
    return arch, {name: converted[name].float() for name in wanted}


def _architecture(tensors: Mapping[str, Tensor]) -> Architecture:
    try:
        return infer_architecture(tensors)
    except UnfitWeights:
        raise
    except ValueError as error:
        raise UnfitWeights(f"The sizes of these weights make no model: {error}") from error


def _parts(names: list[str], tensor: Tensor) -> dict[str, Tensor]:
    """The tensor under its name, or cut into equal parts under several."""
    if len(names) == 1 or not tensor.ndim or tensor.shape[0] % len(names):
        return dict.fromkeys(names, tensor)
    return dict(zip(names, tensor.chunk(len(names)), strict=True))


def _refuse_unknown_and_missing(unknown: list[str], missing: list[str]) -> None:
    faults = []
    if unknown:
        faults.append(f"tensors the model does not have: {listed(unknown)}")
    if missing:
        faults.append(f"missing: {listed(missing)}")
    if faults:
        raise UnfitWeights(
            f"These weights make no CropFormer; {'; '.join(faults)}.", unknown=unknown, missing=missing
        )


def _refuse_misshapen(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor], backbone: str) -> None:
    wrong = {
        published_name(name, backbone): f"{tuple(found[name].shape)}, not {tuple(wanted[name].shape)}"
        for name in wanted
        if found[name].shape != wanted[name].shape or not found[name].is_floating_point()
    }
    if wrong:
        described = listed([f"{name} is {shapes}" for name, shapes in wrong.items()])
        raise UnfitWeights(
            f"Tensors of another shape or kind than the others ask for: {described}.", misshapen=list(wrong)
        )
