"""The sizes of a CropFormer: everything needed to build the network, nothing about training it."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from ml_worker.cropformer.variants import MASK2FORMER, PUBLISHED, Variant

STAGES = 4
MOST = 65_536


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Sizes of the backbone, the pixel decoder and the shared decoder (source: cropformer paper §3).

    ``backbone`` is swin, hornet or resnet. ``embed_dim`` is the width of its first features: Swin's
    embedding, HorNet's base, ResNet's stem. ``backbone_heads`` and ``window`` are Swin's; ``orders`` and
    ``filters`` (height and width of each stage's global filter, 0 × 0 for a 7 × 7 convolution) HorNet's;
    ``bottlenecks`` and ``stage_widths`` (inner and outer channels) ResNet's. ``decoder_layers`` counts
    transformer layers; predictions are one more (the learned start is read too). Without
    ``association_layers`` the network is a plain Mask2Former, which sees the full image only.
    """

    backbone: str = "swin"
    embed_dim: int = 96
    depths: tuple[int, ...] = (2, 2, 6, 2)
    backbone_heads: tuple[int, ...] = (3, 6, 12, 24)
    window: int = 7
    orders: tuple[int, ...] = (2, 3, 4, 5)
    filters: tuple[tuple[int, int], ...] = ((0, 0), (0, 0), (24, 13), (12, 7))
    bottlenecks: tuple[int, ...] = (64, 128, 256, 512)
    stage_widths: tuple[int, ...] = (256, 512, 1024, 2048)
    drop_path: float = 0.0
    hidden: int = 256
    mask_dim: int = 256
    heads: int = 8
    encoder_layers: int = 6
    encoder_ffn: int = 1024
    decoder_layers: int = 9
    decoder_ffn: int = 2048
    association_layers: int = 1
    association_ffn: int | None = None  # None: as wide as the decoder's
    queries: int = 100
    variant: Variant = PUBLISHED

    def __post_init__(self) -> None:
        if self.backbone not in {"swin", "hornet", "resnet"}:
            raise ValueError(f"There is no backbone {self.backbone!r}: choose swin, hornet or resnet.")
        per_stage = (
            *(self.depths, self.backbone_heads, self.orders),
            *(self.filters, self.bottlenecks, self.stage_widths),
        )
        if any(len(sizes) != STAGES for sizes in per_stage):
            raise ValueError("The backbone has four stages: give four depths and four head counts.")
        if self.hidden % self.heads or self.hidden % 32:
            raise ValueError(f"hidden={self.hidden} must be divisible by 32 and by heads={self.heads}.")
        if self.variant.fusion == "association" and not self.association_layers:
            if self.variant != PUBLISHED:
                raise ValueError("fusion association needs association_layers of 1 or more.")
            object.__setattr__(self, "variant", MASK2FORMER)
        if max(_numbers(asdict(self))) > MOST or sum(self.depths) > 1000:
            raise ValueError(
                f"A size above {MOST}, or more than 1000 blocks: these cannot be a model's sizes."
            )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        unknown = sorted(set(data) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"Unknown architecture settings: {', '.join(unknown)}.")
        lists_as_tuples: dict[str, Any] = {key: _as_tuple(value) for key, value in data.items()}
        variant = Variant.from_dict(data.get("variant", {}))
        return cls(**lists_as_tuples | {"variant": variant})


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(one) for one in value) if isinstance(value, list) else value


def _numbers(value: Any) -> list[float]:
    """Every number in nested settings."""
    if isinstance(value, dict):
        return _numbers(list(value.values()))
    if isinstance(value, list | tuple):
        return [number for one in value for number in _numbers(one)]
    return [value] if isinstance(value, int | float) else []


SWIN_TINY = Architecture(drop_path=0.3)
SWIN_LARGE = Architecture(embed_dim=192, depths=(2, 2, 18, 2), backbone_heads=(6, 12, 24, 48), drop_path=0.3)
HORNET_LARGE = Architecture(
    backbone="hornet", embed_dim=192, depths=(2, 3, 18, 2), drop_path=0.6, queries=200
)
RESNET_50 = Architecture(backbone="resnet", embed_dim=64, depths=(3, 4, 6, 3))
NANO = Architecture(
    embed_dim=16,
    depths=(1, 1, 1, 1),
    backbone_heads=(1, 2, 4, 8),
    window=4,
    hidden=32,
    mask_dim=32,
    heads=4,
    encoder_layers=1,
    encoder_ffn=64,
    decoder_layers=3,
    decoder_ffn=64,
    queries=16,
)
