"""Who did what, when: one row per act that changes what others rely on."""

from typing import Any

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """Append-only record of an act."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    project = models.ForeignKey(
        "annotation_server.Project", null=True, on_delete=models.CASCADE, related_name="audit_events"
    )
    verb = models.CharField(max_length=64)
    target = models.CharField(max_length=100)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.target}"


def record(actor: Any, project_id: int | None, verb: str, target: models.Model, **details: Any) -> None:
    """Note that `actor` did `verb` to `target`; `details` must be JSON values."""
    AuditEvent.objects.create(
        actor=actor if getattr(actor, "pk", None) else None,
        project_id=project_id,
        verb=verb,
        target=f"{target._meta.model_name}:{target.pk}",
        details=details,
    )
