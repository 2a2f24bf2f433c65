"""Predict the entities of one image: five views, one decoding, one label map without overlaps."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from annotation_server.segmentation.rle import compress_counts, label_map_rles
from ml_worker.candidates import Candidate, candidates_of
from ml_worker.checkpoints import STARTER, Checkpoint, load_checkpoint
from ml_worker.cropformer.decoder import Decoded
from ml_worker.cropformer.model import CropFormerOutput
from ml_worker.cropformer.pixel_level import ViewFeatures
from ml_worker.cropformer.variants import chosen_views
from ml_worker.crops import Window, view_windows
from ml_worker.fusion import Painted, View, fused_probabilities, paint_best_first, view_probabilities
from ml_worker.parts import split_parts
from ml_worker.transforms import resize_view, stack_views

SMALLEST_AREA_PX = 64
SMALLEST_SHARE = 1e-5
SHORT_SIDE, LONG_SIDE = 800, 1333


@dataclass(frozen=True)
class Prediction:
    """A label map [H, W] uint16 and what is known of its numbers; entry i belongs to number i + 1.

    Numbers run by descending class score (equal scores: lower query first, then larger part first).
    ``scores`` are class score × mean probability of the visible mask. In parity mode queries of which
    nothing shows keep their place, score 0.
    """

    label_map: NDArray[np.uint16]
    scores: list[float]
    class_scores: list[float]
    queries: list[int]
    areas: list[int]

    @property
    def masks(self) -> list[dict[str, Any]]:
        """COCO RLE of every number, in their order."""
        rles = label_map_rles(self.label_map)
        height, width = self.label_map.shape
        empty = {"size": [height, width], "counts": _empty_counts(height * width)}
        return [rles.get(number, empty) for number in range(1, len(self.scores) + 1)]


@dataclass(frozen=True)
class _Seen:
    """What the network says of all views together: logits [Q, T, h, w], class scores [Q], image size."""

    views: list[View]
    mask_logits: Tensor
    class_scores: Tensor
    size: tuple[int, int]


class Predictor:
    """A CropFormer with its preprocessing and post-processing, on one device."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        device: str = "cpu",
        parity: bool = False,
        short_side: int | None = None,
        long_side: int | None = None,
        score_threshold: float | None = None,
        min_area: int | None = None,
        min_share: float | None = None,
        split: bool | None = None,
    ) -> None:
        settings = checkpoint.settings
        self.checkpoint = checkpoint
        self.device = device
        self.parity = parity
        self.short_side = short_side or settings.get("short_side", SHORT_SIDE)
        self.long_side = long_side or settings.get("long_side", LONG_SIDE)
        self.score_threshold = _first_given(score_threshold, settings.get("score_threshold"), 0.0)
        self.min_area = _first_given(min_area, settings.get("min_area"), SMALLEST_AREA_PX)
        self.min_share = _first_given(min_share, settings.get("min_share"), SMALLEST_SHARE)
        self.split = _first_given(split, settings.get("split"), False)
        self.model = checkpoint.build().to(device)

    @property
    def sha256(self) -> str:
        """Of the checkpoint's file."""
        return self.checkpoint.sha256

    @classmethod
    def from_checkpoint(cls, path: str | Path | None = None, **options: Any) -> Self:
        """Load weights from ``path`` (default: the starter that ships with the worker).

        Options: device, parity, short_side, long_side, score_threshold, min_area (px), min_share (of the
        image), split. What is not given comes from the checkpoint's own settings, then from the published
        defaults (800/1333, all scores, slivers dropped, not split). ``split`` gives parts of a mask that lie
        apart numbers of their own, which suits a model too weak to tell things apart. ``parity`` reproduces
        the published post-processing: every query kept, masks scored with a second sigmoid.
        """
        return cls(load_checkpoint(Path(path) if path is not None else STARTER), **options)

    @torch.inference_mode()
    def predict(
        self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = lambda fraction: None
    ) -> Prediction:
        """Label map and scores of an RGB image [H, W, 3] uint8.

        Memory is that of five views at the model's size, whatever the size of the image. ``progress`` is
        called with 0..1. Raises ``ValueError`` for anything but RGB bytes of at least 4 × 4 px.
        """
        return self._painted(self._seen(rgb, progress), progress)

    @torch.inference_mode()
    def predict_with_alternatives(
        self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = lambda fraction: None
    ) -> tuple[Prediction, list[Candidate]]:
        """The same, and every query's own mask before painting, at no more than 1,024 px a side."""
        seen = self._seen(rgb, progress)
        prediction = self._painted(seen, progress)
        return prediction, candidates_of(seen.mask_logits, seen.class_scores, seen.views, seen.size)

    @torch.inference_mode()
    def candidates(self, rgb: NDArray[np.uint8]) -> list[Candidate]:
        """Every query's mask of a crop [H, W, 3]: one view, a fifth of the work of `predict`."""
        check_image(rgb)
        height, width = rgb.shape[:2]
        window = Window(0, 0, width, height)
        resized = resize_view(rgb, window, self.short_side, self.long_side)
        features = self._encode(stack_views([resized]), lambda done: None)
        alone = self.model.decode_views(features)
        class_scores = alone.class_logits[-1][0].softmax(-1)[:, 0].cpu()
        view = View(window, (resized.shape[0], resized.shape[1]))
        return candidates_of(alone.mask_logits[-1][0].cpu(), class_scores, [view], (height, width))

    def _seen(self, rgb: NDArray[np.uint8], progress: Callable[[float], None]) -> "_Seen":
        check_image(rgb)
        views, pixels = self._views(rgb)
        features = self._encode(pixels, lambda done: progress(0.6 * done))
        output = self.model.decode(features, len(views), aux_masks=False)
        class_scores, mask_logits = self.model.shown(output, len(views))
        progress(0.7)
        shown = views[chosen_views(self.model.variant.painted_views)]
        return _Seen(shown, mask_logits[0].cpu(), class_scores[0].cpu(), (rgb.shape[0], rgb.shape[1]))

    def _painted(self, seen: "_Seen", progress: Callable[[float], None]) -> Prediction:
        order = _best_first(seen.class_scores)
        if not self.parity:
            order = [query for query in order if seen.class_scores[query] > self.score_threshold]
        painted = paint_best_first(
            seen.mask_logits,
            seen.views,
            seen.size,
            order,
            second_sigmoid=self.parity,
            progress=lambda done: progress(0.7 + 0.3 * done),
        )
        return self._prediction(painted, seen.class_scores, order)

    @torch.inference_mode()
    def forward_views(self, rgb: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Everything the network says of an image, for study and for tests against golden values.

        V = 5 views, Q queries, grids of stride 4: class_2d [V, Q, 2], mask_2d [V, Q, h, w],
        class_3d [1, Q, 2], mask_3d [Q, V, h, w] (logits; class index 1 is no-object), class_2d_aux and
        class_3d_aux (earlier layers first), query_2d [Q, V, C], query_3d_assoc [Q, 1, C], backbone_res2..5,
        multi_scale_0..2, mask_features, view_prob_full, view_prob_crop1..4 [Q, height, width]
        and fused_prob [Q, H, W]. A variant without a level has none of its tensors. Not for large images.
        """
        check_image(rgb)
        views, pixels = self._views(rgb)
        features = self._encode(pixels, lambda done: None)
        output = self.model.decode(features, len(views), aux_masks=False)
        chosen = chosen_views(self.model.variant.painted_views)
        mask_logits = self.model.shown(output, len(views))[1][0].cpu()
        names = _view_names(len(views))[chosen]
        probabilities = {
            name: view_probabilities(mask_logits[:, index], view)
            for index, (name, view) in enumerate(zip(names, views[chosen], strict=True))
        }
        arrays = {name: tensor.cpu().numpy() for name, tensor in _named_tensors(features, output).items()}
        fused = fused_probabilities(mask_logits, views[chosen], rgb.shape[:2])
        return arrays | probabilities | {"fused_prob": fused}

    def _views(self, rgb: NDArray[np.uint8]) -> tuple[list[View], Tensor]:
        height, width = rgb.shape[:2]
        variant = self.model.variant
        windows = view_windows(height, width, variant.test_crops, variant.crop_share)
        resized = [resize_view(rgb, window, self.short_side, self.long_side) for window in windows]
        views = [
            View(window, (one.shape[0], one.shape[1])) for window, one in zip(windows, resized, strict=True)
        ]
        return views, stack_views(resized)

    def _encode(self, pixels: Tensor, progress: Callable[[float], None]) -> ViewFeatures:
        """One view after another: on a CPU quicker than a batch of five, and a third of the memory."""
        each = []
        for done, view in enumerate(pixels):
            each.append(self.model.pixel_level(view[None].to(self.device)))
            progress((done + 1) / len(pixels))
        return ViewFeatures(
            tuple(torch.cat(level) for level in zip(*(one.levels for one in each), strict=True)),
            torch.cat([one.mask_features for one in each]),
            tuple(torch.cat(level) for level in zip(*(one.backbone for one in each), strict=True)),
        )

    def _prediction(self, painted: Painted, class_scores: Tensor, order: list[int]) -> Prediction:
        classes = class_scores[order].double().numpy()
        scores = classes * painted.mask_scores
        kept = np.ones(len(order), bool)
        smallest = math.ceil(max(self.min_area, self.min_share * painted.label_map.size, 1))
        if not self.parity:
            kept = (painted.areas >= smallest) & (scores > self.score_threshold)
        label_map = painted.label_map
        if not kept.all():
            _renumber(label_map, kept)
        whole = Prediction(
            label_map=label_map,
            scores=scores[kept].tolist(),
            class_scores=classes[kept].tolist(),
            queries=[query for query, keep in zip(order, kept, strict=True) if keep],
            areas=painted.areas[kept].tolist(),
        )
        return _in_parts(whole, smallest) if self.split and not self.parity else whole


def _in_parts(whole: Prediction, smallest: int) -> Prediction:
    """Every connected part a mask of its own; its score falls with its share of the mask it came from."""
    split = split_parts(whole.label_map, smallest)
    parents = [origin - 1 for origin in split.origins]
    return Prediction(
        label_map=split.label_map,
        scores=[
            whole.scores[parent] * math.sqrt(area / whole.areas[parent])
            for parent, area in zip(parents, split.areas, strict=True)
        ],
        class_scores=[whole.class_scores[parent] for parent in parents],
        queries=[whole.queries[parent] for parent in parents],
        areas=split.areas,
    )


def _first_given(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def check_image(rgb: NDArray[np.uint8]) -> None:
    """Raise ``ValueError`` for anything but RGB bytes [H, W, 3]."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"An image is RGB bytes [H, W, 3], not {rgb.dtype} {list(rgb.shape)}.")


def _best_first(scores: Tensor) -> list[int]:
    """Queries by descending score, equal scores by ascending query."""
    return [int(query) for query in np.argsort(-scores.numpy(), kind="stable")]


def _renumber(label_map: NDArray[np.uint16], kept: NDArray[np.bool_]) -> None:
    """Close the gaps in place: dropped numbers become VOID, the others move up; strip by strip."""
    numbers = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.uint16)
    for top in range(0, len(label_map), 512):
        label_map[top : top + 512] = numbers[label_map[top : top + 512]]


