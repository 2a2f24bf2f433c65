"""Building a release: inputs fixed, files written aside, packed, stored, and only then published.

An attempt that dies leaves nothing that is seen; the next one starts again from the same inputs and makes the
same bytes. A published release is never touched.
"""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from annotation_server import media
from annotation_server.images.models import Image
from annotation_server.projects.models import Project
from annotation_server.releases.archive import write_archive
from annotation_server.releases.carried import carried_files, carried_told
from annotation_server.releases.datasheet import datasheet
from annotation_server.releases.export import write_annotations, write_json
from annotation_server.releases.inputs import Input, fix_inputs
from annotation_server.releases.layout import Entry, entries
from annotation_server.releases.manifest import merkle_root
from annotation_server.releases.models import Release
from annotation_server.releases.plots import write_plots
from annotation_server.releases.studies import report_files, told
from annotation_server.requests.models import Job
from annotation_server.requests.progress import when_given_up
from annotation_server.requests.pulse import Pulse
from annotation_server.vocabulary.revision import revision_of, vocabulary_rows

TASK = "server.build_release"
_ROWS_AT_ONCE = 500


def build_release(job: Job, pulse: Pulse) -> None:
    """Build and publish the release of a job; nothing happens if it is published already.

    Raises Cancelled when the job was called off and Refused when there is nothing to release or a stored
    annotation is damaged.
    """
    release = Release.objects.select_related("project").get(pk=job.payload["release"])
    if release.state != Release.State.BUILDING:
        return
    images = _images(fix_inputs(release.pk))
    release.refresh_from_db(fields=["studies", "carried"])
    terms = vocabulary_rows(release.project_id)
    with tempfile.TemporaryDirectory(prefix="tessera-release-") as temporary:
        written, archive = Path(temporary, "files"), Path(temporary, "archive.tar")
        statistics = write_annotations(images, terms, written, lambda share: pulse.check(0.7 * share))
        summary = statistics.summary()
        _write_about(release.project, images, summary, written)
        stored = {image.picture_path: image.file_key for image in images} | report_files(release)
        stored |= carried_files(release)
        about = _about(release, revision_of(terms), statistics.images, statistics.masks)
        files, manifest = write_archive(
            archive, written, stored, about, lambda share: pulse.check(0.7 + 0.25 * share)
        )
        root = merkle_root(files)
        media.write_file(release.archive_key, archive)
        media.write(release.manifest_key, manifest)
        pulse.check(1.0)
        Release.objects.filter(pk=release.pk, state=Release.State.BUILDING).update(
            state=Release.State.PUBLISHED,
            merkle_root=root,
            statistics=summary,
            images=statistics.images,
            masks=statistics.masks,
            size_bytes=archive.stat().st_size,
            published_at=timezone.now(),
            error="",
        )


def _write_about(project: Project, images: list[Entry], summary: dict[str, Any], folder: Path) -> None:
    """Statistics, their plots and the datasheet."""
    write_json(folder / "statistics/statistics.json", summary)
    write_plots(summary, folder / "statistics")
    (folder / "datasheet.md").write_text(datasheet(project, images, summary), encoding="utf-8")


def _images(inputs: list[Input]) -> list[Entry]:
    ids = [row.image for row in inputs]
    found: dict[int, Image] = {}
    for at in range(0, len(ids), _ROWS_AT_ONCE):
        found |= Image.objects.in_bulk(ids[at : at + _ROWS_AT_ONCE])
    return entries(inputs, found)


def _about(release: Release, vocabulary: str, images: int, masks: int) -> dict[str, Any]:
    """What MANIFEST.json says beside the files; the same for two builds of the same inputs."""
    return {
        "project": {"id": release.project_id, "name": release.project.name},
        "vocabulary_revision": vocabulary,
        "code_version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "images": images,
        "masks": masks,
        "studies": told(release),
        "evaluations": carried_told(release),
    }


@when_given_up(TASK)
def mark_failed(job: Job, reason: str) -> None:
    """The release says why it was not published."""
    Release.objects.filter(pk=job.payload["release"], state=Release.State.BUILDING).update(
        state=Release.State.FAILED, error=reason
    )
