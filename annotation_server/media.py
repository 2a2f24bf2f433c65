"""Files in the media storage, local folder and S3 alike: whole, by range, and as a path on this machine.

Keys are made by the server from ids; a name a user typed is never part of one.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.storage import default_storage


def _bucket() -> Any | None:
    """The S3 bucket behind the storage, or None when files lie in a local folder."""
    return getattr(default_storage, "bucket", None)


def exists(key: str) -> bool:
    """Whether there is a file under ``key``."""
    return default_storage.exists(key)


def size(key: str) -> int:
    """Bytes of the file; raises FileNotFoundError (local) or botocore's ClientError (S3) if there is none."""
    return default_storage.size(key)


def read(key: str) -> bytes:
    """The whole file; for small ones."""
    with default_storage.open(key) as file:
        return file.read()


def read_range(key: str, start: int, length: int) -> bytes:
    """``length`` bytes from ``start``; on S3 by one ranged GET."""
    bucket = _bucket()
    if bucket is not None:
        answer = bucket.Object(key).get(Range=f"bytes={start}-{start + length - 1}")
        return answer["Body"].read()
    with Path(default_storage.path(key)).open("rb") as file:
        file.seek(start)
        return file.read(length)


def open_stream(key: str) -> BinaryIO:
    """The file for reading piece by piece, as a download does; the caller closes it."""
    bucket = _bucket()
    if bucket is not None:
        return bucket.Object(key).get()["Body"]
    return Path(default_storage.path(key)).open("rb")


def write(key: str, content: bytes) -> None:
    """Put ``content`` under ``key``, replacing what is there; readers see the old file or the new one."""
    bucket = _bucket()
    if bucket is not None:
        bucket.Object(key).put(Body=content)
        return
    with _replacing(key) as part:
        part.write_bytes(content)


def write_file(key: str, source: Path) -> None:
    """Copy the local file ``source`` under ``key``, replacing what is there, whole or not at all."""
    bucket = _bucket()
    if bucket is not None:
        bucket.upload_file(str(source), key)
        return
    with _replacing(key) as part:
        shutil.copyfile(source, part)


@contextmanager
def _replacing(key: str) -> Iterator[Path]:
    """A temporary path beside the key's own, moved over it when the block ends well."""
    path = Path(default_storage.path(key))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def local_path(key: str) -> Iterator[Path]:
    """The file as a path on this machine: itself, or a temporary copy of the S3 object."""
    bucket = _bucket()
    if bucket is None:
        yield Path(default_storage.path(key))
        return
    with tempfile.TemporaryDirectory(prefix="tessera-") as folder:
        copy = Path(folder) / Path(key).name
        bucket.download_file(key, str(copy))
        yield copy


def folders(prefix: str) -> list[str]:
    """The names of the folders right under ``prefix``; none where there is nothing."""
    try:
        return sorted(default_storage.listdir(prefix)[0])
    except FileNotFoundError:
        return []


def delete(key: str) -> None:
    """Remove the file, if there is one."""
    if key:
        default_storage.delete(key)


def delete_folder(prefix: str) -> None:
    """Remove every file whose key begins with ``prefix/``."""
    if not prefix.strip("/"):
        raise ValueError("An empty prefix would remove every file.")
    bucket = _bucket()
    if bucket is not None:
        bucket.objects.filter(Prefix=f"{prefix}/").delete()
    else:
        shutil.rmtree(default_storage.path(prefix), ignore_errors=True)
