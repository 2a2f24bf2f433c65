"""Refusals: sentences a person can act on, in one JSON shape for the whole API."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback


class Refused(Exception):
    """What was asked for will not be done; the sentence says why and what to do instead."""

    status: int = status.HTTP_400_BAD_REQUEST
    code = "refused"

    def __init__(self, sentence: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code
        self.details = details


class NotAllowed(Refused):
    """The person's role does not allow it."""

    status = status.HTTP_403_FORBIDDEN
    code = "not_allowed"


class NotFound(Refused):
    """There is none, or none this person may see."""

    status = status.HTTP_404_NOT_FOUND
    code = "not_found"


class Conflict(Refused):
    """Someone else changed it first, or its state forbids it."""

    status = status.HTTP_409_CONFLICT
    code = "conflict"


class TooLarge(Refused):
    """More than the limit, which the sentence names."""

    status = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    code = "too_large"


class BadContent(Refused):
    """The content breaks a rule of its format."""

    status = status.HTTP_422_UNPROCESSABLE_ENTITY
    code = "bad_payload"


class LeaseLost(Refused):
    """Another tab or person holds the assignment."""

    status = status.HTTP_423_LOCKED
    code = "lease_lost"


class TooMany(Refused):
    """More often than the limit, which the sentence names."""

    status = status.HTTP_429_TOO_MANY_REQUESTS
    code = "too_many"


class NotReady(Refused):
    """Something it needs is not there yet."""

    status = status.HTTP_503_SERVICE_UNAVAILABLE
    code = "not_ready"


def body_of(sentence: str, code: str, fields: dict[str, Any] | None = None, **details: Any) -> dict[str, Any]:
    """The one error shape."""
    return {"error": sentence, "code": code, "fields": fields or {}, **details}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: turn any refusal into the one error shape."""
    if isinstance(error, Refused):
        set_rollback()
        return Response(body_of(error.sentence, error.code, **error.details), status=error.status)
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("There is no such thing here, or you are not a member of its project."))
    elif isinstance(error, OverflowError):
        # SQLite's driver raises it for an id of more than 64 bits, in an address, a filter or a body.
        error = exceptions.NotFound(_("There is nothing with a number that large."))
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ValidationError):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else error.messages
        )
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.Throttled) and (wait := getattr(error, "wait", None)):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "Token")
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        return Response(body_of(_first_sentence(fields), "invalid", fields), status=error.status_code)
    code = error.get_codes()
    return Response(
        body_of(str(error.detail), code if isinstance(code, str) else "error"),
        status=error.status_code,
        headers=headers,
    )


def _first_sentence(fields: dict[str, Any]) -> str:
    """The first problem after the path of names that leads to it: `options.steps: …`."""
    names: list[str] = []
    problems: Any = fields
    while isinstance(problems, list | tuple | dict):
        if isinstance(problems, dict):
            name, problems = next(iter(problems.items()), ("", "is not right"))
            names.append(str(name))
        else:
            problems = next(filter(None, problems), "is not right")
    path = ".".join(name for name in names if name not in {"", "non_field_errors"})
    return f"{path}: {problems}" if path else str(problems)
