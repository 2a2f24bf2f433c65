"""The sizes of a CropFormer: everything needed to build the network, nothing about training it."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Sizes of the Swin backbone, the pixel decoder and the shared decoder (source: cropformer paper §3).

    ``decoder_layers`` counts transformer layers; predictions are one more (the learned start is read too).
    """

    embed_dim: int = 96
    depths: tuple[int, ...] = (2, 2, 6, 2)
    backbone_heads: tuple[int, ...] = (3, 6, 12, 24)
    window: int = 7
    drop_path: float = 0.0
    hidden: int = 256
    mask_dim: int = 256
    heads: int = 8
    encoder_layers: int = 6
    encoder_ffn: int = 1024
    decoder_layers: int = 9
    decoder_ffn: int = 2048
    association_layers: int = 1
    queries: int = 100

    def __post_init__(self) -> None:
        if len(self.depths) != 4 or len(self.backbone_heads) != 4:
            raise ValueError("The backbone has four stages: give four depths and four head counts.")
        if self.hidden % self.heads or self.hidden % 32:
            raise ValueError(f"hidden={self.hidden} must be divisible by 32 and by heads={self.heads}.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        unknown = sorted(set(data) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"Unknown architecture settings: {', '.join(unknown)}.")
        lists_as_tuples: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**lists_as_tuples)


SWIN_TINY = Architecture(drop_path=0.3)
SWIN_LARGE = Architecture(embed_dim=192, depths=(2, 2, 18, 2), backbone_heads=(6, 12, 24, 48), drop_path=0.3)
