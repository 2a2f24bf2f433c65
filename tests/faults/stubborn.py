"""A tab that does not give up: it sends the same bytes over a real socket until it has an answer."""

import http.client
import json
import random
import time
from dataclasses import dataclass
from typing import Any

from annotation_server.accounts.models import ApiToken, User
from annotation_server.annotation.models import Annotation
from tests.annotation.editor import Editor, disc

NO_ANSWER = (OSError, http.client.HTTPException)
PAUSE_S = 0.05


@dataclass(frozen=True)
class Answer:
    """What came back, with the names that Django's test client uses."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class StubbornClient:
    """HTTP with a token; every request is repeated until it is answered, and not with 5xx."""

    def __init__(self, port: int, user: User, *, patience_s: float = 240) -> None:
        self._port = port
        self._patience_s = patience_s
        self._headers = {"Authorization": f"Token {ApiToken.issue(user, name='stubborn')[1]}"}
        self.repeated = 0

    def get(self, path: str) -> Answer:
        return self._insist("GET", path, None, {"Accept-Encoding": "identity"})

    def post(
        self,
        path: str,
        body: Any,
        *,
        format: str | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = json.dumps(body).encode() if format == "json" else body
        return self._insist("POST", path, data, {"Content-Type": content_type, **(headers or {})})

    def _insist(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        deadline = time.monotonic() + self._patience_s
        last: object = None
        while True:
            try:
                answer = self._once(method, path, body, headers)
                if answer.status_code < 500:
                    return answer
                last = answer
            except NO_ANSWER as error:
                last = error
            assert time.monotonic() < deadline, f"{method} {path} was never answered: {last!r}"
            self.repeated += 1
            time.sleep(PAUSE_S)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, body=body, headers={**self._headers, **headers})
            response = connection.getresponse()
            if response.length is None:
                raise http.client.IncompleteRead(b"")  # cut within its headers
            return Answer(response.status, response.read())
        finally:
            connection.close()


class Painter:
    """Draws dab after dab, each saved before the next; knows what the server must have in the end."""

    def __init__(self, port: int, user: User, annotation: Annotation, *, seed: int) -> None:
        self.client = StubbornClient(port, user)
        self.editor = Editor(self.client, annotation)
        self.annotation = annotation
        self.acknowledged = 0
        self.replayed = 0
        self._random = random.Random(seed)

    def dab(self) -> None:
        """One disc, now and then of a new entity, on the server when this returns."""
        pick, pixels = self._random, self.editor.pixels
        height, width = pixels.shape
        entities = [self.editor.new_entity()] if pick.random() < 0.2 else []
        number = entities[0].number if entities else pick.choice(sorted(self.editor.mask_versions))
        before = pixels.copy()
        disc(pixels, pick.randrange(width), pick.randrange(height), pick.randrange(3, 60), number)
        if (before == pixels).all():
            return
        answer = self.editor.save(*entities)
        self.acknowledged += 1
        self.replayed += answer["replayed"]
