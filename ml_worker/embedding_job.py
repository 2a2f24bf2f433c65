"""Do one EmbedJob: what the model sees inside the masks of some annotations, one file each."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from annotation_server.segmentation.jobs import AskedQuestion, EmbedJob, VectorsWanted
from ml_worker.embed import vectors_in
from ml_worker.loaded_model import LoadedModel
from ml_worker.questions import answer_question
from ml_worker.refusals import JobCancelled
from ml_worker.storage import NoSuchFile, Storage


def run_embedding(
    job: EmbedJob,
    storage: Storage,
    loaded: LoadedModel,
    *,
    device: str = "cpu",
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Write ``<result_key>/<annotation>.json.gz`` where it is missing, as if a person had asked.

    Raises ``JobCancelled`` once a file ``cancelled`` lies there.
    """

    def work(payload: dict[str, Any], storage: Storage) -> dict[str, Any]:
        return vectors_in(VectorsWanted.from_dict(payload), storage, loaded, device=device)

    for done, wanted in enumerate(job.wanted):
        progress(done / len(job.wanted))
        with suppress(NoSuchFile):
            storage.read(f"{job.result_key}/cancelled")
            raise JobCancelled
        answer_key = f"{job.result_key}/{wanted['annotation']}.json.gz"
        answer_question(AskedQuestion(question_id=0, answer_key=answer_key, payload=wanted), storage, work)
