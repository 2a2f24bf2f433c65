"""Messages between the server and the ML worker: frozen values that travel as JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self


class _Message:
    """What every job shares: it is a plain dict on the wire."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload]

    def without_id(self) -> dict[str, Any]:
        """What a job's row keeps of it; its id is added when it is sent."""
        return {name: value for name, value in self.to_dict().items() if name != "job_id"}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True, kw_only=True)
class AskedQuestion(_Message):
    """What somebody waits for: answered by one file, ``answer_key``, whole or not at all.

    The file is gzipped JSON: ``{"answer": {…}}``, or ``{"error": "a sentence"}``. Where it is there already,
    nothing is to be done. ``payload`` is the task's own.
    """

    question_id: int
    answer_key: str
    payload: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CandidatesWanted(_Message):
    """The payload of the question what a model sees in ``view`` ([x, y, width, height], image px).

    The pixels come from the pyramid: each of ``tiles`` is [x, y, first byte, bytes], its corner in px of the
    reduced image and its place in ``pyramid_key``. Without tiles they come from ``image_key``. Either way
    the view is reduced by ``scale``, a power of two that divides its x and y.
    """

    image_key: str
    view: list[int]
    scale: int = 1
    pyramid_key: str = ""
    tiles: list[list[int]] = field(default_factory=list)
    architecture: str = "cropformer"
    checkpoint_key: str = ""
    checkpoint_sha256: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VectorsWanted(CandidatesWanted):
    """The payload of the question what a model sees inside each mask: ``map_key`` is a bundle (`.elm.gz`).

    ``view`` is the whole image, ``annotation`` the server's note of whose masks they are.
    """

    map_key: str
    annotation: int = 0


@dataclass(frozen=True, kw_only=True)
class PredictJob(_Message):
    """Propose a label map for one image.

    ``image_key`` and ``checkpoint_key`` name files in the media storage; the empty ``checkpoint_key``
    means the starter checkpoint that ships with the worker, or the architecture "classical", which has no
    weights. The result is written to
    ``<result_key>.elm.gz`` (a bundle, see docs/label_map_format.md), ``<result_key>.alternatives.json.gz``
    (what every query saw, see docs/model.md) and ``<result_key>.json``.
    ``width`` and ``height`` (px) are the image's oriented size and are checked against the file.
    """

    job_id: int
    image_key: str
    width: int
    height: int
    result_key: str
    architecture: str = "cropformer"
    checkpoint_key: str = ""
    checkpoint_sha256: str = ""
    score_threshold: float = 0.0
    min_area: int = 0
    success_task: str = "server.store_prediction"
    failure_task: str = "server.fail_job"
    progress_task: str = "server.job_progress"
    reply_queue: str = "default"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrainJob(_Message):
    """Train a model on frozen examples, from the weights of ``start_key`` (empty: the starter).

    ``examples_key`` names JSON ``{"examples": [{"image", "image_key", "width", "height", "map_key",
    "map_sha256"}]}``; every ``map_key`` is a bundle (`.elm.gz`). ``config`` holds settings of
    ml_worker.train.TrainConfig; the rest are its defaults. Under ``run_key`` the worker keeps
    ``state.pt`` (to go on after it was killed), ``metrics.jsonl``, ``events/`` (TensorBoard),
    ``model.safetensors`` and, last, ``result.json``. A file ``<run_key>/cancelled`` tells it to stop.
    """

    job_id: int
    examples_key: str
    run_key: str
    start_key: str = ""
    start_sha256: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    success_task: str = "server.training_done"
    failure_task: str = "server.fail_job"
    progress_task: str = "server.job_progress"
    reply_queue: str = "default"


@dataclass(frozen=True, kw_only=True)
class EvaluateJob(_Message):
    """Predict ``images`` of the examples and compare with their label maps; one of several such jobs.

    For every image the worker writes ``<result_key>/<image>.json`` (scores, areas and IoUs, see
    docs/nightly.md) and ``<result_key>/<image>.elm.gz`` (the predicted label map); images that have both are
    not done again.
    """

    job_id: int
    examples_key: str
    images: list[int]
    result_key: str
    architecture: str = "cropformer"
    checkpoint_key: str = ""
    checkpoint_sha256: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    success_task: str = "server.evaluation_done"
    failure_task: str = "server.fail_job"
    progress_task: str = "server.job_progress"
    reply_queue: str = "default"


@dataclass(frozen=True, kw_only=True)
class EmbedJob(_Message):
    """Look at the masks of several annotations, for which nobody waits.

    Each of ``wanted`` is a VectorsWanted. The worker writes ``<result_key>/<annotation>.json.gz``, told like
    the answer to a question, where it is not there. A file ``<result_key>/cancelled`` tells it to stop.
    """

    job_id: int
    wanted: list[dict[str, Any]]
    result_key: str
    success_task: str = "server.store_vectors"
    failure_task: str = "server.fail_job"
    progress_task: str = "server.job_progress"
    reply_queue: str = "default"


@dataclass(frozen=True, kw_only=True)
class ImportJob(_Message):
    """Convert an uploaded checkpoint, ``upload_key``, that somebody called ``file_name``.

    The worker writes ``<result_key>.safetensors`` (ours) and, last, ``<result_key>.json``: what
    ml_worker.cropformer.convert_weights tells of it, and the job's id.
    """

    job_id: int
    upload_key: str
    file_name: str
    result_key: str
    success_task: str = "server.take_in_checkpoint"
    failure_task: str = "server.fail_job"
    progress_task: str = "server.job_progress"
    reply_queue: str = "default"
