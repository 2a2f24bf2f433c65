"""Do one EvaluateJob: predict some frozen images and write, for each, the map and what it is worth."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePosixPath

from annotation_server.segmentation.bundle import (
    BadBundle,
    compress_bundle,
    decode_bundle,
    decompress_bundle,
    encode_bundle,
)
from annotation_server.segmentation.image_figures import ImageFigures, compare_maps
from annotation_server.segmentation.jobs import EvaluateJob
from annotation_server.segmentation.tiled_map import TiledMap, pack_map, void_map
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.architectures import EntityPredictor
from ml_worker.crops import SMALLEST_SIDE
from ml_worker.dataset_frozen import FrozenExample
from ml_worker.image_file import read_image
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobCancelled, JobRefused
from ml_worker.storage import NoSuchFile, Storage

Progress = Callable[[float], None]


def run_evaluation(
    job: EvaluateJob,
    storage: Storage,
    loaded: LoadedModel,
    *,
    device: str = "cpu",
    progress: Progress = lambda fraction: None,
) -> None:
    """Write ``<result_key>/<image>.elm.gz`` and then ``….json`` for every image that lacks them.

    A worker that was killed therefore repeats one image at most. Raises ``JobRefused`` for what another try
    cannot mend and ``JobCancelled`` once a file ``cancelled`` lies beside the examples; any other error may
    pass.
    """
    examples = _examples(job, storage)
    for done, example in enumerate(examples):
        progress(done / len(examples))
        _stop_if_cancelled(job, storage)
        if not _is_done(job, example, storage):
            predictor = loaded.asked_for(storage, job, device=device)
            _evaluate(job, example, storage, predictor)
    progress(1.0)


def _examples(job: EvaluateJob, storage: Storage) -> list[FrozenExample]:
    """Those of the job's images, in its order."""
    try:
        rows = json.loads(storage.read(job.examples_key))["examples"]
        known = {row["image"]: row for row in rows}
        return [FrozenExample.of(known[image]) for image in job.images]
    except NoSuchFile as error:
        raise JobRefused(Sentence.EXAMPLES_GONE.about(why=error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise JobRefused(Sentence.EXAMPLES_UNREADABLE.about(error=repr(error))) from error


def _stop_if_cancelled(job: EvaluateJob, storage: Storage) -> None:
    with suppress(NoSuchFile):
        storage.read(str(PurePosixPath(job.examples_key).with_name("cancelled")))
        raise JobCancelled


def _is_done(job: EvaluateJob, example: FrozenExample, storage: Storage) -> bool:
    """Whether both files are there, whole, and of this image, truth and model."""
    key = f"{job.result_key}/{example.image}"
    try:
        record = json.loads(storage.read(f"{key}.json"))
        figures = ImageFigures.from_dict(record)
        found, _ = decode_bundle(decompress_bundle(storage.read(f"{key}.elm.gz")))
    except (NoSuchFile, ValueError):
        return False
    sizes = {(figures.width, figures.height), (found.width, found.height), (example.width, example.height)}
    told = (figures.image, record.get("map_sha256"), record.get("found_sha256"))
    other_weights = job.checkpoint_sha256 not in {"", record.get("model_sha256")}
    return (
        len(sizes) == 1 and told == (example.image, example.map_sha256, found.sha256()) and not other_weights
    )


def _evaluate(job: EvaluateJob, example: FrozenExample, storage: Storage, predictor: EntityPredictor) -> None:
    started = time.monotonic()
    truth = _truth(example, storage)
    found, scores = _predicted(example, storage, predictor)
    seconds = time.monotonic() - started
    figures = compare_maps(truth, found, scores, image=example.image)
    record = {
        **figures.to_dict(),
        "map_sha256": example.map_sha256,
        "found_sha256": found.sha256(),
        "model_sha256": predictor.sha256,
        "seconds": round(seconds, 3),
    }
    key = f"{job.result_key}/{example.image}"
    storage.write(f"{key}.elm.gz", compress_bundle(encode_bundle(found)))
    storage.write(f"{key}.json", json.dumps(record, allow_nan=False).encode())


def _truth(example: FrozenExample, storage: Storage) -> TiledMap:
    try:
        truth, _ = decode_bundle(decompress_bundle(storage.read(example.map_key)))
    except (NoSuchFile, BadBundle) as error:
        raise JobRefused(Sentence.TRUTH_UNREADABLE.about(image=example.image, why=error)) from error
    if truth.sha256() != example.map_sha256 or (truth.width, truth.height) != (example.width, example.height):
        raise JobRefused(Sentence.TRUTH_CHANGED.about(image=example.image))
    return truth


def _predicted(
    example: FrozenExample, storage: Storage, predictor: EntityPredictor
) -> tuple[TiledMap, dict[int, float]]:
    """The predicted label map and the score of each number; VOID where the model does not take the image."""
    if min(example.width, example.height) < SMALLEST_SIDE:
        return void_map(example.width, example.height), {}
    rgb = read_image(storage, example.image_key, example.width, example.height)
    prediction = predictor.predict(rgb)
    return pack_map(prediction.label_map), dict(enumerate(prediction.scores, start=1))
