"""The consistency reports that a release carries: those of its project's closed studies, by hash."""

from typing import Any

from annotation_server.consistency.models import Study
from annotation_server.releases.models import Release

FOLDER = "consistency"


def reports_now(project_id: int) -> list[dict[str, Any]]:
    """[{study, report_sha256}] of the closed studies whose report is worked out, by study."""
    rows = Study.objects.filter(project=project_id, state=Study.State.CLOSED).exclude(report_sha256="")
    return [
        {"study": pk, "report_sha256": sha256}
        for pk, sha256 in rows.order_by("pk").values_list("pk", "report_sha256")
    ]


def report_files(release: Release) -> dict[str, str]:
    """Storage key of every report by its path in the release; what lies under a key never changes."""
    return {
        report_path(row["study"]): Study(pk=row["study"], report_sha256=row["report_sha256"]).report_key
        for row in release.studies
    }


def told(release: Release) -> list[dict[str, Any]]:
    """What the manifest says of them beside their files."""
    return [{**row, "path": report_path(row["study"])} for row in release.studies]


def report_path(study_id: int) -> str:
    """Relative to the release's root."""
    return f"{FOLDER}/study_{study_id:06d}/report.json"
