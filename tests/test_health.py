"""`/healthz` tells what answers."""

import pytest
from django.core.files.storage import default_storage


def test_it_works(client, db, broker):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "storage": "ok"}


def test_without_a_broker_people_go_on_working(client, db, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["broker"] == "does not answer"


def test_without_the_storage_it_is_not_healthy(client, db, broker, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "gone",
                "endpoint_url": "http://127.0.0.1:1",
                "access_key": "a",
                "secret_key": "b",
            },
        },
    }
    assert default_storage.bucket_name == "gone"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["storage"] == "does not answer"


@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_only_reads(client, db, method):
    assert getattr(client, method)("/healthz").status_code == 405
