"""Everything a network says of one image, under fixed names: for study, and for tests."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.model import CropFormerOutput
from ml_worker.cropformer.pixel_level import ViewFeatures
from ml_worker.fusion import View, view_probabilities


def named_tensors(features: ViewFeatures, output: CropFormerOutput) -> dict[str, NDArray[np.float32]]:
    """Features, queries, classes and masks of one image; a level that the variant has not is left out."""
    named = {"mask_features": features.mask_features}
    if output.views is not None:
        named |= _class_tensors("2d", output.views)
        named["mask_2d"] = output.views.mask_logits()[:, :, 0]
        named["query_2d"] = output.views.queries.transpose(0, 1)
    if output.joint is not None:
        named |= _class_tensors("3d", output.joint)
        named["mask_3d"] = output.joint.mask_logits()[0]
    if output.associated is not None:
        named["query_3d_assoc"] = output.associated.transpose(0, 1)
    named |= {f"backbone_res{index + 2}": level for index, level in enumerate(features.backbone)}
    named |= {f"multi_scale_{index}": level for index, level in enumerate(features.levels)}
    return {name: tensor.float().cpu().numpy() for name, tensor in named.items()}


def named_probabilities(
    mask_logits: Tensor, views: list[View], chosen: slice
) -> dict[str, NDArray[np.float32]]:
    """Each view's probabilities [Q, height, width] at its size in the image.

    mask_logits [Q, V, h, w] are those of the ``chosen`` ones of all ``views``.
    """
    names = ["view_prob_full", *(f"view_prob_crop{index}" for index in range(1, len(views)))]
    return {
        name: view_probabilities(mask_logits[:, index], view)
        for index, (name, view) in enumerate(zip(names[chosen], views[chosen], strict=True))
    }


def _class_tensors(level: str, decoded: Decoded) -> dict[str, Tensor]:
    return {
        f"class_{level}": decoded.class_logits[-1],
        f"class_{level}_aux": torch.stack(decoded.class_logits[:-1]),
    }
