"""Settings of the ML worker, from the environment; the names are the server's where both read them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class WorkerConfig:
    """Where work comes from, where files lie, and on what the model runs."""

    broker_url: str  # CELERY_BROKER_URL: redis://…, redis+socket://… or amqp://…
    media_root: Path  # TESSERA_MEDIA_ROOT, else media/ in TESSERA_HOME: files when no bucket is named
    s3_bucket: str  # TESSERA_S3_BUCKET; keys and region come from boto3's own AWS_* variables
    s3_endpoint: str  # AWS_ENDPOINT_URL_S3, empty for Amazon's own
    device: str  # TESSERA_ML_DEVICE: cpu, cuda, cuda:1 …
    scratch: Path  # TESSERA_ML_SCRATCH: a training run's reduced examples and its state
    threads: int  # OMP_NUM_THREADS: more than the free cores is slower, not quicker

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        home = environment.get("TESSERA_HOME") or str(REPOSITORY / "var")
        media_root = environment.get("TESSERA_MEDIA_ROOT") or str(Path(home) / "media")
        return cls(
            broker_url=environment.get("CELERY_BROKER_URL") or "redis://127.0.0.1:6379/0",
            media_root=Path(media_root).resolve(),
            s3_bucket=environment.get("TESSERA_S3_BUCKET", ""),
            s3_endpoint=environment.get("AWS_ENDPOINT_URL_S3", ""),
            device=environment.get("TESSERA_ML_DEVICE") or "cpu",
            scratch=Path(environment.get("TESSERA_ML_SCRATCH") or Path(home, "scratch")),
            threads=_threads(environment.get("OMP_NUM_THREADS", "")),
        )


def _threads(text: str) -> int:
    if not text:
        return 1
    if not text.isdecimal() or not int(text):
        raise ValueError(f"OMP_NUM_THREADS must be a positive number, not {text!r}.")
    return int(text)
