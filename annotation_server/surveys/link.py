"""The link for people without an account: a key that is shown once, kept hashed, and expires."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status

from annotation_server import audit
from annotation_server.errors import Conflict, NotFound, Refused
from annotation_server.surveys.models import Survey

LONGEST_DAYS = 365


class Gone(Refused):
    """It was there, and is over."""

    status = status.HTTP_410_GONE
    code = "gone"


def digest_of(key: str) -> str:
    """SHA-256 of a key, which is all that is kept of it."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_link(survey_id: int, days: int, *, by: Any) -> tuple[str, datetime]:
    """A new key and when it expires; the key before it stops working. Who takes part already goes on."""
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if survey.state in (Survey.State.PREPARING, Survey.State.FAILED):
        raise Conflict(_("A survey gets a link once it is ready."), code="wrong_state", state=survey.state)
    key = secrets.token_urlsafe(24)
    survey.link_digest = digest_of(key)
    survey.link_expires_at = timezone.now() + timedelta(days=days)
    survey.save(update_fields=["link_digest", "link_expires_at"])
    audit.record(by, survey.project_id, "survey.link", survey, days=days)
    return key, survey.link_expires_at


@transaction.atomic
def revoke_link(survey_id: int, *, by: Any) -> None:
    """Let the link lead nowhere; nothing happens where there is none."""
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if not survey.link_digest:
        return
    survey.link_digest, survey.link_expires_at = "", None
    survey.save(update_fields=["link_digest", "link_expires_at"])
    audit.record(by, survey.project_id, "survey.revoke_link", survey)


def survey_at(key: str) -> Survey:
    """The survey that a link leads to, open or closed.

    Raises NotFound (``unknown_link``) and Gone (``link_expired``).
    """
    survey = Survey.objects.filter(link_digest=digest_of(key)).first() if key else None
    if survey is None:
        raise NotFound(
            _("This link leads nowhere: it was mistyped, or replaced by a new one. Ask whoever sent it."),
            code="unknown_link",
        )
    if survey.link_expires_at is None or survey.link_expires_at <= timezone.now():
        raise Gone(_("This link has expired. Ask whoever sent it for a new one."), code="link_expired")
    return survey
