"""Work that is mixed into a person's queue unseen: consistency studies and honeypots.

The packages above register where it comes from; to whoever draws, it looks like any other image.
"""

from collections.abc import Callable
from typing import Any

from annotation_server.annotation.models import Assignment

Source = Callable[[Any, int], Assignment | None]

_sources: list[tuple[int, Source]] = []


def hidden_work(order: int) -> Callable[[Source], Source]:
    """Decorator: ask this function (user, project id) for work before a new image; least order first.

    It is called in the transaction that gives a person their next work, and makes the assignment and its
    annotation, or returns None.
    """

    def register(source: Source) -> Source:
        _sources.append((order, source))
        _sources.sort(key=lambda entry: entry[0])
        return source

    return register


def next_hidden(user: Any, project_id: int) -> Assignment | None:
    """The first piece of hidden work that some source has for this person now."""
    for _order, source in _sources:
        assignment = source(user, project_id)
        if assignment is not None:
            return assignment
    return None
