"""Releases on S3, and through a real broker and worker that is killed in the middle."""

import os
import signal
import time
from collections.abc import Callable
from subprocess import Popen

import pytest

from annotation_server import media
from annotation_server.releases.models import Release
from annotation_server.releases.start import start_release
from annotation_server.requests.models import Job
from annotation_server.requests.reap import reap

from .conftest import accept, cells, read_json, unpacked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.workers]


def wait_until(happened: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def test_a_release_is_built_from_and_to_s3(s3_storage, accepted_maps, build, tmp_path):
    release = build("v1")
    assert release.state == Release.State.PUBLISHED, release.error
    assert media.size(release.archive_key) == release.size_bytes
    root = unpacked(release, tmp_path)
    assert read_json(root / "MANIFEST.json")["release"] == release.merkle_root


@pytest.mark.faults
def test_a_worker_killed_in_the_middle_is_replaced_and_the_release_is_the_same(
    project, anna, ada, build, make_image, make_annotation, start_worker: Callable[..., Popen[bytes]]
):
    label_map = cells(1500, 1200, 9, seed=1)
    for _ in range(15):  # enough work that the kill lands in the middle of it
        accept(make_annotation(make_image(project, 1500, 1200), anna, label_map, named="tree"))
    untouched = build("untouched")
    release = start_release(project, "killed", "", by=ada)
    job = release.request.jobs.get()
    first = start_worker("default", JOB_STALE_SECONDS="2")
    wait_until(lambda: Job.objects.get(pk=job.pk).attempts == 1)
    os.killpg(os.getpgid(first.pid), signal.SIGKILL)
    interrupted = not Release.objects.filter(pk=release.pk, state=Release.State.PUBLISHED).exists()

    start_worker("default")
    Job.objects.filter(pk=job.pk, state="running").update(heartbeat_at="2000-01-01T00:00:00Z")
    reap()
    wait_until(lambda: Release.objects.get(pk=release.pk).state == Release.State.PUBLISHED)

    assert interrupted
    release.refresh_from_db()
    assert release.merkle_root == untouched.merkle_root
    assert media.read(release.archive_key) == media.read(untouched.archive_key)
