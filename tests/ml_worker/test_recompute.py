"""Computing blocks twice in training saves memory and changes nothing."""

from contextlib import nullcontext
from dataclasses import replace

import torch
from torch import Tensor

from ml_worker.cropformer.losses import Entities, cropformer_losses
from ml_worker.cropformer.model import CropFormer, CropFormerOutput
from ml_worker.cropformer.recompute import bytes_kept, recomputed_blocks
from tests.ml_worker.conftest import TINY


def test_gradients_are_the_same_to_the_last_bit() -> None:
    torch.manual_seed(0)
    model = CropFormer(replace(TINY, drop_path=0.5)).train()
    views = torch.randn(2, 2, 3, 64, 64)
    labels = torch.arange(64).repeat(2, 64, 1).int() // 32 + 1
    targets = [Entities(labels, torch.tensor([1, 2]))] * 2

    def gradients(*, twice: bool) -> tuple[list[Tensor], int]:
        torch.manual_seed(1)
        model.zero_grad()
        with recomputed_blocks(model) if twice else nullcontext():
            kept = bytes_kept(lambda: outputs.append(model(views)), model.parameters())
        cropformer_losses(outputs.pop(), targets, points=50).total.backward()
        return [one.grad for one in model.parameters() if one.grad is not None], kept

    outputs: list[CropFormerOutput] = []
    wanted, everything = gradients(twice=False)
    found, inputs = gradients(twice=True)
    assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))
    assert inputs < everything / 2
    assert not any("forward" in vars(module) for module in model.modules())
