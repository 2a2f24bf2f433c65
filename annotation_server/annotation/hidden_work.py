"""Work that is mixed into a person's queue unseen: consistency studies and honeypots.

The packages above register where it comes from; to whoever draws, it looks like any other image, and what it
asks for is asked for with all work of the project.
"""

from collections.abc import Callable
from typing import Any

from annotation_server.annotation.models import Assignment

Source = Callable[[Any, int], Assignment | None]
Instructions = Callable[[int], str]

_sources: list[tuple[int, Source]] = []
_instructions: list[Instructions] = []


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


def shown_to_all(instructions: Instructions) -> Instructions:
    """Decorator: what this function tells of a project is shown with all drawing in it, hidden or not."""
    _instructions.append(instructions)
    return instructions


def instructions_of(project_id: int) -> str:
    """What whoever draws in a project is told, as plain text."""
    return "\n\n".join(text for source in _instructions if (text := source(project_id)))


def next_hidden(user: Any, project_id: int) -> Assignment | None:
    """The first piece of hidden work that some source has for this person now."""
    for _order, source in _sources:
        assignment = source(user, project_id)
        if assignment is not None:
            return assignment
    return None
