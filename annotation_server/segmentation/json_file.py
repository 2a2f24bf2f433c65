"""JSON files that people hand in: a broken one is told of by its name."""

import contextlib
import json
from pathlib import Path
from typing import Any

import orjson


class BadJson(ValueError):
    """The file is no JSON; the sentence names it."""


def read_json(path: Path) -> Any:
    """What the file holds. Raises BadJson where that is no JSON, OSError where there is no such file."""
    data = path.read_bytes()
    with contextlib.suppress(orjson.JSONDecodeError):
        return orjson.loads(data)
    try:  # slower; takes what is no JSON but often written, such as NaN, and says what is wrong
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadJson(f"{path} is no JSON: {error}.") from error
