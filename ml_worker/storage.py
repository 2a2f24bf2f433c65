"""Files shared with the server, by key: a folder on this machine or a bucket behind the S3 protocol."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

import boto3
from botocore.exceptions import ClientError

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.config import WorkerConfig

COPIED_AT_ONCE = 4 << 20


class NoSuchFile(FileNotFoundError):
    """The storage holds nothing under this key."""


class Storage(Protocol):
    """Whole files by key. Keys are relative paths with ``/``."""

    def read(self, key: str) -> bytes:
        """The file's bytes; raises ``NoSuchFile``."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start``; raises ``NoSuchFile``."""

    def write(self, key: str, content: bytes) -> None:
        """Put the file there, whole or not at all, in place of an older one."""

    def write_file(self, key: str, source: Path) -> None:
        """The same with the content of a local file, which need not fit into memory."""

    def local_copy(self, key: str) -> Any:
        """Context manager: a path that holds the file as long as the block runs; raises ``NoSuchFile``."""


class FolderStorage:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def read(self, key: str) -> bytes:
        return self._existing(key).read_bytes()

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with self._existing(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def write(self, key: str, content: bytes) -> None:
        with self._replacing(key) as part:
            part.write(content)

    def write_file(self, key: str, source: Path) -> None:
        with self._replacing(key) as part, source.open("rb") as file:
            shutil.copyfileobj(file, part, COPIED_AT_ONCE)

    @contextmanager
    def _replacing(self, key: str) -> Iterator[IO[bytes]]:
        """A file beside the key's own, moved over it when the block ends well."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
            try:
                yield part
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        yield self._existing(key)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise NoSuchFile(Sentence.FILE_GONE.about(key=key))
        return path

    def _path(self, key: str) -> Path:
        pure = PurePosixPath(key)
        path = (self.root / pure).resolve()
        if pure.is_absolute() or not path.is_relative_to(self.root) or path == self.root:
            raise ValueError(f"The storage key {key!r} leads outside the media folder.")
        return path


class BucketStorage:
    def __init__(self, bucket: str, endpoint: str = "") -> None:
        self.bucket = bucket
        self.client = boto3.Session().client("s3", endpoint_url=endpoint or None)

    def read(self, key: str) -> bytes:
        with self._named(key):
            content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def read_range(self, key: str, start: int, length: int) -> bytes:
        wanted = f"bytes={start}-{start + length - 1}"
        with self._named(key):
            answer = self.client.get_object(Bucket=self.bucket, Key=key, Range=wanted)
            content: bytes = answer["Body"].read()
        return content

    def write(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def write_file(self, key: str, source: Path) -> None:
        self.client.upload_file(str(source), self.bucket, key)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="tessera-ml-") as folder:
            path = Path(folder) / PurePosixPath(key).name
            with self._named(key):
                self.client.download_file(self.bucket, key, str(path))
            yield path

    @contextmanager
    def _named(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
                raise NoSuchFile(Sentence.FILE_GONE_FROM_BUCKET.about(key=key, bucket=self.bucket)) from error
            raise


def open_storage(config: WorkerConfig) -> Storage:
    if config.s3_bucket:
        return BucketStorage(config.s3_bucket, config.s3_endpoint)
    return FolderStorage(config.media_root)
