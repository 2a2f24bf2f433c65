"""Train CropFormer: ``python -m ml_worker.train --config config.json --out folder``.

Every step draws its examples, augmentation and points from (seed, step) alone, so a run that was cut off and
started again with the same command ends with the same weights as one that was not. ``torchrun
--nproc_per_node=N -m ml_worker.train …`` shares each step's batch among N processes.
"""

import argparse
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from ml_worker.arguments import at_least, usable_device
from ml_worker.checkpoints import load_checkpoint
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.dataset_mixture import Mixture
from ml_worker.dataset_sources import open_sources
from ml_worker.train_batches import StepBatches, Steps, step_batches
from ml_worker.train_config import TrainConfig
from ml_worker.train_log import MetricsLog
from ml_worker.train_processes import Processes, joined_processes
from ml_worker.train_schedule import set_learning_rate
from ml_worker.train_state import BEST, Run, begin
from ml_worker.train_step import StepFailed, Stepper
from ml_worker.validate import Validation

logger = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who is told of a run's progress; may raise to stop it between two steps."""

    def stepped(self, run: Run) -> None: ...

    def saved(self, run: Run) -> None: ...


class Nobody:
    """Watches nothing."""

    def stepped(self, run: Run) -> None:
        pass

    def saved(self, run: Run) -> None:
        pass


@dataclass(frozen=True)
class Trained:
    """The end of a run: its model (averaged weights if ``ema_decay`` is set), its last losses.

    ``images`` is how many there are to learn from, ``left_out`` name → reason of the unfit.
    """

    model: CropFormer
    steps: int
    images: int
    seconds: float
    left_out: dict[str, str]
    final: dict[str, float]


def train(
    config: TrainConfig,
    out: Path,
    *,
    device: str = "cpu",
    workers: int = 0,
    save_seconds: float = float("inf"),
    first_model: CropFormer | None = None,
    mixture: Mixture | None = None,
    watcher: Watcher | None = None,
) -> Trained:
    """Run to ``config.steps``, going on from ``out/state.pt`` where there is one.

    Writes weights and state every ``save_every`` steps, after ``save_seconds`` without a save, and at the
    end; appends to ``out/metrics.jsonl`` and ``out/events/``. ``first_model`` and ``mixture`` stand in for
    what the configuration names. Raises NoExamples, StepFailed, CannotSave; the last good state is kept.
    """
    with joined_processes(device) as (processes, own_device):
        _refuse_uneven(config, processes)
        out.mkdir(parents=True, exist_ok=True)
        run = begin(config, out, own_device, lambda: first_model or _first_model(config))
        mixture = mixture or open_sources(config.data, seed=config.seed)
        run.left_out |= mixture.left_out
        loop = _Loop(run, out, processes, watcher or Nobody(), save_seconds)
        steps = Steps(mixture, config, run.model.variant, processes)
        loop.go(Stepper(run, processes, own_device), steps, workers)
        run.result.eval()
        return Trained(run.result, run.step, len(mixture), run.seconds, run.left_out, run.final)


class _Loop:
    """From step to step: compute, log, validate, save, tell."""

    def __init__(
        self, run: Run, out: Path, processes: Processes, watcher: Watcher, save_seconds: float
    ) -> None:
        self.run, self.out, self.processes, self.watcher = run, out, processes, watcher
        self.save_seconds = save_seconds
        self.validation = Validation(run.config) if run.config.validation else None
        self.log = MetricsLog(out, run.step) if processes.is_first else None
        self.started, self.first, self.earlier = time.monotonic(), run.step, run.seconds
        self.saved_at = self.started

    def go(self, stepper: Stepper, steps: Steps, workers: int) -> None:
        run = self.run
        for batches in step_batches(steps, run.step, run.config.steps, workers=workers):
            set_learning_rate(run.optimizer, run.config, run.step)
            self._note_left_out(batches)
            run.final = stepper.step(batches)
            if run.average:
                run.average.follow(run.model, run.step)
            run.step += 1
            run.seconds = self.earlier + time.monotonic() - self.started
            self._report()
            if self._is_time_to_save():
                self._save()
            self.watcher.stepped(run)
        if self.log:
            self.log.close()

    def _note_left_out(self, batches: StepBatches) -> None:
        for batch in batches:
            for name, (reason, sentence) in batch.left_out.items():
                if name not in self.run.left_out:
                    logger.warning("%s is left out. %s", name, sentence)
                self.run.left_out[name] = reason

    def _report(self) -> None:
        run, config = self.run, self.run.config
        validates = self.validation is not None and self.validation.is_due(run.step)
        if not (run.step % config.log_every == 0 or run.step == config.steps or validates):
            return
        if self.log is None:
            self.processes.wait()
            return
        pace = (time.monotonic() - self.started) / (run.step - self.first)
        row: dict[str, Any] = {
            "step": run.step,
            "seconds_per_step": round(pace, 4),
            "images_per_second": round(config.batch / pace, 3),
            "learning_rate": run.optimizer.param_groups[0]["lr"] / run.optimizer.param_groups[0]["factor"],
            **run.final,
        }
        if self.validation and validates:
            row |= self._validated(self.validation)
        self.log.add(row)
        self.processes.wait()

    def _validated(self, validation: Validation) -> dict[str, float]:
        figures = validation.figures(self.run.result)
        if figures["validation_AP"] > self.run.best:
            self.run.best = figures["validation_AP"]
            self.run.save_weights(self.out / BEST, validation_AP=self.run.best)
        return figures

    def _is_time_to_save(self) -> bool:
        run = self.run
        if run.step == run.config.steps or run.step % run.config.save_every == 0:
            return True
        return self.processes.count == 1 and time.monotonic() - self.saved_at > self.save_seconds

    def _save(self) -> None:
        if self.processes.is_first:
            self.run.save(self.out)
            self.saved_at = time.monotonic()
            self.watcher.saved(self.run)
        self.processes.wait()


def _refuse_uneven(config: TrainConfig, processes: Processes) -> None:
    if config.batch % (processes.count * config.accumulate):
        raise ValueError(
            f"A batch of {config.batch} cannot be shared evenly by {processes.count} processes "
            f"in {config.accumulate} parts each."
        )


def _first_model(config: TrainConfig) -> CropFormer:
    torch.manual_seed(config.seed)
    model = CropFormer(Architecture.from_dict(config.architecture))
    if config.start_from:
        model.load_state_dict(load_checkpoint(Path(config.start_from)).weights)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", type=usable_device, default="cpu")
    parser.add_argument("--threads", type=at_least(1), default=1)
    parser.add_argument(
        "--workers", type=at_least(0), default=0, help="processes that read and cut examples ahead"
    )
    parser.add_argument("--save-seconds", type=float, default=float("inf"), help="save at least this often")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(arguments.threads)
    try:
        train(
            TrainConfig.from_json(arguments.config),
            arguments.out,
            device=arguments.device,
            workers=arguments.workers,
            save_seconds=arguments.save_seconds,
        )
    except (ValueError, StepFailed, OSError) as error:
        raise SystemExit(f"{error}") from error


if __name__ == "__main__":
    main()