def _empty_counts(pixels: int) -> str:
    return compress_counts([np.array([pixels])])[0]


def _view_names(count: int) -> list[str]:
    return ["view_prob_full", *(f"view_prob_crop{index}" for index in range(1, count))]


def _named_tensors(features: ViewFeatures, output: CropFormerOutput) -> dict[str, Tensor]:
    named = {"mask_features": features.mask_features}
    if output.views is not None:
        named |= _class_tensors("2d", output.views)
        named["mask_2d"] = output.views.mask_logits[-1][:, :, 0]
        named["query_2d"] = output.views.queries.transpose(0, 1)
    if output.joint is not None:
        named |= _class_tensors("3d", output.joint)
        named["mask_3d"] = output.joint.mask_logits[-1][0]
    if output.associated is not None:
        named["query_3d_assoc"] = output.associated.transpose(0, 1)
    named |= {f"backbone_res{index + 2}": level for index, level in enumerate(features.backbone)}
    return named | {f"multi_scale_{index}": level for index, level in enumerate(features.levels)}


def _class_tensors(level: str, decoded: Decoded) -> dict[str, Tensor]:
    return {
        f"class_{level}": decoded.class_logits[-1],
        f"class_{level}_aux": torch.stack(decoded.class_logits[:-1]),
    }
