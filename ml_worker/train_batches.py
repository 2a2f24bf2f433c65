"""The examples of every step, read ahead by worker processes: the same ones whatever their number."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ml_worker.cropformer.losses import Entities
from ml_worker.cropformer.variants import Variant
from ml_worker.dataset_mixture import Drawn, Mixture, NoExamples
from ml_worker.train_config import TrainConfig
from ml_worker.train_processes import Processes
from ml_worker.train_views import TrainingExample, as_batch, training_example


class Batch(NamedTuple):
    """What is passed through the network at once.

    views [B, T, 3, H, W]; ``entities`` and ``names`` of each image; ``draws`` are their numbers in the run;
    ``left_out``: name → (reason, sentence).
    """

    views: Tensor
    entities: list[Entities]
    names: list[str]
    draws: list[int]
    left_out: dict[str, tuple[str, str]]


StepBatches = list[Batch]


class Steps(Dataset[StepBatches | NoExamples]):
    """The batches of a step that this process computes, by the step's number."""

    def __init__(self, mixture: Mixture, config: TrainConfig, variant: Variant, processes: Processes) -> None:
        self.mixture, self.config, self.variant = mixture, config, variant
        share = config.batch // processes.count
        self.first, self.size = processes.rank * share, share // config.accumulate

    def __getitem__(self, step: int) -> StepBatches | NoExamples:
        """A failure is returned: raised in a worker process it would lose its words."""
        start = step * self.config.batch + self.first
        try:
            return [
                self._batch(range(start + part * self.size, start + (part + 1) * self.size))
                for part in range(self.config.accumulate)
            ]
        except NoExamples as error:
            return error

    def _batch(self, draws: Iterable[int]) -> Batch:
        drawn = [self._views(number) for number in draws]
        views, entities = as_batch([views for views, _ in drawn])
        left_out = {name: why for _, one in drawn for name, why in one.left_out.items()}
        return Batch(views, entities, [one.name for _, one in drawn], list(draws), left_out)

    def _views(self, number: int) -> tuple[TrainingExample, Drawn]:
        one = self.mixture.draw(number)
        rng = np.random.default_rng((self.config.seed, number, 3))
        return training_example(one.example, rng, self.config.views, self.variant), one


def step_batches(steps: Steps, first: int, last: int, *, workers: int) -> Iterator[StepBatches]:
    """The batches of steps ``first`` to ``last`` (exclusive); raises NoExamples."""
    loader: DataLoader[StepBatches | NoExamples] = DataLoader(
        steps,
        batch_size=None,
        sampler=range(first, last),
        num_workers=min(workers, last - first),
        collate_fn=_as_it_is,
        generator=torch.Generator(),
    )
    for batches in loader:
        if isinstance(batches, NoExamples):
            raise batches
        yield batches


def _as_it_is(batches: StepBatches | NoExamples) -> StepBatches | NoExamples:
    return batches
