"""A network that breaks: a TCP proxy that cuts connections at random bytes of what is sent or answered."""

import contextlib
import math
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RESET = struct.pack(
    "ii", 1, 0
)  # SO_LINGER of no time: closing sends RST, as a pulled cable ends a connection


class CuttingProxy:
    """Forwards to a port of this computer; while ``is_cutting``, most connections break somewhere."""

    def __init__(self, upstream: int, *, seed: int) -> None:
        self._upstream = upstream
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.is_cutting = False
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream), timeout=30)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for source, target, reach in ((client, server, 4000), (server, client, 900)):
                threading.Thread(target=self._pump, args=(source, target, reach), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, reach: int) -> None:
        """Forward one direction, up to a random byte of the next ``reach`` while cutting."""
        left: float | None = None
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.is_cutting and left is None:
                    left = self._chosen(reach)
                if left is not None and len(data) >= left:
                    target.sendall(data[: int(left)])
                    with self._lock:
                        self.cuts += 1
                    break
                left = None if left is None else left - len(data)
                target.sendall(data)
            else:
                target.shutdown(socket.SHUT_WR)
                return
        _reset(source)
        _reset(target)

    def _chosen(self, reach: int) -> float:
        """After how many bytes this direction breaks; one in three does not."""
        with self._lock:
            return math.inf if self._random.random() < 1 / 3 else self._random.randrange(reach)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it
    end.close()


@contextmanager
def cutting_proxy(upstream: int, *, seed: int = 1) -> Iterator[CuttingProxy]:
    """A proxy before a port of this computer."""
    proxy = CuttingProxy(upstream, seed=seed)
    try:
        yield proxy
    finally:
        proxy.close()
