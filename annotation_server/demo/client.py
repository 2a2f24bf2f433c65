"""A plain client of the HTTP API: what any program of a user could be."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.transaction import Transaction, deflate_body, encode_transaction

TIMEOUT_S = 120
Row = dict[str, Any]


class Answered(Exception):
    """The server refused; `status`, `code` and the whole JSON body say why."""

    def __init__(self, status: int, body: Row) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('error')}")
        self.status = status
        self.code = body.get("code")
        self.body = body


class Client:
    """One person's session with one server."""

    def __init__(self, address: str, key: str = "") -> None:
        self.address = address.rstrip("/")
        self._headers = {"Authorization": f"Token {key}"} if key else {}

    @classmethod
    def logged_in(cls, address: str, username: str, password: str) -> "Client":
        """Exchange name and password for a token."""
        token = cls(address).post("tokens", username=username, password=password, name="demo")
        return cls(address, token["token"])

    def get(self, path: str, **query: object) -> Any:
        """The JSON at /api/v1/`path`; raises Answered for any refusal."""
        return self._json("GET", _with_query(path, query))

    def post(self, path: str, **fields: object) -> Any:
        return self._json("POST", path, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def patch(self, path: str, **fields: object) -> Any:
        return self._json("PATCH", path, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def rows(self, path: str, **query: object) -> Iterator[Row]:
        """Every row of a list, page after page."""
        page = 1
        while True:
            answer = self.get(path, **{"page_size": 200, **query, "page": page})
            yield from answer["results"]
            if not answer["next"]:
                return
            page += 1

    def upload(self, path: str, files: Iterable[Path], **fields: object) -> Any:
        """POST a form with the given fields and `files`, all read into memory."""
        boundary = uuid.uuid4().hex
        parts: list[bytes] = []
        for name, value in fields.items():
            parts.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            )
        for file in files:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n'
            parts += [
                f"{head}Content-Type: application/octet-stream\r\n\r\n".encode(),
                file.read_bytes(),
                b"\r\n",
            ]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        return self._json("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def bundle(self, annotation: int, *, revision: int | None = None) -> tuple[TiledMap, list[int]]:
        """The label map of an annotation and its per-tile versions."""
        query = {} if revision is None else {"revision": revision}
        with self.open("GET", _with_query(f"annotations/{annotation}/bundle", query)) as answer:
            body = answer.read()
            packed = answer.headers.get("Content-Encoding") == "gzip"
        return decode_bundle(decompress_bundle(body) if packed else body)

    def save(self, annotation: int, transaction: Transaction) -> Any:
        """Send one transaction, deflated as the editor does."""
        return self.send_body(annotation, encode_transaction(transaction))

    def send_body(self, annotation: int, body: bytes) -> Any:
        headers = {"Content-Type": "application/octet-stream", "X-Body": "deflate-raw"}
        return self._json("POST", f"annotations/{annotation}/transactions", deflate_body(body), headers)

    def download(self, path: str, target: Path) -> int:
        """Write what `path` (under /api/v1/, or absolute) gives to a file; its size in bytes."""
        with self.open("GET", path) as answer, target.open("wb") as file:
            while block := answer.read(1 << 20):
                file.write(block)
        return target.stat().st_size

    def wait_for_request(self, request: int, *, timeout_s: float) -> Row:
        """The finished request's row; raises RuntimeError when it failed or takes too long."""
        deadline = time.monotonic() + timeout_s
        while True:
            row: Row = self.get(f"requests/{request}")
            if row["state"] == "succeeded":
                return row
            if row["state"] in {"failed", "cancelled"} or time.monotonic() > deadline:
                raise RuntimeError(f"Request {request} ({row['kind']}) is {row['state']}: {row.get('error')}")
            time.sleep(0.2)

    def wait_until_up(self, *, timeout_s: float) -> None:
        """Return when the server answers; raises RuntimeError after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=5):
                    return
            except (OSError, HTTPException):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{self.address} did not answer within {timeout_s:g} s.") from None
                time.sleep(0.2)

    def open(
        self, method: str, path: str, body: bytes | None = None, headers: Row | None = None
    ) -> HTTPResponse:
        """The raw answer; raises Answered for any status from 400 on."""
        url = self.address + path if path.startswith("/") else f"{self.address}/api/v1/{path}"
        asked = urllib.request.Request(
            url, data=body, method=method, headers={**self._headers, **(headers or {})}
        )
        try:
            answer: HTTPResponse = urllib.request.urlopen(asked, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            raise Answered(error.code, _parsed(error.read())) from None
        return answer

    def _json(self, method: str, path: str, body: bytes | None = None, headers: Row | None = None) -> Any:
        with self.open(method, path, body, headers) as answer:
            return _parsed(answer.read())


def _with_query(path: str, query: Row) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return {"error": body[:200].decode(errors="replace"), "code": "not_json"}


def refusal(status: int, code: str, call: Sequence[Any]) -> Row:
    """Make a call (function, *arguments) that must be refused with this status and code; its body."""
    function, *arguments = call
    try:
        function(*arguments)
    except Answered as answered:
        if (answered.status, answered.code) != (status, code):
            raise
        return answered.body
    raise AssertionError(f"{function.__name__} was not refused with {status} {code}.")
