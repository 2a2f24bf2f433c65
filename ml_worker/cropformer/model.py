"""CropFormer: every view decoded alone, the views' queries associated, then all views decoded together."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.association import Association
from ml_worker.cropformer.decoder import Decoded, SharedDecoder, joined
from ml_worker.cropformer.pixel_level import ViewFeatures, build_pixel_level
from ml_worker.cropformer.variants import chosen_views
from ml_worker.cropformer.vita import ObjectTokenFusion


@dataclass(frozen=True)
class CropFormerOutput:
    """``views``: the image level, B·T sequences of one view. ``joint``: the batch level, B of T views.

    A variant that has no such level has None there.
    """

    views: Decoded | None
    joint: Decoded | None
    associated: Tensor | None  # [B, Q, C], the queries the batch level starts from


class CropFormer(nn.Module):
    """Source: Qi et al., High-Quality Entity Segmentation, ICCV 2023, on Mask2Former and Swin.

    ``arch.variant`` says which parts there are; the published model has all of them.
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch = arch
        self.variant = arch.variant
        self.pixel_level = build_pixel_level(arch)
        self.decoder = SharedDecoder(arch)
        if self.variant.fusion == "association":
            self.association = Association(arch)
        if self.variant.fusion == "vita":
            self.object_tokens = ObjectTokenFusion(arch)
        if not self.variant.shared_decoder:
            self.own_batch_decoder = SharedDecoder(arch, learned_start=self.variant.fusion == "video")

    @property
    def batch_decoder(self) -> SharedDecoder:
        """What decodes all views together: the same weights as for single views, as published, or its own."""
        return self.decoder if self.variant.shared_decoder else self.own_batch_decoder

    def forward(self, views: Tensor) -> CropFormerOutput:
        """views [B, T, 3, H, W] normalised, view 0 the full image, H and W multiples of 32."""
        features = self.pixel_level(views.flatten(0, 1))
        return self.decode(features, views.shape[1])

    def decode_views(self, features: ViewFeatures) -> Decoded:
        """The image level only: each view of ``features`` decoded alone."""
        count = features.mask_features.shape[0]
        # Without gradients on a CPU one at a time takes as long, and a fraction of the memory.
        at_once = 1 if features.mask_features.is_cpu and not torch.is_grad_enabled() else count
        parts = [
            self.decoder(
                self.decoder.start(len(mask_features)),
                [level[:, None] for level in levels],
                mask_features[:, None],
            )
            for mask_features, *levels in zip(
                features.mask_features.split(at_once),
                *(level.split(at_once) for level in features.levels),
                strict=True,
            )
        ]
        return parts[0] if len(parts) == 1 else joined(parts, features.mask_features[:, None])

    def decode(self, features: ViewFeatures, views: int) -> CropFormerOutput:
        """features of B·T views, the T views of an image beside each other."""
        alone = None
        if self.variant.reads_single_views:
            alone = self.decode_views(features)
        if self.variant.fusion == "none":
            return CropFormerOutput(alone, None, None)
        if self.variant.fusion == "video":
            start = self.batch_decoder.start(features.mask_features.shape[0] // views)
            return CropFormerOutput(alone, self._decode_together(start, features, views), start)
        assert alone is not None  # what follows reads single views
        view_queries = alone.queries.unflatten(0, (-1, views))  # [B, T, Q, C]
        if self.variant.fusion == "vita":
            mask_features = features.mask_features.unflatten(0, (-1, views))
            together = self.object_tokens(self.decoder.norm(view_queries), mask_features)
            return CropFormerOutput(alone, together, None)
        associated = self.association(view_queries, self.decoder.query_embed.weight)
        together = self._decode_together(associated, features, views)
        return CropFormerOutput(alone, together, associated)

    def shown(self, output: CropFormerOutput, views: int) -> tuple[Tensor, Tensor]:
        """What the variant paints: class scores [B, Q], and mask logits [B, Q, V, h, w] of V of T views.

        At the image level a query's score is the mean of the views'; nothing there makes one query mean the
        same thing in two views, which is what the batch level is for.
        """
        chosen = chosen_views(self.variant.painted_views)
        if self.variant.painted_level == "batch":
            assert output.joint is not None
            class_scores = output.joint.class_logits[-1].softmax(-1)[..., 0]
            return class_scores, output.joint.mask_logits()[:, :, chosen]
        assert output.views is not None
        classes = output.views.class_logits[-1].unflatten(0, (-1, views))[:, chosen]  # [B, V, Q, 2]
        masks = output.views.mask_logits()[:, :, 0].unflatten(0, (-1, views))[:, chosen]
        return classes.softmax(-1)[..., 0].mean(1), masks.transpose(1, 2)

    def _decode_together(self, start: Tensor, features: ViewFeatures, views: int) -> Decoded:
        """The batch level: one set of queries [B, Q, C] reads the T views of each image."""
        return self.batch_decoder(
            start,
            [level.unflatten(0, (-1, views)) for level in features.levels],
            features.mask_features.unflatten(0, (-1, views)),
        )
