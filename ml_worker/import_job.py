"""Do one ImportJob: convert an uploaded checkpoint and write the result where the server looks for it."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from annotation_server.segmentation.jobs import ImportJob
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.cropformer.convert_weights import convert_file
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage
from ml_worker.tensor_files import BadCheckpoint


def run_import(
    job: ImportJob, storage: Storage, *, progress: Callable[[float], None] = lambda fraction: None
) -> None:
    """Write ``<result_key>.safetensors`` and, last, ``<result_key>.json``; nothing where that is done.

    Raises ``JobRefused`` with the sentence that says why these weights cannot be used.
    """
    if _is_done(job, storage):
        return
    with tempfile.TemporaryDirectory(prefix="tessera-import-") as folder:
        target = Path(folder) / "converted.safetensors"
        try:
            with storage.local_copy(job.upload_key) as source:
                described = convert_file(_named(source, Path(folder) / "as-uploaded", job.file_name), target)
        except NoSuchFile as error:
            raise JobRefused(Sentence.UPLOAD_GONE.about(why=error)) from error
        except BadCheckpoint as error:
            raise JobRefused(str(error)) from error
        progress(0.7)
        storage.write_file(f"{job.result_key}.safetensors", target)
    storage.write(f"{job.result_key}.json", json.dumps({"job_id": job.job_id, **described}).encode())


def _is_done(job: ImportJob, storage: Storage) -> bool:
    try:
        return bool(json.loads(storage.read(f"{job.result_key}.json"))["job_id"] == job.job_id)
    except (NoSuchFile, ValueError, KeyError):
        return False


def _named(source: Path, folder: Path, file_name: str) -> Path:
    """The stored file under the name its owner knows, which refusals begin with."""
    folder.mkdir()
    link = folder / (Path(file_name).name or "checkpoint")
    link.symlink_to(source.resolve())
    return link
