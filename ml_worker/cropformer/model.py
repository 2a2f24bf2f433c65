"""CropFormer: every view decoded alone, the views' queries associated, then all views decoded together."""

from dataclasses import dataclass

from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.association import Association
from ml_worker.cropformer.decoder import Decoded, SharedDecoder
from ml_worker.cropformer.pixel_level import ViewFeatures, build_pixel_level


@dataclass(frozen=True)
class CropFormerOutput:
    """``views``: the image level, B·T sequences of one view. ``joint``: the batch level, B of T views."""

    views: Decoded
    joint: Decoded
    associated: Tensor  # [B, Q, C], the queries the batch level starts from


class CropFormer(nn.Module):
    """Source: Qi et al., High-Quality Entity Segmentation, ICCV 2023, on Mask2Former and Swin."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch = arch
        self.pixel_level = build_pixel_level(arch)
        self.decoder = SharedDecoder(arch)
        self.association = Association(arch)

    def forward(self, views: Tensor, *, aux_masks: bool = True) -> CropFormerOutput:
        """views [B, T, 3, H, W] normalised, view 0 the full image, H and W multiples of 32."""
        features = self.pixel_level(views.flatten(0, 1))
        return self.decode(features, views.shape[1], aux_masks=aux_masks)

    def decode_views(self, features: ViewFeatures, *, aux_masks: bool = False) -> Decoded:
        """The image level only: each view of ``features`` decoded alone."""
        return self.decoder(
            self.decoder.start(features.mask_features.shape[0]),
            [level[:, None] for level in features.levels],
            features.mask_features[:, None],
            aux_masks=aux_masks,
        )

    def decode(self, features: ViewFeatures, views: int, *, aux_masks: bool) -> CropFormerOutput:
        """features of B·T views, the T views of an image beside each other."""
        alone = self.decode_views(features, aux_masks=aux_masks)
        view_queries = alone.queries.unflatten(0, (-1, views))  # [B, T, Q, C]
        associated = self.association(view_queries, self.decoder.query_embed.weight)
        together = self.decoder(
            associated,
            [level.unflatten(0, (-1, views)) for level in features.levels],
            features.mask_features.unflatten(0, (-1, views)),
            aux_masks=aux_masks,
        )
        return CropFormerOutput(alone, together, associated)
