"""One step: forward and backward over the parts of its batch, and the weights moved once."""

import math

import numpy as np
import torch
from torch import nn

from ml_worker.cropformer.losses import Entities, Losses, Sums, cropformer_losses, level_sums
from ml_worker.train_batches import Batch, StepBatches
from ml_worker.train_processes import Processes
from ml_worker.train_state import Run


class StepFailed(ArithmeticError):
    """A step gave no finite number; the sentence names the step and its examples."""


class Stepper:
    """Computes steps of a run on a device, as one of several processes or alone."""

    def __init__(self, run: Run, processes: Processes, device: str) -> None:
        self.run, self.processes, self.device = run, processes, device
        self.network = processes.wrapped(run.model)

    def step(self, batches: StepBatches) -> dict[str, float]:
        """Move the weights once; the losses of the step, averaged over all processes. Raises StepFailed."""
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
        kind = torch.device(self.device).type
        with torch.autocast(kind, config.dtype, enabled=config.precision != "float32"):
            output = self.network(batch.views.to(self.device))
        losses = cropformer_losses(
            output,
            entities,
            points=config.points,
            variant=variant,
            sums=sums,
            generators=[self._generator(number) for number in batch.draws],
        )
        if not math.isfinite(losses.total.item()):
            raise StepFailed(self._sentence("loss", batch.names))
        return losses

    def _move(self, batches: StepBatches) -> None:
        """Clip the gradients and step; a scaled step whose gradients overflowed is left out by the scaler."""
        run = self.run
        run.scaler.unscale_(run.optimizer)
        norm = nn.utils.clip_grad_norm_(run.model.parameters(), run.config.clip_norm)
        if not run.scaler.is_enabled() and not math.isfinite(norm.item()):
            raise StepFailed(self._sentence("gradient", [name for batch in batches for name in batch.names]))
        run.scaler.step(run.optimizer)
        run.scaler.update()

    def _generator(self, draw: int) -> torch.Generator:
        """The points of an image depend on its draw alone, not on what it shares a batch with."""
        generator = torch.Generator(self.device)
        generator.manual_seed(_seed(self.run.config.seed, draw, 1 << 20))
        return generator

    def _sentence(self, what: str, names: list[str]) -> str:
        return (
            f"The {what} of step {self.run.step + 1} is not finite (examples: {', '.join(names)}). Lower "
            "learning_rate, or look at these examples; what was saved before is kept."
        )


def _seed(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
