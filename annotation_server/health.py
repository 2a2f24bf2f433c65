"""`/healthz`: whether the database, the broker and the storage answer."""

from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from annotation_server.queue import broker_answers

OK, GONE = "ok", "does not answer"


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all answer; 503 when the database or the storage does not.

    Without the broker people go on annotating, so its absence is told but does not fail the check.
    """
    state = {
        "database": OK if _database_answers() else GONE,
        "broker": OK if broker_answers() else GONE,
        "storage": OK if _storage_answers() else GONE,
    }
    able = state["database"] == state["storage"] == OK
    return JsonResponse(state, status=200 if able else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _storage_answers() -> bool:
    # Any failure of the storage's own client means the same here.
    try:
        default_storage.exists("healthz")
    except Exception:
        return False
    return True
