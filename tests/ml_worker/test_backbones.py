"""Backbones give maps of strides 4 to 32, of the widths they promise, under the published names."""

import pytest
import torch

from ml_worker.cropformer.architecture import HORNET_LARGE, RESNET_50, SWIN_LARGE, SWIN_TINY, Architecture
from ml_worker.cropformer.backbones.build import build_backbone
from ml_worker.cropformer.backbones.hornet import GlobalLocalFilter, HorNet
from ml_worker.cropformer.backbones.resnet import Bottleneck, ResNet
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_names import ENCODER, published_name

SMALL_HORNET = Architecture(backbone="hornet", embed_dim=16, depths=(1, 1, 1, 1))
SMALL_RESNET = Architecture(
    backbone="resnet",
    embed_dim=8,
    depths=(1, 2, 1, 1),
    bottlenecks=(4, 8, 8, 8),
    stage_widths=(16, 24, 32, 40),
)
HORNET_BLOCK = {
    "gamma1": (768,),
    "gamma2": (768,),
    "norm1.weight": (768,),
    "norm1.bias": (768,),
    "gnconv.proj_in.weight": (1536, 768, 1, 1),
    "gnconv.proj_in.bias": (1536,),
    "gnconv.dwconv.dw.weight": (720, 1, 3, 3),
    "gnconv.dwconv.complex_weight": (720, 24, 13, 2),
    "gnconv.dwconv.pre_norm.weight": (1440,),
    "gnconv.dwconv.pre_norm.bias": (1440,),
    "gnconv.dwconv.post_norm.weight": (1440,),
    "gnconv.dwconv.post_norm.bias": (1440,),
    "gnconv.proj_out.weight": (768, 768, 1, 1),
    "gnconv.proj_out.bias": (768,),
    "gnconv.pws.0.weight": (192, 96, 1, 1),
    "gnconv.pws.0.bias": (192,),
    "gnconv.pws.1.weight": (384, 192, 1, 1),
    "gnconv.pws.1.bias": (384,),
    "gnconv.pws.2.weight": (768, 384, 1, 1),
    "gnconv.pws.2.bias": (768,),
    "norm2.weight": (768,),
    "norm2.bias": (768,),
    "pwconv1.weight": (3072, 768),
    "pwconv1.bias": (3072,),
    "pwconv2.weight": (768, 3072),
    "pwconv2.bias": (768,),
}


@pytest.mark.parametrize("arch", [SMALL_HORNET, SMALL_RESNET], ids=["hornet", "resnet"])
def test_four_maps_come_out_at_their_strides(arch: Architecture) -> None:
    backbone = build_backbone(arch).eval()
    with torch.inference_mode():
        maps = backbone(torch.randn(2, 3, 64, 96))
    assert [tuple(one.shape[-2:]) for one in maps] == [(16, 24), (8, 12), (4, 6), (2, 3)]
    assert [one.shape[1] for one in maps] == backbone.channels


@pytest.mark.parametrize(
    ("arch", "millions"),
    [(SWIN_TINY, 48.98), (SWIN_LARGE, 216.83), (HORNET_LARGE, 222.15), (RESNET_50, 45.63)],
)
def test_the_published_sizes_have_the_published_number_of_parameters(
    arch: Architecture, millions: float
) -> None:
    with torch.device("meta"):
        model = CropFormer(arch)
    assert sum(tensor.numel() for tensor in model.state_dict().values()) / 1e6 == pytest.approx(
        millions, abs=0.01
    )


def test_a_hornet_block_bears_the_published_names_and_shapes() -> None:
    with torch.device("meta"):
        block = HorNet(HORNET_LARGE).stages[2][0]
    assert {name: tuple(tensor.shape) for name, tensor in block.state_dict().items()} == HORNET_BLOCK


def test_the_global_filter_is_a_product_of_frequencies_at_any_size() -> None:
    block = GlobalLocalFilter(4, 6, 4).eval()
    with torch.no_grad():
        block.complex_weight.zero_()
        block.complex_weight[..., 0] = 1  # every frequency as it is
        block.dw.weight.zero_()
    maps = torch.randn(1, 4, 9, 7)
    with torch.inference_mode():
        seen, normed = block(maps), block.pre_norm(maps)
        wanted = block.post_norm(
            torch.stack(
                [torch.zeros(1, 9, 7), normed[:, 2], torch.zeros(1, 9, 7), normed[:, 3]], dim=1
            )  # near and far channels in turn
        )
    torch.testing.assert_close(seen, wanted, atol=1e-4, rtol=1e-4)


def test_a_gated_convolution_is_a_chain_of_products() -> None:
    gated = HorNet(SMALL_HORNET).stages[1][0].gnconv.eval()  # order 3: 8, 16 and 32 channels
    maps = torch.randn(1, 32, 5, 6)
    with torch.inference_mode():
        mixed = gated.proj_in(maps)
        gates = gated.dwconv(mixed[:, 8:]) / 3
        first = mixed[:, :8] * gates[:, :8]
        second = gated.pws[0](first) * gates[:, 8:24]
        wanted = gated.proj_out(gated.pws[1](second) * gates[:, 24:])
        torch.testing.assert_close(gated(maps), wanted)


def test_a_resnets_stride_lies_in_its_middle_convolution_and_its_statistics_are_frozen() -> None:
    block = Bottleneck(8, 4, 16, stride=2)
    assert [block.conv1.stride, block.conv2.stride, block.conv3.stride] == [(1, 1), (2, 2), (1, 1)]
    model = ResNet(SMALL_RESNET).train()
    before = model.stem["conv1"].norm.running_mean.clone()
    model(torch.randn(1, 3, 64, 64))
    assert torch.equal(model.stem["conv1"].norm.running_mean, before)
    assert not [name for name, _ in model.named_parameters() if "norm" in name]


@pytest.mark.parametrize("arch", [SMALL_HORNET, SMALL_RESNET], ids=["hornet", "resnet"])
def test_published_names_of_a_backbone_are_those_of_its_own_code(arch: Architecture) -> None:
    ours = build_backbone(arch).state_dict()
    keys = {published_name(ENCODER + name, arch.backbone) for name in ours}
    some = {
        "hornet": {
            "backbone.downsample_layers.0.0.weight",
            "backbone.downsample_layers.3.1.bias",
            "backbone.stages.1.0.gnconv.dwconv.weight",
            "backbone.stages.2.0.gnconv.dwconv.complex_weight",
            "backbone.norm3.weight",
        },
        "resnet": {
            "backbone.stem.conv1.norm.running_var",
            "backbone.res2.0.shortcut.norm.bias",
            "backbone.res3.1.conv3.weight",
            "backbone.res5.0.conv2.norm.running_mean",
        },
    }[arch.backbone]
    assert some <= keys
