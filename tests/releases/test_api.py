import io
import json
import tarfile

import pytest

from annotation_server.audit import AuditEvent
from annotation_server.releases.models import Release

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"name": "v1", "notes": "The first."}


@pytest.fixture
def admin(client_of, ada):
    return client_of(ada)


def test_it_works(admin, project, accepted_maps, broker):
    response = admin.post("/api/v1/releases", {**NEW, "project": project.pk}, format="json")
    assert response.status_code == 202, response.content
    body = response.json()
    assert (body["state"], body["notes"], body["archive_url"]) == ("building", "The first.", None)
    request = admin.get(f"/api/v1/requests/{body['request']}").json()
    assert (request["kind"], request["state"]) == ("release", "queued")
    assert request["result_url"] == f"/projects/{body['project']}/releases/{body['id']}"
    assert AuditEvent.objects.get(verb="release.start").actor.username == "ada"
    rows = admin.get(f"/api/v1/releases?project={project.pk}").json()
    assert (rows["count"], rows["results"][0]["id"]) == (1, body["id"])


def test_archive_and_manifest_are_downloads(admin, build, accepted_maps):
    release = build("v1/ä")
    row = admin.get(f"/api/v1/releases/{release.pk}").json()
    archive = admin.get(row["archive_url"])
    assert archive["Content-Type"] == "application/x-tar"
    assert archive["Content-Disposition"] == f'attachment; filename="v1a-{release.merkle_root[:12]}.tar"'
    content = b"".join(archive.streaming_content)
    assert len(content) == int(archive["Content-Length"]) == row["size_bytes"]
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        packed = tar.extractfile("entityseg/MANIFEST.json").read()
    manifest = admin.get(row["files_url"])
    assert manifest.content == packed
    assert json.loads(packed)["release"] == row["merkle_root"]
    assert row["statistics"]["images"] == 6


def test_a_published_release_cannot_be_deleted(admin, build, accepted_maps):
    release = build("v1")
    response = admin.delete(f"/api/v1/releases/{release.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "published")
    assert Release.objects.get(pk=release.pk).state == "published"


def test_a_release_under_way_cannot_be_deleted_but_a_failed_one_can(admin, project, accepted_maps, broker):
    row = admin.post("/api/v1/releases", {**NEW, "project": project.pk}, format="json").json()
    url = f"/api/v1/releases/{row['id']}"
    assert admin.delete(url).json()["code"] == "building"
    assert admin.get(f"{url}/archive").json()["code"] == "not_published"
    assert admin.post(f"/api/v1/requests/{row['request']}/cancel").status_code == 200
    assert admin.get(url).json()["state"] == "failed"
    assert admin.delete(url).status_code == 204
    assert admin.get(url).status_code == 404


def test_a_name_is_used_once(admin, project, accepted_maps, broker):
    assert admin.post("/api/v1/releases", {**NEW, "project": project.pk}, format="json").status_code == 202
    response = admin.post("/api/v1/releases", {**NEW, "project": project.pk}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "name_taken")


def test_without_accepted_annotations_there_is_nothing_to_release(admin, project):
    response = admin.post("/api/v1/releases", {**NEW, "project": project.pk}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "nothing_to_release")
    assert not Release.objects.exists()


@pytest.mark.parametrize("body", [{}, {"project": "x", "name": "v"}, {"project": 1, "name": ""}])
def test_what_is_missing_is_named(admin, body):
    response = admin.post("/api/v1/releases", body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_only_admins_publish(client_of, carl, project, accepted_maps):
    response = client_of(carl).post("/api/v1/releases", {**NEW, "project": project.pk}, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


def test_members_read_and_strangers_see_nothing(client_of, anna, eve, build, accepted_maps):
    release = build("v1")
    urls = [f"/api/v1/releases/{release.pk}{end}" for end in ("", "/archive", "/manifest")]
    assert [client_of(anna).get(url).status_code for url in urls] == [200, 200, 200]
    assert [client_of(eve).get(url).status_code for url in urls] == [404, 404, 404]
    assert [client_of(None).get(url).status_code for url in urls] == [401, 401, 401]
    assert client_of(eve).get("/api/v1/releases").json()["count"] == 0
    assert client_of(eve).delete(urls[0]).status_code == 404
    assert client_of(anna).delete(urls[0]).status_code == 403
    created = client_of(eve).post("/api/v1/releases", {**NEW, "project": release.project_id}, format="json")
    assert created.status_code == 404
