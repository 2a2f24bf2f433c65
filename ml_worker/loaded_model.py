"""The model a worker process holds: loaded when first wanted, exchanged when another is."""

import json
from dataclasses import dataclass, fields
from typing import Any

from annotation_server.segmentation.jobs import CandidatesWanted, EvaluateJob, PredictJob
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.architectures import EntityPredictor, load_predictor
from ml_worker.checkpoints import BadCheckpoint
from ml_worker.predict import Predictor
from ml_worker.predictor_options import PredictorOptions
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage

PREDICTOR_OPTIONS = {field.name for field in fields(PredictorOptions)}


@dataclass
class LoadedModel:
    """The model of the last job, kept because the next one mostly wants the same."""

    wanted: tuple[Any, ...] = ()  # weights, then options
    predictor: EntityPredictor | None = None

    def get(
        self,
        storage: Storage,
        checkpoint_key: str,
        sha256: str,
        options: dict[str, Any],
        *,
        architecture: str = "cropformer",
        **own: Any,
    ) -> EntityPredictor:
        """The predictor of a checkpoint (empty key: the starter) with a model version's ``options``.

        ``own`` are further options of `Predictor.from_checkpoint` that the worker itself sets. Other options
        alone do not load the weights again. Raises JobRefused for options that do not exist or cannot be, and
        for weights that are gone, damaged or not those of ``sha256``.
        """
        _refuse_bad_options(architecture, options)
        every = {**options, **own}
        weights = (architecture, checkpoint_key, sha256, own.get("device"))
        wanted = (*weights, json.dumps(every, sort_keys=True))
        if self.predictor is not None and self.wanted == wanted:
            return self.predictor
        if isinstance(self.predictor, Predictor) and self.wanted[:-1] == weights:
            self.predictor = self.predictor.with_options(**_but_for_device(every))
        else:
            self.predictor = None  # two models need not be in memory at once
            self.predictor = _load(storage, architecture, checkpoint_key, sha256, every)
        self.wanted = wanted
        return self.predictor

    def asked_for(
        self, storage: Storage, message: PredictJob | EvaluateJob | CandidatesWanted, **own: Any
    ) -> EntityPredictor:
        """The predictor that a message names; like `get`."""
        return self.get(
            storage,
            message.checkpoint_key,
            message.checkpoint_sha256,
            message.options,
            architecture=message.architecture,
            **own,
        )

    def release(self) -> None:
        """Let go of the model: training needs the memory."""
        self.predictor, self.wanted = None, ()


def _but_for_device(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "device"}


def _refuse_bad_options(architecture: str, options: dict[str, Any]) -> None:
    """Before any weights are read; the classical model judges its own."""
    if architecture == "classical":
        return
    if unknown := sorted(set(options) - PREDICTOR_OPTIONS):
        raise JobRefused(Sentence.UNKNOWN_OPTIONS.about(options=", ".join(unknown)))
    try:
        PredictorOptions.settled(options, {})
    except ValueError as error:
        raise JobRefused(Sentence.BAD_OPTIONS.about(why=error)) from error


def _load(
    storage: Storage, architecture: str, key: str, sha256: str, options: dict[str, Any]
) -> EntityPredictor:
    try:
        if not key:
            return load_predictor(architecture, None, sha256, **options)
        with storage.local_copy(key) as path:
            return load_predictor(architecture, path, sha256, **options)
    except BadCheckpoint as error:
        raise JobRefused(Sentence.MODEL_UNUSABLE.about(why=error)) from error
    except NoSuchFile as error:
        raise JobRefused(Sentence.MODEL_GONE.about(why=error)) from error
