"""What became of proposals: by model version, how many were kept, edited or rejected, and what was drawn."""

from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from annotation_server.annotation.submission import Submission

_ORIGINS = ("kept", "edited", "rejected", "drawn")


def acceptance(rows: QuerySet[Submission]) -> list[dict[str, Any]]:
    """By model version, newest first, from the latest submissions; images begun from nothing come last."""
    latest = rows.filter(is_latest=True)
    grouped = latest.values("model_version", name=F("model_version__name")).annotate(
        images=Count("pk"), **{f"sum_{origin}": Sum(origin) for origin in _ORIGINS}
    )
    return [_row(dict(row)) for row in grouped.order_by(F("model_version").desc(nulls_last=True))]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    counts = {origin: row[f"sum_{origin}"] for origin in _ORIGINS}
    return {
        "model_version": row["model_version"],
        "name": row["name"] or "",
        "images": row["images"],
        "proposed": counts["kept"] + counts["edited"] + counts["rejected"],
        **counts,
    }
