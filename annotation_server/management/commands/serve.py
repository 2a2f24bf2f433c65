"""`manage.py serve`: everything an installation needs, in one command, until Ctrl-C."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation_server import embedded, process_group
from annotation_server.supervise import Service, only_one, supervise


class Command(BaseCommand):
    """Start the web process, the workers, the clock and (where none is named) the broker."""

    help = "Run the web process, workers, clock and broker until Ctrl-C; what dies is started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        serve(host, port)


def serve(
    host: str,
    port: int,
    *,
    also: Sequence[Service] = (),
    when_ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Run everything on host:port until SIGINT or SIGTERM; `also` runs beside it.

    Raises CommandError when the port is taken or another supervisor runs on the same TESSERA_HOME.
    """
    address = f"http://{host}:{port}"
    if process_group.answers(host, port):
        raise CommandError(f"Port {port} is taken. Choose another one: PORT={port + 1}")
    try:
        with only_one(settings.HOME), tempfile.TemporaryDirectory(prefix="tessera-") as private:
            plan = embedded.Plan(home=settings.HOME, private=Path(private), host=host, port=port)
            supervise(
                [*embedded.services(plan), *also],
                logs=settings.HOME / "log",
                is_ready=lambda: process_group.answers(host, port),
                when_ready=lambda: _announce(address, when_ready),
                say=lambda line: print(line, file=sys.stderr, flush=True),
            )
    except BlockingIOError:
        raise CommandError(f"Tessera already runs on {settings.HOME}. End it, or set TESSERA_HOME.") from None


def _announce(address: str, when_ready: Callable[[str], None]) -> None:
    print(f"Tessera is ready at {address} (files and logs in {settings.HOME}; Ctrl-C ends it)", flush=True)
    when_ready(address)
