"""The services of the session are real and ours alone."""

import urllib.error
import urllib.request
from dataclasses import replace

import psycopg
import pytest
import redis
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from annotation_server.accounts.models import User
from tests.session_services import postgresql, tessera

pytestmark = pytest.mark.services


def test_postgresql_from_the_wheel_answers():
    with postgresql.running() as url, psycopg.connect(url) as session:
        assert session.execute("select 6 * 7").fetchone() == (42,)


def test_the_broker_keeps_what_it_is_given(broker):
    client = redis.Redis(unix_socket_path=broker.partition("://")[2])
    client.set("word", "entity")
    assert client.get("word") == b"entity"


def test_files_go_to_the_bucket(s3_storage, s3_service):
    default_storage.save("images/1.txt", ContentFile(b"one"))
    body = s3_service.client().get_object(Bucket=s3_storage, Key="images/1.txt")["Body"]
    assert body.read() == b"one"


def test_a_wrong_key_is_refused_by_s3(s3_storage, s3_service):
    with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|Forbidden"):
        replace(s3_service, secret="wrong").client().list_objects(Bucket=s3_storage)


def test_files_stay_out_of_var(media_root):
    name = default_storage.save("probe.txt", ContentFile(b"x"))
    assert (media_root / name).read_bytes() == b"x"


@pytest.mark.django_db(transaction=True)
def test_other_processes_see_the_tests_database(process_environment, web_server):
    User.objects.create_user("anna", password="words-and-pixels")
    env = process_environment()
    assert env["DATABASE_URL"] == tessera.database_url(connection.settings_dict)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{web_server}/no-such-page")
