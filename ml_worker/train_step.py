"""One step: forward and backward over the parts of its batch, and the weights moved once."""

import logging
import math
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.cropformer.losses import Entities, Losses, Sums, cropformer_losses, level_sums
from ml_worker.cropformer.model import CropFormerOutput
from ml_worker.cropformer.recompute import bytes_kept, recomputed_blocks
from ml_worker.train_batches import Batch, StepBatches
from ml_worker.train_processes import Processes
from ml_worker.train_state import Run

logger = logging.getLogger(__name__)

MOST_KEPT = 2 << 30  # bytes for gradients on a CPU; on a GPU half of its memory
PROBE_SIDE = 96  # a window of 7 px is hardly padded there


class StepFailed(ArithmeticError):
    """A step gave no finite number; the sentence names the step and its examples."""


class Stepper:
    """Computes steps of a run on a device, as one of several processes or alone."""

    def __init__(self, run: Run, processes: Processes, device: str) -> None:
        self.run, self.processes, self.device = run, processes, device
        self.network = processes.wrapped(run.model)
        self.most_pixels = self._most_pixels()

    def step(self, batches: StepBatches) -> dict[str, float]:
        """Move the weights once; the losses of the step, averaged over all processes. Raises StepFailed.

        Where the memory of a GPU was short the step is done again, and from then on all blocks are computed
        twice: the outcome is the same.
        """
        try:
            return self._stepped(batches)
        except torch.OutOfMemoryError:
            # Other processes would wait for this one, in another place.
            if not self.most_pixels or self.run.config.recompute != "auto" or self.processes.count > 1:
                raise
        logger.warning("Memory was short: blocks are computed twice from now on.")
        self.most_pixels = 0
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()
        return self._stepped(batches)

    def _stepped(self, batches: StepBatches) -> dict[str, float]:
        run, config = self.run, self.run.config
        torch.manual_seed(_seed(config.seed, run.step, self.processes.rank))
        self.network.train()
        run.optimizer.zero_grad(set_to_none=True)
        targets = [[one.to(self.device) for one in batch.entities] for batch in batches]
        sums = self.processes.shared(self._sums(targets), self.device)
        totals: dict[str, torch.Tensor] = {}
        for part, (batch, entities) in enumerate(zip(batches, targets, strict=True)):
            with self.processes.collecting(self.network, last=part == len(batches) - 1):
                losses = self._losses(batch, entities, sums)
                run.scaler.scale(losses.total).backward()
            for name, value in {"loss": losses.total.detach(), **losses.terms}.items():
                totals[name] = totals[name] + value if name in totals else value
        self._move(batches)
        means = self.processes.mean(torch.stack(list(totals.values()))).tolist()
        return dict(zip(totals, means, strict=True))

    def _sums(self, targets: list[list[Entities]]) -> dict[str, Sums]:
        """By what the losses of the whole step are divided, all its parts together."""
        arch = self.run.model.arch
        parts = [level_sums(entities, arch.queries, arch.variant) for entities in targets]
        return {
            name: Sums(*(sum(column) for column in zip(*(p[name] for p in parts), strict=True)))
            for name in parts[0]
        }

    def _losses(self, batch: Batch, entities: list[Entities], sums: dict[str, Sums]) -> Losses:
        config, variant = self.run.config, self.run.model.variant
        with self._sparing(batch.views):
            output = self._seen(self.network, batch.views)
        losses = cropformer_losses(
            output,
            entities,
            points=config.points,
            variant=variant,
            sums=sums,
            generators=[self._generator(number) for number in batch.draws],
        )
        if not math.isfinite(losses.total.item()):
            raise StepFailed(self._said(Sentence.LOSS_NOT_FINITE, batch.names))
        return losses

    def _seen(self, network: nn.Module, views: Tensor) -> CropFormerOutput:
        config = self.run.config
        kind = torch.device(self.device).type
        with torch.autocast(kind, config.dtype, enabled=config.precision != "float32"):
            output: CropFormerOutput = network(views.to(self.device))
        return output

    def _sparing(self, views: Tensor) -> AbstractContextManager[None]:
        """Blocks are computed twice where what they keep would exceed the limit."""
        pixels = views.numel() // 3
        return recomputed_blocks(self.run.model) if pixels > self.most_pixels else nullcontext()

    def _most_pixels(self) -> float:
        """Of how many pixels at once all that gradients need is kept: worked out from a small picture."""
        asked = self.run.config.recompute
        if asked != "auto":
            return math.inf if asked == "never" else 0
        model = self.run.model
        views = torch.zeros(1, model.variant.train_views, 3, PROBE_SIDE, PROBE_SIDE)
        kept = bytes_kept(lambda: self._seen(model.train(), views), model.parameters())
        room = MOST_KEPT
        if self.device.startswith("cuda"):
            room = torch.cuda.get_device_properties(self.device).total_memory // 2
        return room * (views.numel() // 3) / kept

    def _move(self, batches: StepBatches) -> None:
        """Clip the gradients and step; a scaled step whose gradients overflowed is left out by the scaler."""
        run = self.run
        run.scaler.unscale_(run.optimizer)
        norm = nn.utils.clip_grad_norm_(run.model.parameters(), run.config.clip_norm)
        if not run.scaler.is_enabled() and not math.isfinite(norm.item()):
            names = [name for batch in batches for name in batch.names]
            raise StepFailed(self._said(Sentence.GRADIENT_NOT_FINITE, names))
        run.scaler.step(run.optimizer)
        run.scaler.update()

    def _generator(self, draw: int) -> torch.Generator:
        """The points of an image depend on its draw alone, not on what it shares a batch with."""
        generator = torch.Generator(self.device)
        generator.manual_seed(_seed(self.run.config.seed, draw, 1 << 20))
        return generator

    def _said(self, sentence: Sentence, names: list[str]) -> str:
        return sentence.about(step=self.run.step + 1, names=", ".join(names))


def _seed(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
