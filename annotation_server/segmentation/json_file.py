"""JSON files that people hand in: a broken one is told of by its name."""

import json
from pathlib import Path
from typing import Any


class BadJson(ValueError):
    """The file is no JSON; the sentence names it."""


def read_json(path: Path) -> Any:
    """What the file holds. Raises BadJson where that is no JSON, OSError where there is no such file."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadJson(f"{path} is no JSON: {error}.") from error
