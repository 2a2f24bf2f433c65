"""Every way to propose masks that a model version can name, and how each is loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.baselines.classical import ClassicalPredictor
from ml_worker.candidates import Candidate
from ml_worker.checkpoints import STARTER, BadCheckpoint, load_checkpoint
from ml_worker.predict import Predictor
from ml_worker.prediction import Prediction


class EntityPredictor(Protocol):
    """What a job may ask of any model; ``split`` and ``sha256`` of the weights travel with its answers.

    ``sha256`` is empty where there are no weights.
    """

    @property
    def split(self) -> bool: ...

    @property
    def sha256(self) -> str: ...

    def predict(self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = ...) -> Prediction: ...

    def predict_with_alternatives(
        self, rgb: NDArray[np.uint8], *, progress: Callable[[float], None] = ...
    ) -> tuple[Prediction, list[Candidate]]: ...

    def candidates(self, rgb: NDArray[np.uint8]) -> list[Candidate]: ...


def load_predictor(architecture: str, path: Path | None, sha256: str = "", **options: Any) -> EntityPredictor:
    """The predictor of a model version; ``path`` None means the starter, or no weights at all.

    ``options`` are those of `Predictor.from_checkpoint`. Raises ``BadCheckpoint``, with a sentence for the
    person who asked, for an unknown architecture, settings it has not, and weights that are not ``sha256``.
    """
    load = _LOADERS.get(architecture)
    if load is None:
        raise BadCheckpoint(Sentence.UNKNOWN_ARCHITECTURE.about(architecture=architecture))
    return load(path, sha256, options)


def _load_network(path: Path | None, sha256: str, options: dict[str, Any]) -> Predictor:
    checkpoint = load_checkpoint(path or STARTER)
    if sha256 and checkpoint.sha256 != sha256:
        raise BadCheckpoint(Sentence.MODEL_CHANGED.about(found=checkpoint.sha256[:12], wanted=sha256[:12]))
    return Predictor(checkpoint, **options)


def _load_classical(path: Path | None, sha256: str, options: dict[str, Any]) -> ClassicalPredictor:
    try:
        return ClassicalPredictor.from_checkpoint(path, **options)
    except ValueError as error:
        raise BadCheckpoint(str(error)) from error


_LOADERS: dict[str, Callable[[Path | None, str, dict[str, Any]], EntityPredictor]] = {
    "cropformer": _load_network,
    "mask2former": _load_network,
    "classical": _load_classical,
}
