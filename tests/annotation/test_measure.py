"""A submission is measured after it stands: once, by a worker, whatever becomes of the message."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation_server import queue
from annotation_server.annotation import measure as measuring
from annotation_server.annotation.measure import measure, reap_unmeasured
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.start import store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map

LEFT_AND_RIGHT = np.repeat([[1, 1, 2, 2]], 4, axis=0).astype(np.uint16)


@pytest.fixture
def taken(project, anna, make_image, make_annotation):
    """Anna's copy of a prediction of two halves, one of them with a hole."""
    Project.objects.filter(pk=project.pk).update(names_required=False, min_coverage=0, max_gap_px=64)
    image = make_image(project, 4, 4)
    version = ModelVersion.objects.create(name="v1", stage="champion")
    prediction = store_prediction(image, version, pack_map(LEFT_AND_RIGHT), {1: 0.5, 2: 0.5})
    with_gap = LEFT_AND_RIGHT.copy()
    with_gap[0, 0] = 0
    annotation = make_annotation(image, anna, with_gap)
    annotation.prediction = prediction
    annotation.save()
    annotation.masks.update(source=prediction)
    for mask in annotation.masks.all():
        mask.source_number = mask.number
        mask.save()
    return annotation


@pytest.fixture
def submit(taken, anna, client_of):
    def submit():
        lease = str(taken.assignment.lease)
        address = f"/api/v1/annotations/{taken.pk}/submit"
        answer = client_of(anna).post(address, {"lease": lease, "allow_unnamed": True}, format="json")
        assert answer.status_code == 200, answer.json()

    return submit


def test_it_works(taken, submit):
    submit()
    taken.refresh_from_db()
    assert (taken.is_measured, taken.agreement) == (False, None)
    assert measure(taken.pk)
    taken.refresh_from_db()
    assert (taken.is_measured, taken.agreement) == (True, pytest.approx((7 / 8 + 1) / 2))
    assert not measure(taken.pk), "a message that comes twice does nothing"


def test_its_label_map_is_read_once(taken, submit):
    """Once its own and once its prediction's, though gaps and changes are both looked at."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        submit()
    maps = [query["sql"] for query in queries if 'FROM "annotation_server_labelmap"' in query["sql"]]
    assert len(maps) == 2
    assert taken.masks.get(number=1).changed_share == pytest.approx(1 / 8)


def test_submitted_again_meanwhile_it_waits_again(taken, submit, monkeypatch):
    submit()

    def and_submitted_again(annotation_id):
        Annotation.objects.filter(pk=annotation_id).update(submitted_at=timezone.now())

    monkeypatch.setattr(measuring, "count_names", and_submitted_again)
    assert measure(taken.pk)
    assert not Annotation.objects.get(pk=taken.pk).is_measured


@pytest.mark.services
def test_a_lost_message_is_sent_again(taken, submit, broker, django_capture_on_commit_callbacks):
    def waiting():
        with queue.connected() as connection:
            return queue.waiting(connection, queue.DEFAULT)

    with django_capture_on_commit_callbacks(execute=True):
        submit()
    assert waiting() == 1
    assert reap_unmeasured() == 0, "it may be on its way"
    Annotation.objects.update(submitted_at=timezone.now() - timedelta(minutes=2))
    assert (reap_unmeasured(), waiting()) == (1, 2)
    Annotation.objects.update(submitted_at=timezone.now() - timedelta(days=2))
    assert reap_unmeasured() == 0, "one that never succeeds is given up"


def test_without_a_broker_it_stands_all_the_same(taken, submit, settings, django_capture_on_commit_callbacks):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with django_capture_on_commit_callbacks(execute=True):
        submit()
    assert Annotation.objects.get(pk=taken.pk).state == "submitted"
