"""The main job from log-in to a verified release, on real processes, a real broker and a real S3."""

import pytest

from annotation_server.demo import content
from annotation_server.demo.client import Client
from annotation_server.demo.fill import pre_annotate, upload, wait_until_tiled
from annotation_server.demo.walk import Walk, walk
from annotation_server.management.commands.demo import prepare

PASSWORD = "words and pixels"
SCENES = [content.scene(1, 640, 480), content.scene(2, 517, 389, entities=1)]


@pytest.mark.services
@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_from_log_in_to_a_verified_release_on_s3(s3_storage, start_worker, web_server, tmp_path):
    project = prepare(PASSWORD)
    start_worker("default")
    start_worker("ml")
    ada = Client.logged_in(web_server, "ada", PASSWORD)
    upload(ada, project.pk, SCENES)
    wait_until_tiled(ada, project.pk, timeout_s=240)
    pre_annotate(ada, project.pk)
    names = frozenset(scene.name for scene in SCENES)
    state = Walk(address=web_server, password=PASSWORD, folder=tmp_path, expected=names)
    walk(state, timeout_s=300)
    assert state.counts["images"] == 2
    assert state.counts["coco_masks"] == state.counts["masks"] > 2
    assert len(state.merkle_root) == 64
