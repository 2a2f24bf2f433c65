"""Do one TrainJob: fetch the frozen examples, train on from the storage's state, and hand all back."""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import torch

from annotation_server.segmentation.jobs import TrainJob
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.checkpoints import STARTER, BadCheckpoint, Checkpoint, load_checkpoint
from ml_worker.dataset_frozen import FrozenExamples
from ml_worker.dataset_mixture import Mixture, NoExamples
from ml_worker.dataset_reduced import ReducedExamples, longest_side
from ml_worker.refusals import JobCancelled, JobRefused
from ml_worker.saving import CannotSave
from ml_worker.storage import NoSuchFile, Storage
from ml_worker.train import Trained, train
from ml_worker.train_config import BadConfig, TrainConfig, fine_tuning_config
from ml_worker.train_log import EVENTS, METRICS
from ml_worker.train_state import STATE, WEIGHTS, OtherRun, Run
from ml_worker.train_step import StepFailed

logger = logging.getLogger(__name__)

Progress = Callable[[float], None]

SAVE_S = 90.0
LOOK_S = 5.0  # how often the worker looks whether it was cancelled, and hands the figures back
FORGOTTEN_S = 7 * 24 * 3600.0
PREPARING, TRAINING = 0.1, 0.98
SET_BY_THE_WORKER = ("architecture", "data", "start_from")
INFERENCE = ("short_side", "long_side", "score_threshold", "min_area", "min_share", "split")


def run_training(
    job: TrainJob,
    storage: Storage,
    scratch: Path,
    *,
    device: str = "cpu",
    progress: Progress = lambda fraction: None,
) -> None:
    """Write everything that TrainJob names under ``run_key``, ``result.json`` last; nothing where that is.

    Raises JobRefused for what another try cannot mend and JobCancelled when nobody waits any more; any other
    error may pass, and another try goes on from the last state.
    """
    if _is_done(job, storage):
        return
    folder = scratch / hashlib.sha256(job.run_key.encode()).hexdigest()[:16]
    _tidy(scratch)
    watch = _Watch(job, storage, folder, progress)
    watch.look()
    try:
        checkpoint = _start(job, storage)
        examples_sha256, source = _examples(job, storage, checkpoint, folder / "examples", watch)
        config = _config(job, checkpoint, examples_sha256, len(source))
        trained = _trained(config, checkpoint, source, watch, device)
        _hand_back(job, storage, watch, trained, device)
    except (NoExamples, BadConfig, StepFailed, CannotSave) as error:
        _forget(folder)
        raise JobRefused(str(error)) from error
    except torch.OutOfMemoryError as error:
        raise JobRefused(Sentence.CARD_TOO_SMALL) from error
    except (JobRefused, JobCancelled):
        _forget(folder)
        raise
    _forget(folder)


