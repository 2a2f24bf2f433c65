"""Pass views through backbone and pixel decoder, as many at once as memory holds."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.pixel_level import ViewFeatures
from ml_worker.predictor_options import PredictorOptions
from ml_worker.transforms import padded_size, stack_views

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 64


class ViewEncoder:
    """The costly half of a model, on one device.

    On a CPU views pass one after another: quicker than a batch of five, and a third of the memory. On a GPU
    they pass together; when its memory does not suffice, fewer at once from then on.
    """

    def __init__(self, model: CropFormer, device: str, options: PredictorOptions) -> None:
        self.device = torch.device(device)
        self.at_once = 1 if self.device.type == "cpu" else MOST_AT_ONCE
        self.remark: str | None = None  # a sentence, once memory was short
        self._precision = getattr(torch, options.precision)
        self.pass_views: Callable[[Tensor], ViewFeatures] = model.pixel_level
        if options.compile and self.device.type == "cuda":
            # What cannot be compiled, for want of a compiler or of Triton, runs as it is, with a warning.
            torch._dynamo.config.suppress_errors = True
            self.pass_views = torch.compile(model.pixel_level)

    def autocast(self) -> AbstractContextManager[object]:
        """The precision asked for, on a GPU."""
        if self.device.type == "cpu" or self._precision == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self._precision)

    def encode(
        self,
        views: list[NDArray[np.uint8]],
        *,
        keep_backbone: bool = False,
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> ViewFeatures:
        """Features of resized RGB views, padded to the largest; ``backbone`` is empty unless asked for.

        ``progress`` is called with 0..1. Raises ``torch.OutOfMemoryError`` when not even one view fits.
        """
        size = padded_size(views)
        whole: tuple[Tensor, ...] = ()
        levels = done = 0
        while done < len(views):
            pixels = stack_views(views[done : done + self.at_once], size)
            part = self._passed(pixels)
            if part is None:
                self._take_fewer(len(pixels))
                continue
            levels = len(part.levels)
            tensors = (part.mask_features, *part.levels, *(part.backbone if keep_backbone else ()))
            whole = whole or tuple(_room_for(tensor, len(views)) for tensor in tensors)
            for tensor, room in zip(tensors, whole, strict=True):
                room[done : done + len(pixels)] = tensor
            done += len(pixels)
            progress(done / len(views))
        return ViewFeatures(whole[1 : 1 + levels], whole[0], whole[1 + levels :])

    def _passed(self, pixels: Tensor) -> ViewFeatures | None:
        """The features of a batch; None where memory does not hold more than one view."""
        try:
            with self.autocast():
                return self.pass_views(pixels.to(self.device))
        except torch.OutOfMemoryError:
            if len(pixels) == 1:
                raise
            return None

    def _take_fewer(self, tried: int) -> None:
        """Halve how many views pass at once, from now on."""
        self.at_once = (tried + 1) // 2
        self.remark = f"Memory did not hold {tried} views at once: {self.at_once} at a time."
        logger.warning(self.remark)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def _room_for(tensor: Tensor, count: int) -> Tensor:
    """Uninitialised [count, …], channels last if the tensor is so."""
    last = tensor.is_contiguous(memory_format=torch.channels_last)
    return torch.empty(
        (count, *tensor.shape[1:]),
        dtype=tensor.dtype,
        device=tensor.device,
        memory_format=torch.channels_last if last else torch.contiguous_format,
    )
