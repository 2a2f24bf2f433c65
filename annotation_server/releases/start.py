"""Asking for a release, and taking back one that failed."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.annotation.accepted import accepted
from annotation_server.errors import Conflict
from annotation_server.projects.models import Project
from annotation_server.releases.build import TASK
from annotation_server.releases.models import Release
from annotation_server.requests import progress
from annotation_server.requests.models import Request


@transaction.atomic
def start_release(project: Project, name: str, notes: str, *, by: Any) -> Release:
    """Record a release and have it built; raises Conflict when nothing is accepted or the name is taken."""
    if not accepted(project.pk).exists():
        raise Conflict(
            _("No annotation of this project is accepted yet. Submit one and have it reviewed first."),
            code="nothing_to_release",
        )
    try:
        with transaction.atomic():
            release = Release.objects.create(project=project, name=name, notes=notes, created_by=by)
    except IntegrityError:
        raise Conflict(
            _("This project has a release “%(name)s” already. Choose another name.") % {"name": name},
            code="name_taken",
        ) from None
    job = progress.NewJob(task=TASK, payload={"release": release.pk})
    release.request = progress.start(
        project.pk, Request.Kind.RELEASE, [job], by=by, message=f"Building release {name}."
    )
    release.request.result = {"url": f"/projects/{project.pk}/releases/{release.pk}"}
    release.request.save(update_fields=["result"])
    release.save(update_fields=["request"])
    audit.record(by, project.pk, "release.start", release, name=name)
    return release


@transaction.atomic
def discard_failed(release_id: int, *, by: Any) -> None:
    """Delete a release that failed, so that its name is free again; raises Conflict for any other."""
    release = Release.objects.select_for_update().get(pk=release_id)
    if release.state == Release.State.PUBLISHED:
        raise Conflict(
            _("Release %(name)s is published: it never changes and cannot be deleted.")
            % {"name": release.name},
            code="published",
        )
    if release.state == Release.State.BUILDING:
        raise Conflict(
            _("Release %(name)s is being built. Cancel its request first.") % {"name": release.name},
            code="building",
        )
    audit.record(by, release.project_id, "release.discard", release, name=release.name)
    folder = release.folder
    release.delete()
    transaction.on_commit(lambda: media.delete_folder(folder))
