"""The session's real services and where the tests keep their database and files.

`--database sqlite` (default) runs on a file database with WAL, so that threads and other processes see
it; `--database postgresql` runs the tests that touch the database again on a real PostgreSQL.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from annotation_server.environment import database_from_url
from tests.session_services import postgresql, s3, tessera, valkey

# Playwright's sync API runs an event loop in the test's thread, where Django would refuse the ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.cast", "tests.chromium"]

# Loaded before any test module, whose own settings start from it: the same examples in every run, however
# slow the machine is.
hypothesis_settings.register_profile(
    "tessera",
    deadline=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("tessera")

TAKE_LONG = ("workers", "faults", "browser", "services")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "admin_client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.addoption(
        "--kills", type=int, default=3, help="how often the tests of faults kill; 50 for a release"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browsers get a second try; on PostgreSQL only what touches the database and no browser runs.

    A browser shares two cores with a server, a worker and another browser. What passes at the second
    try is still listed, as RERUN, so that a race is seen and mended.
    The longest files begin first, so that neither of two processes waits for the other in the end.
    """
    long_files = {item.path for item in items if any(map(item.get_closest_marker, TAKE_LONG))}
    items.sort(key=lambda item: item.path not in long_files)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    if config.getoption("--database") == "sqlite":
        return
    kept = [item for item in items if _touches_database(item) and not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often a test of faults kills what it watches."""
    return int(request.config.getoption("--kills"))


@pytest.fixture(scope="session")
def session_services() -> Iterator[ExitStack]:
    """Whatever was started lazily is stopped here, last started first."""
    with ExitStack() as started:
        yield started


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, session_services: ExitStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Point Django at this session's own database (see pytest-django)."""
    if request.config.getoption("--database") == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        chosen = {**database_from_url(f"sqlite:///{file}"), "TEST": {"NAME": str(file)}}
    else:
        chosen = database_from_url(session_services.enter_context(postgresql.running()))
    connections.settings["default"] = chosen
    connections.configure_settings(connections.settings)
    if any(made.alias == "default" for made in connections.all(initialized_only=True)):
        del connections["default"]


@pytest.fixture(scope="session", autouse=True)
def slow_pulse() -> Iterator[None]:
    """A heartbeat, which has a connection of its own, cannot see a job in a test's open transaction."""
    with override_settings(JOB_STALE_SECONDS=1800):
        yield


@pytest.fixture(scope="session", autouse=True)
def media_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Files of the default storage go to a temporary folder, never to var/."""
    folder = tmp_path_factory.mktemp("media")
    default = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": None},
    }
    with override_settings(MEDIA_ROOT=folder, STORAGES={**django_settings.STORAGES, "default": default}):
        yield folder


@pytest.fixture(scope="session")
def valkey_url(session_services: ExitStack) -> str:
    """A real broker."""
    return session_services.enter_context(valkey.running())


@pytest.fixture
def broker(valkey_url: str, settings: Any) -> str:
    """The real broker, empty, and what this process sends goes there; its URL."""
    redis.Redis(unix_socket_path=valkey_url.partition("://")[2]).flushall()
    settings.CELERY_BROKER_URL = valkey_url
    return valkey_url


@pytest.fixture(scope="session")
def s3_service(session_services: ExitStack, tmp_path_factory: pytest.TempPathFactory) -> s3.S3:
    """A real S3 API that checks signatures."""
    return session_services.enter_context(s3.running(tmp_path_factory.mktemp("s3")))


@pytest.fixture
def s3_storage(s3_service: s3.S3, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The default storage is a new bucket of the real S3, here and in processes started later; its name."""
    bucket = f"test-{uuid.uuid4()}"
    s3_service.client().create_bucket(Bucket=bucket)
    for name, value in s3_service.environment(bucket).items():
        monkeypatch.setenv(name, value)
    options = {
        "bucket_name": bucket,
        "endpoint_url": s3_service.endpoint,
        "access_key": s3_service.key,
        "secret_key": s3_service.secret,
        "region_name": s3_service.region,
        "file_overwrite": True,
        "querystring_auth": True,
        "addressing_style": "path",
    }
    settings.S3_BUCKET = bucket
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    return bucket


@pytest.fixture
def process_environment(
    transactional_db: None, settings: Any, media_root: Path, tmp_path: Path
) -> Callable[..., dict[str, str]]:
    """The environment that makes a child process share this test's database, files, key and broker."""

    def of_child(**own: str) -> dict[str, str]:
        return tessera.environment(
            **{
                "DATABASE_URL": tessera.database_url(connection.settings_dict),
                "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
                "TESSERA_HOME": str(tmp_path / "home"),
                "TESSERA_MEDIA_ROOT": str(media_root),
                "SECRET_KEY": settings.SECRET_KEY,
                **own,
            }
        )

    return of_child


@pytest.fixture
def start_worker(
    broker: str, process_environment: Callable[..., dict[str, str]], tmp_path: Path
) -> Iterator[Callable[..., Popen[bytes]]]:
    """`start_worker("default")` or `start_worker("ml")`: a real Celery worker, ended after the test."""
    with ExitStack() as started:

        def start(queue: str, **own: str) -> Popen[bytes]:
            log = tmp_path / f"worker-{queue}-{len(list(tmp_path.glob('worker-*')))}.log"
            return started.enter_context(tessera.worker(queue, env=process_environment(**own), log=log))

        yield start


@pytest.fixture
def web_server(process_environment: Callable[..., dict[str, str]], tmp_path: Path) -> Iterator[str]:
    """A real gunicorn on this test's database; its address."""
    with tessera.web(env=process_environment(), log=tmp_path / "gunicorn.log") as address:
        yield address
