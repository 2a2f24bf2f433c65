"""Predict the entities of images: five views, one decoding, one label map without overlaps."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.baselines.borders import in_cells
from ml_worker.candidates import Candidate, candidates_of, stride_for
from ml_worker.checkpoints import STARTER, Checkpoint, load_checkpoint
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.pixel_level import ViewFeatures
from ml_worker.cropformer.variants import chosen_views
from ml_worker.crops import view_windows
from ml_worker.encoding import ViewEncoder
from ml_worker.fusion import View, fused_probabilities, paint_best_first
from ml_worker.named_tensors import named_probabilities, named_tensors
from ml_worker.painting_order import painting_order
from ml_worker.prediction import Prediction, as_prediction
from ml_worker.predictor_options import PredictorOptions
from ml_worker.snapping import regions_of, snapped, snapped_candidates
from ml_worker.transforms import check_image, padded_size, resize_view

logger = logging.getLogger(__name__)

MOST_WITHOUT_CROPS = 100  # the published inference of plain Mask2Former keeps no more queries

Progress = Callable[[float], None]


@dataclass(frozen=True)
class _Viewed:
    """An image [H, W, 3], its views, resized, and where they lie."""

    rgb: NDArray[np.uint8]
    views: list[View]
    pixels: list[NDArray[np.uint8]]

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Images whose views agree in number and padded size can pass the network together."""
        return (len(self.views), *padded_size(self.pixels))


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
        self, checkpoint: Checkpoint, *, device: str = "cpu", model: CropFormer | None = None, **options: Any
    ) -> None:
        """``options`` are those of `PredictorOptions`; ``model`` is the checkpoint's, if built before."""
        self.checkpoint = replace(checkpoint, weights={})  # they are the model's now, and need not be twice
        self.device = device
        self.options = PredictorOptions.settled(options, checkpoint.settings)
        self.model = model or checkpoint.build().to(device)
        self.encoder = ViewEncoder(self.model, device, self.options)

    @property
    def sha256(self) -> str:
        """Of the checkpoint's file."""
        return self.checkpoint.sha256

    @property
    def split(self) -> bool:
        """Whether this model's masks are to be taken part by part."""
        return self.options.split

    @classmethod
    def from_checkpoint(cls, path: str | Path | None = None, *, device: str = "cpu", **options: Any) -> Self:
        """Load weights from ``path`` (default: the starter that ships with the worker).

        ``options`` are those of `PredictorOptions`. What is not given comes from the checkpoint's own
        settings, then from the published defaults (800/1333, all scores, slivers dropped, not split).
        """
        checkpoint = load_checkpoint(Path(path) if path is not None else STARTER)
        return cls(checkpoint, device=device, **options)

    def with_options(self, **options: Any) -> "Predictor":
        """The same weights, not loaded again, under other ``options``."""
        return Predictor(self.checkpoint, device=self.device, model=self.model, **options)

    @torch.inference_mode()
    def predict(self, rgb: NDArray[np.uint8], *, progress: Progress = lambda fraction: None) -> Prediction:
        """Label map and scores of an RGB image [H, W, 3] uint8.

        Memory is that of five views at the model's size, whatever the size of the image. ``progress`` is
        called with 0..1. Raises ``ValueError`` for anything but RGB bytes of at least 4 × 4 px.
        """
        (seen,) = self._seen([self._viewed(rgb)], progress)
        return self._painted(seen, rgb, progress)

    @torch.inference_mode()
    def predict_with_alternatives(
        self, rgb: NDArray[np.uint8], *, progress: Progress = lambda fraction: None
    ) -> tuple[Prediction, list[Candidate]]:
        """The same, and every query's own mask before painting, at no more than 1,024 px a side."""
        (seen,) = self._seen([self._viewed(rgb)], progress)
        prediction = self._painted(seen, rgb, progress)
        return prediction, self._candidates(seen, rgb)

    def predict_many(self, images: Iterable[NDArray[np.uint8]], *, batch: int = 8) -> Iterator[Prediction]:
        """The prediction of each image, in order, ``batch`` of them at once where that is quicker: on a GPU.

        Images next to each other pass together if their views have one size. Reads ``images`` as it goes.
        """
        together = batch if self.encoder.at_once > 1 else 1
        waiting: list[_Viewed] = []
        for rgb in images:
            viewed = self._viewed(rgb)
            if waiting and (len(waiting) == together or viewed.shape != waiting[0].shape):
                yield from self._predicted(waiting)
                waiting = []
            waiting.append(viewed)
        if waiting:
            yield from self._predicted(waiting)

    @torch.inference_mode()
    def candidates(self, rgb: NDArray[np.uint8]) -> list[Candidate]:
        """Every query's mask of a crop [H, W, 3]: one view, a fifth of the work of `predict`."""
        viewed = self._viewed(rgb, layout="none")
        (seen,) = self._seen_in_one_view(self.encoder.encode(viewed.pixels), [viewed])
        return self._candidates(seen, rgb)

    @torch.inference_mode()
    def forward_views(self, rgb: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Everything the network says of an image, for study and for tests against golden values.

        V = 5 views, Q queries, grids of stride 4: class_2d [V, Q, 2], mask_2d [V, Q, h, w],
        class_3d [1, Q, 2], mask_3d [Q, V, h, w] (logits; class index 1 is no-object), class_2d_aux and
        class_3d_aux (earlier layers first), query_2d [Q, V, C], query_3d_assoc [Q, 1, C], backbone_res2..5,
        multi_scale_0..2, mask_features, view_prob_full, view_prob_crop1..4 [Q, height, width]
        and fused_prob [Q, H, W]. A variant without a level has none of its tensors. Not for large images.
        """
        viewed = self._viewed(rgb, layout=self.model.variant.test_crops)
        count = len(viewed.views)
        features = self.encoder.encode(viewed.pixels, keep_backbone=True)
        output = self.model.decode(features, count)
        chosen = chosen_views(self.model.variant.painted_views)
        mask_logits = self.model.shown(output, count)[1][0].cpu()
        fused = fused_probabilities(mask_logits, viewed.views[chosen], viewed.size)
        return {
            **named_tensors(features, output),
            **named_probabilities(mask_logits, viewed.views, chosen),
            "fused_prob": fused,
        }

    def _viewed(self, rgb: NDArray[np.uint8], *, layout: str | None = None) -> _Viewed:
        check_image(rgb)
        height, width = rgb.shape[:2]
        variant, options = self.model.variant, self.options
        layout = layout or ("none" if options.full_image_only else variant.test_crops)
        windows = view_windows(height, width, layout, variant.crop_share)
        resized = [resize_view(rgb, window, options.short_side, options.long_side) for window in windows]
        views = [
            View(window, (one.shape[0], one.shape[1])) for window, one in zip(windows, resized, strict=True)
        ]
        return _Viewed(rgb, views, resized)

    @torch.inference_mode()
    def _predicted(self, viewed: list[_Viewed]) -> list[Prediction]:
        every = self._seen(viewed, lambda done: None)
        return [
            self._painted(seen, one.rgb, lambda done: None) for seen, one in zip(every, viewed, strict=True)
        ]

    def _seen(self, viewed: list[_Viewed], progress: Progress) -> list[_Seen]:
        """Images of one `_Viewed.shape` through the network; fewer at once where memory is short."""
        every = [pixels for one in viewed for pixels in one.pixels]
        try:
            features = self.encoder.encode(every, progress=lambda done: progress(0.6 * done))
            seen = self._decoded(features, viewed)
        except torch.OutOfMemoryError:
            if len(viewed) == 1:
                raise
            seen = []
        if not seen:  # not in the handler: there the error still holds what filled the memory
            logger.warning("Memory did not hold %d images at once: one at a time.", len(viewed))
            seen = [found for one in viewed for found in self._seen([one], progress)]
        progress(0.7)
        return seen

    def _decoded(self, features: ViewFeatures, viewed: list[_Viewed]) -> list[_Seen]:
        variant, count = self.model.variant, len(viewed[0].views)
        if self.options.full_image_only and variant.reads_single_views:
            return self._seen_in_one_view(features, viewed)
        with self.encoder.autocast():
            output = self.model.decode(features, count)
        class_scores, mask_logits = self.model.shown(output, count)
        chosen = chosen_views(variant.painted_views)
        return [
            _Seen(one.views[chosen], mask_logits[index], class_scores[index].float().cpu(), one.size)
            for index, one in enumerate(viewed)
        ]

    def _seen_in_one_view(self, features: ViewFeatures, viewed: list[_Viewed]) -> list[_Seen]:
        """Each image's only view at the image level."""
        with self.encoder.autocast():
            alone = self.model.decode_views(features)
        class_scores = alone.class_logits[-1].float().softmax(-1)[..., 0].cpu()
        mask_logits = alone.mask_logits()
        return [
            _Seen(one.views, mask_logits[index], class_scores[index], one.size)
            for index, one in enumerate(viewed)
        ]

    def _candidates(self, seen: _Seen, rgb: NDArray[np.uint8]) -> list[Candidate]:
        found = candidates_of(seen.mask_logits, seen.class_scores, seen.views, seen.size)
        if not self.options.snap:
            return found
        return snapped_candidates(found, regions_of(in_cells(rgb, stride_for(*seen.size))))

    def _painted(self, seen: _Seen, rgb: NDArray[np.uint8], progress: Progress) -> Prediction:
        options = self.options
        classes = seen.class_scores.double().numpy()
        order = painting_order(options.painting_order, classes, seen.mask_logits, seen.views, seen.size)
        if not options.parity:
            order = [query for query in order if seen.class_scores[query] > options.score_threshold]
        elif not self.model.variant.has_batch_level:
            order = order[:MOST_WITHOUT_CROPS]
        painted = paint_best_first(
            seen.mask_logits,
            seen.views,
            seen.size,
            order,
            second_sigmoid=options.parity,
            progress=lambda done: progress(0.7 + 0.3 * done),
        )
        remarks = (self.encoder.remark,) if self.encoder.remark else ()
        prediction = as_prediction(painted, order, classes, options, remarks)
        if not options.snap:
            return prediction
        return snapped(prediction, regions_of(rgb), options.smallest_mask(rgb.shape[0] * rgb.shape[1]))
