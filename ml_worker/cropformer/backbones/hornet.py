"""HorNet: blocks that mix places by recursive gated convolution, in the last stages by a global filter."""

import torch
from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture

GATE_SCALE = 1 / 3
EPSILON = 1e-6
LAYER_SCALE = 1e-6
KERNEL = 7


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of [N, C, H, W]."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class GlobalLocalFilter(nn.Module):
    """Half the channels see 3×3 places, half all places at once: a product in the frequency domain.

    ``complex_weight`` [C/2, h, w, 2] is resized bilinearly, corners aligned, to the frequencies of the map.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        super().__init__()
        half = channels // 2
        self.dw = nn.Conv2d(half, half, 3, padding=1, bias=False, groups=half)
        self.complex_weight = nn.Parameter(torch.empty(half, height, width, 2))
        nn.init.trunc_normal_(self.complex_weight, std=0.02)
        self.pre_norm = ChannelNorm(channels)
        self.post_norm = ChannelNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        near, far = self.pre_norm(x).chunk(2, dim=1)
        size = far.shape[-2:]
        spectrum = torch.fft.rfft2(far.float(), norm="ortho")  # [N, C/2, H, W/2 + 1]
        spectrum = spectrum * self._filter(spectrum.shape[-2:])
        far = torch.fft.irfft2(spectrum, s=size, norm="ortho").to(x.dtype)
        return self.post_norm(torch.stack([self.dw(near), far], dim=2).flatten(1, 2))  # channels in turn

    def _filter(self, size: torch.Size) -> Tensor:
        """[C/2, H, W/2 + 1] complex."""
        weight = self.complex_weight.float()
        if weight.shape[1:3] != size:
            planes = weight.permute(3, 0, 1, 2)
            planes = nn.functional.interpolate(planes, size=size, mode="bilinear", align_corners=True)
            weight = planes.permute(1, 2, 3, 0)
        return torch.view_as_complex(weight.contiguous())


class GatedConv(nn.Module):
    """Recursive gated convolution (gⁿConv): ``order`` products of ever wider channels."""

    def __init__(self, dim: int, order: int, filter_size: tuple[int, int]) -> None:
        super().__init__()
        self.dims = [dim // 2**power for power in reversed(range(order))]
        total = sum(self.dims)
        self.proj_in = nn.Conv2d(dim, 2 * dim, 1)
        self.dwconv = (
            GlobalLocalFilter(total, *filter_size)
            if any(filter_size)
            else nn.Conv2d(total, total, KERNEL, padding=KERNEL // 2, groups=total)
        )
        self.proj_out = nn.Conv2d(dim, dim, 1)
        self.pws = nn.ModuleList(
            nn.Conv2d(narrow, wide, 1) for narrow, wide in zip(self.dims, self.dims[1:], strict=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        start, places = self.proj_in(x).split([self.dims[0], sum(self.dims)], dim=1)
        first, *gates = (self.dwconv(places) * GATE_SCALE).split(self.dims, dim=1)
        x = start * first
        for widen, gate in zip(self.pws, gates, strict=True):
            x = widen(x) * gate
        return self.proj_out(x)


class Block(nn.Module):
    """Gated convolution and feed-forward, each normed before, scaled after and added; dropped at times."""

    def __init__(self, dim: int, order: int, filter_size: tuple[int, int], drop_path: float) -> None:
        super().__init__()
        self.norm1 = ChannelNorm(dim)
        self.gnconv = GatedConv(dim, order, filter_size)
        self.norm2 = nn.LayerNorm(dim, eps=EPSILON)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.pwconv2 = nn.Linear(4 * dim, dim)
        self.gamma1 = nn.Parameter(torch.full((dim,), LAYER_SCALE))
        self.gamma2 = nn.Parameter(torch.full((dim,), LAYER_SCALE))
        self.drop_path = drop_path
        for linear in (self.pwconv1, self.pwconv2):
            nn.init.trunc_normal_(linear.weight, std=0.02)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._dropped(self.gamma1[:, None, None] * self.gnconv(self.norm1(x)))
        inner = nn.functional.gelu(self.pwconv1(self.norm2(x.permute(0, 2, 3, 1))))
        return x + self._dropped((self.gamma2 * self.pwconv2(inner)).permute(0, 3, 1, 2))

    def _dropped(self, branch: Tensor) -> Tensor:
        """In training the branch of an image is left out at times, and otherwise so much the stronger."""
        if not self.training or not self.drop_path:
            return branch
        kept = torch.rand(len(branch), 1, 1, 1, device=branch.device) >= self.drop_path
        return branch * kept / (1 - self.drop_path)


class HorNet(nn.Module):
    """Source: Rao et al., HorNet, NeurIPS 2022; one norm per output stage."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.channels = [arch.embed_dim * 2**stage for stage in range(4)]
        steps = torch.linspace(0, arch.drop_path, sum(arch.depths), device="cpu").tolist()
        self.downsample_layers = nn.ModuleList([_stem(self.channels[0])])
        self.downsample_layers.extend(
            _halving(*pair) for pair in zip(self.channels, self.channels[1:], strict=False)
        )
        self.stages = nn.ModuleList()
        sizes = zip(self.channels, arch.depths, arch.orders, arch.filters, strict=True)
        for dim, depth, order, filter_size in sizes:
            drops, steps = steps[:depth], steps[depth:]
            self.stages.append(nn.Sequential(*(Block(dim, order, filter_size, drop) for drop in drops)))
        self.norms = nn.ModuleList(ChannelNorm(dim) for dim in self.channels)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        maps = []
        x = pixels
        for shrink, stage, norm in zip(self.downsample_layers, self.stages, self.norms, strict=True):
            x = stage(shrink(x))
            maps.append(norm(x))
        return tuple(maps)


def _stem(dim: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, dim, 4, stride=4), ChannelNorm(dim))


def _halving(dim: int, wider: int) -> nn.Sequential:
    return nn.Sequential(ChannelNorm(dim), nn.Conv2d(dim, wider, 2, stride=2))
