"""The backbone an architecture asks for."""

from collections.abc import Callable

from torch import nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.backbones.hornet import HorNet
from ml_worker.cropformer.backbones.resnet import ResNet
from ml_worker.cropformer.backbones.swin import Swin

BACKBONES: dict[str, Callable[[Architecture], nn.Module]] = {"swin": Swin, "hornet": HorNet, "resnet": ResNet}


def build_backbone(arch: Architecture) -> nn.Module:
    """A module from pixels [N, 3, H, W] to four maps; ``channels`` lists their channels, finest first."""
    return BACKBONES[arch.backbone](arch)
