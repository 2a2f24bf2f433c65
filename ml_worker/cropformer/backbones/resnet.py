"""ResNet with bottlenecks and frozen statistics, stride in the 3×3 convolution."""

import torch
from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture

EPSILON = 1e-5


class FrozenNorm(nn.Module):
    """Batch normalisation whose statistics and scale were fixed when the backbone was pretrained."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=EPSILON
        )


class NormedConv(nn.Conv2d):
    """Convolution without bias, then the norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = FrozenNorm(outputs)
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(super().forward(x))


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1, and the input added; a projection of it where the shape changes."""

    def __init__(self, inputs: int, inner: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.shortcut = NormedConv(inputs, outputs, 1, stride) if inputs != outputs else nn.Identity()
        self.conv1 = NormedConv(inputs, inner, 1)
        self.conv2 = NormedConv(inner, inner, 3, stride)
        self.conv3 = NormedConv(inner, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return (self.conv3(self.conv2(self.conv1(x).relu()).relu()) + self.shortcut(x)).relu()


class ResNet(nn.Module):
    """Source: He et al., Deep Residual Learning, CVPR 2016; 50 layers with depths 3, 4, 6, 3."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.channels = list(arch.stage_widths)
        self.stem = nn.ModuleDict({"conv1": NormedConv(3, arch.embed_dim, 7, stride=2)})
        inputs = arch.embed_dim
        stages = zip(arch.depths, arch.bottlenecks, arch.stage_widths, (1, 2, 2, 2), strict=True)
        self.stages = nn.ModuleDict()
        for index, (depth, inner, outputs, stride) in enumerate(stages):
            blocks = [Bottleneck(inputs, inner, outputs, stride)]
            blocks += [Bottleneck(outputs, inner, outputs, 1) for _ in range(depth - 1)]
            self.stages[f"res{index + 2}"] = nn.Sequential(*blocks)
            inputs = outputs

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        x = nn.functional.max_pool2d(self.stem["conv1"](pixels).relu(), kernel_size=3, stride=2, padding=1)
        maps = []
        for stage in self.stages.values():
            x = stage(x)
            maps.append(x)
        return tuple(maps)
