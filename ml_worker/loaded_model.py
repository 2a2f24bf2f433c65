"""The model a worker process holds: loaded when first wanted, exchanged when another is."""

import json
from dataclasses import dataclass
from typing import Any

from ml_worker.architectures import EntityPredictor, load_predictor
from ml_worker.checkpoints import BadCheckpoint
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage

PREDICTOR_OPTIONS = {"short_side", "long_side", "parity", "split", "min_share"}


@dataclass
class LoadedModel:
    """The model of the last job, kept because the next one mostly wants the same."""

    wanted: tuple[Any, ...] = ()
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

        ``own`` are further options of `Predictor.from_checkpoint` that the worker itself sets. Raises
        JobRefused for unknown options and weights that are gone, damaged or not those of ``sha256``.
        """
        if unknown := sorted(set(options) - PREDICTOR_OPTIONS):
            raise JobRefused(f"The prediction was asked for with unknown options: {', '.join(unknown)}.")
        every = {**options, **own}
        wanted = (architecture, checkpoint_key, sha256, json.dumps(every, sort_keys=True))
        if self.predictor is None or self.wanted != wanted:
            self.predictor = None  # two models need not be in memory at once
            self.predictor = _load(storage, architecture, checkpoint_key, sha256, every)
            self.wanted = wanted
        return self.predictor

    def release(self) -> None:
        """Let go of the model: training needs the memory."""
        self.predictor, self.wanted = None, ()


def _load(
    storage: Storage, architecture: str, key: str, sha256: str, options: dict[str, Any]
) -> EntityPredictor:
    try:
        if not key:
            return load_predictor(architecture, None, sha256, **options)
        with storage.local_copy(key) as path:
            return load_predictor(architecture, path, sha256, **options)
    except BadCheckpoint as error:
        raise JobRefused(f"The model cannot be used. {error}") from error
    except NoSuchFile as error:
        raise JobRefused(f"The model's weights are gone: {error} Register the model again.") from error
