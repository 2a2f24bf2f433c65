"""Do one PredictJob: read the image, predict, write the result where the server looks for it."""

import gzip
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotation_server.segmentation.bundle import (
    BadBundle,
    compress_bundle,
    decode_bundle,
    decompress_bundle,
    encode_bundle,
)
from annotation_server.segmentation.jobs import PredictJob
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.architectures import EntityPredictor
from ml_worker.candidates import as_answer, stride_for
from ml_worker.crops import SMALLEST_SIDE, Window
from ml_worker.image_file import read_image
from ml_worker.loaded_model import LoadedModel
from ml_worker.prediction import Prediction
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage

logger = logging.getLogger(__name__)


def run_prediction(
    job: PredictJob,
    storage: Storage,
    loaded: LoadedModel,
    *,
    device: str = "cpu",
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Write the label map, the alternatives and, last, ``<result_key>.json``; nothing where that is done.

    Raises ``JobRefused`` for what another try cannot mend; any other error may pass.
    """
    if _is_done(job, storage):
        return
    started = time.monotonic()
    _refuse_too_small(job)
    predictor = _predictor(job, storage, loaded, device)
    rgb = read_image(storage, job.image_key, job.width, job.height)
    progress(0.05)
    prediction, candidates = predictor.predict_with_alternatives(
        rgb, progress=lambda done: progress(0.05 + 0.9 * done)
    )
    del rgb
    bundle = compress_bundle(encode_bundle(pack_map(prediction.label_map)))
    storage.write(f"{job.result_key}.elm.gz", bundle)
    whole, stride = Window(0, 0, job.width, job.height), stride_for(job.height, job.width)
    alternatives = as_answer(candidates, whole, stride=stride, split=predictor.split)
    storage.write(f"{job.result_key}.alternatives.json.gz", gzip.compress(json.dumps(alternatives).encode()))
    description = _description(job, prediction, predictor, time.monotonic() - started)
    storage.write(f"{job.result_key}.json", json.dumps(description).encode())


def _is_done(job: PredictJob, storage: Storage) -> bool:
    """Whether an earlier delivery of this job left a whole result."""
    try:
        description = json.loads(storage.read(f"{job.result_key}.json"))
        label_map, _ = decode_bundle(decompress_bundle(storage.read(f"{job.result_key}.elm.gz")))
    except (NoSuchFile, BadBundle, ValueError):
        return False
    found = (label_map.width, label_map.height, description.get("job_id"))
    return found == (job.width, job.height, job.job_id)


def _predictor(job: PredictJob, storage: Storage, loaded: LoadedModel, device: str) -> EntityPredictor:
    return loaded.asked_for(
        storage,
        job,
        score_threshold=job.score_threshold or None,
        min_area=job.min_area or None,
        device=device,
    )


def _refuse_too_small(job: PredictJob) -> None:
    if min(job.width, job.height) < SMALLEST_SIDE:
        raise JobRefused(
            Sentence.IMAGE_TOO_SMALL.about(width=job.width, height=job.height, least=SMALLEST_SIDE)
        )


def _description(
    job: PredictJob, prediction: Prediction, predictor: EntityPredictor, seconds: float
) -> dict[str, Any]:
    unnamed = "starter" if predictor.sha256 else job.architecture
    name = Path(job.checkpoint_key).stem if job.checkpoint_key else unnamed
    rows = zip(prediction.scores, prediction.class_scores, prediction.queries, prediction.areas, strict=True)
    return {
        "job_id": job.job_id,
        "model": {"name": name, "sha256": predictor.sha256},
        "masks": [
            {
                "number": number,
                "score": round(score, 6),
                "class_score": round(class_score, 6),
                "query": query,
                "area": area,
            }
            for number, (score, class_score, query, area) in enumerate(rows, start=1)
        ],
        "seconds": round(seconds, 3),
        "remarks": list(prediction.remarks),
    }
