"""Writing a file whole or not at all: a full disk or a kill leaves the older one as it was."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from annotation_server.segmentation.worker_sentences import Sentence


class CannotSave(OSError):
    """A file could not be written, mostly because the disk is full; the older one is intact."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` when the block ends well; raises CannotSave."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as folder:
            part = Path(folder) / path.name
            yield part
            part.chmod(0o644)
            _flush(part)
            part.replace(path)
    except (OSError, RuntimeError, SafetensorError) as error:  # torch and safetensors raise their own
        said = Sentence.CANNOT_SAVE_AGAIN if path.exists() else Sentence.CANNOT_SAVE
        raise CannotSave(said.about(name=path.name, error=str(error).splitlines()[0])) from error


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