class _Watch:
    """Between two steps: says how far it is, looks whether to go on, and keeps the storage's copies fresh."""

    def __init__(self, job: TrainJob, storage: Storage, folder: Path, progress: Progress) -> None:
        self.job, self.storage, self.progress = job, storage, progress
        self.out = folder / "run"
        self._looked = -LOOK_S

    def look(self) -> None:
        """Raises JobCancelled once ``<run_key>/cancelled`` is there."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        try:
            self.storage.read(f"{self.job.run_key}/cancelled")
        except NoSuchFile:
            self._looked = time.monotonic()
            return
        raise JobCancelled(f"The training run of job {self.job.job_id} was cancelled.")

    def prepared(self, share: float) -> None:
        self.progress(PREPARING * share)
        self.look()

    def stepped(self, run: Run) -> None:
        share = run.step / run.config.steps
        self.progress(PREPARING + (TRAINING - PREPARING) * share)
        if time.monotonic() - self._looked >= LOOK_S:
            self.hand_over_figures()
        self.look()

    def saved(self, run: Run) -> None:
        self.hand_over_figures()
        self.storage.write_file(f"{self.job.run_key}/{STATE}", self.out / STATE)

    def hand_over_figures(self) -> None:
        """The curves so far."""
        events = sorted((self.out / EVENTS).glob("*")) if (self.out / EVENTS).is_dir() else []
        for path in [self.out / METRICS, *events]:
            if path.exists():
                key = path.relative_to(self.out).as_posix()
                self.storage.write_file(f"{self.job.run_key}/{key}", path)

    def fetch(self) -> None:
        """What an earlier worker left of this run."""
        _forget(self.out)
        self.out.mkdir(parents=True)
        for name in (STATE, METRICS):
            try:
                with self.storage.local_copy(f"{self.job.run_key}/{name}") as path:
                    shutil.copyfile(path, self.out / name)
            except NoSuchFile:
                continue


def _is_done(job: TrainJob, storage: Storage) -> bool:
    """Whether an earlier delivery of this job left a whole result."""
    try:
        result = json.loads(storage.read(f"{job.run_key}/result.json"))
    except (NoSuchFile, ValueError):
        return False
    return bool(result.get("job_id") == job.job_id)


def _start(job: TrainJob, storage: Storage) -> Checkpoint:
    try:
        if not job.start_key:
            checkpoint = load_checkpoint(STARTER)
        else:
            with storage.local_copy(job.start_key) as path:
                checkpoint = load_checkpoint(path)
    except NoSuchFile as error:
        raise JobRefused(Sentence.START_GONE.about(why=error)) from error
    except BadCheckpoint as error:
        raise JobRefused(Sentence.START_UNUSABLE.about(why=error)) from error
    if job.start_sha256 and checkpoint.sha256 != job.start_sha256:
        raise JobRefused(Sentence.START_CHANGED)
    return checkpoint


def _examples(
    job: TrainJob, storage: Storage, checkpoint: Checkpoint, folder: Path, watch: _Watch
) -> tuple[str, ReducedExamples]:
    """SHA-256 of the list of examples, and those that are fit, reduced on this machine's disk."""
    try:
        content = storage.read(job.examples_key)
        rows = json.loads(content)["examples"]
        frozen = FrozenExamples(rows, storage)
    except (NoSuchFile, ValueError, KeyError, TypeError) as error:
        raise JobRefused(Sentence.LIST_UNREADABLE.about(error=error)) from error
    views = _config(job, checkpoint, "", len(rows)).views
    longest = longest_side(views, checkpoint.arch.variant.crop_share)
    source = ReducedExamples(frozen, folder, longest, frozen.key)
    for name, sentence in source.prepare(watch.prepared).items():
        logger.warning("Job %s leaves out %s. %s", job.job_id, name, sentence)
    return hashlib.sha256(content).hexdigest(), source


def _config(job: TrainJob, checkpoint: Checkpoint, examples_sha256: str, images: int) -> TrainConfig:
    """The worker's settings for so many images, what the job asks for, and what follows from the files."""
    if taken := sorted(set(job.config) & set(SET_BY_THE_WORKER)):
        raise BadConfig(f"These settings follow from the run and cannot be given: {', '.join(taken)}.")
    try:
        settings = fine_tuning_config(checkpoint.settings, images, job.config)
    except TypeError as error:
        raise BadConfig(f"A setting of training is of the wrong kind ({error}).") from error
    inference = {name: checkpoint.settings[name] for name in INFERENCE if name in checkpoint.settings}
    return TrainConfig.from_dict(
        {
            "inference": inference,
            **settings,
            "architecture": checkpoint.arch.to_dict(),
            "data": {"examples": examples_sha256},
            "start_from": checkpoint.sha256,
        }
    )


def _trained(
    config: TrainConfig, checkpoint: Checkpoint, source: ReducedExamples, watch: _Watch, device: str
) -> Trained:
    """Train from the storage's state; where that is damaged or of other settings, from the start."""
    mixture = Mixture([source], seed=config.seed)
    watch.fetch()
    for attempt in range(2):
        try:
            return train(
                config,
                watch.out,
                device=device,
                save_seconds=SAVE_S,
                first_model=checkpoint.build(),
                mixture=mixture,
                watcher=watch,
            )
        except (OtherRun, BadCheckpoint) as error:
            if attempt:
                raise
            logger.warning("Job %s begins again: %s", watch.job.job_id, error)
            _forget(watch.out)
    raise AssertionError("unreachable")


def _hand_back(job: TrainJob, storage: Storage, watch: _Watch, trained: Trained, device: str) -> None:
    weights = watch.out / WEIGHTS
    watch.hand_over_figures()
    storage.write_file(f"{job.run_key}/{WEIGHTS}", weights)
    reasons = list(trained.left_out.values())
    result = {
        "job_id": job.job_id,
        "sha256": load_checkpoint(weights).sha256,
        "steps": trained.steps,
        "images": trained.images,
        "skipped": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
        "left_out": trained.left_out,
        "seconds": round(trained.seconds, 1),
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu",
        "final": trained.final,
    }
    storage.write(f"{job.run_key}/result.json", json.dumps(result).encode())


def _tidy(scratch: Path) -> None:
    """Forget what runs left here whose workers were killed and which went on elsewhere."""
    for folder in scratch.iterdir() if scratch.is_dir() else ():
        if time.time() - folder.stat().st_mtime > FORGOTTEN_S:
            _forget(folder)


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
