"""Images over HTTP: upload, list, one, delete; who may do what."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation_server import media
from annotation_server.audit import AuditEvent
from annotation_server.images.models import Image
from annotation_server.requests.models import Job
from annotation_server.tasks import tile_image
from tests.images import pictures

URL = "/api/v1/images"


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def upload(client: Any, project: Any, *files: SimpleUploadedFile) -> Any:
    return client.post(URL, {"project": project.pk, "files": list(files)}, format="multipart")


def tile_all() -> None:
    """What the worker does with the jobs that are waiting."""
    for job in Job.objects.filter(state="queued"):
        tile_image(job.pk)


def test_it_works(project, ada, client_of) -> None:
    client = client_of(ada)
    answer = upload(
        client, project, file("a.jpg", pictures.encoded("JPEG")), file("b.png", pictures.png_16_bit())
    )
    assert answer.status_code == 201
    assert [row["file_name"] for row in answer.json()["accepted"]] == ["a.jpg", "b.png"]
    assert answer.json()["refused"] == []
    assert {row["state"] for row in answer.json()["accepted"]} == {"tiling"}
    tile_all()
    request = client.get(f"/api/v1/requests/{answer.json()['request']}").json()
    assert (request["state"], request["done"], request["total"], request["progress"]) == (
        "succeeded",
        2,
        2,
        1.0,
    )
    rows = client.get(URL, {"project": project.pk}).json()["results"]
    assert [(row["state"], row["width"], row["height"], row["work_state"]) for row in rows] == [
        ("ready", 64, 48, "none")
    ] * 2
    assert client.get(rows[0]["thumbnail_url"]).content.startswith(b"\xff\xd8\xff")
    assert AuditEvent.objects.filter(verb="images.upload", actor=ada).count() == 1


def test_good_files_are_taken_beside_bad_ones(project, ada, client_of) -> None:
    answer = upload(
        client_of(ada),
        project,
        file("notes.png", b"just words"),
        file("a.jpg", pictures.encoded("JPEG")),
        file("copy of a.jpg", pictures.encoded("JPEG")),
        file("../../etc/pass\x00wd.png", pictures.encoded("PNG")),
    ).json()
    assert [row["file_name"] for row in answer["accepted"]] == ["a.jpg", "passwd.png"]
    assert [(row["file_name"], row["code"]) for row in answer["refused"]] == [
        ("notes.png", "format"),
        ("copy of a.jpg", "duplicate"),
    ]
    assert "same file as a.jpg" in answer["refused"][1]["error"]


def test_the_same_file_is_refused_later_too_but_not_in_another_project(project, ada, eve, client_of) -> None:
    content = pictures.encoded("JPEG")
    upload(client_of(ada), project, file("first.jpg", content))
    answer = upload(client_of(ada), project, file("again.jpg", content)).json()
    assert "first.jpg" in answer["refused"][0]["error"]
    assert answer["request"] is None
    own = eve.memberships.get().project
    assert len(upload(client_of(eve), own, file("mine.jpg", content)).json()["accepted"]) == 1


def test_refused_files_leave_nothing_behind(project, ada, client_of, media_root) -> None:
    before = {path for path in media_root.rglob("*") if path.is_file()}
    upload(client_of(ada), project, file("a.svg", b"<svg/>"), file("b.jpg", pictures.encoded("JPEG")[:-9]))
    assert {path for path in media_root.rglob("*") if path.is_file()} == before
    assert not Image.objects.exists()


def test_a_failure_halfway_leaves_nothing_behind(project, ada, media_root, monkeypatch) -> None:
    from annotation_server.images.upload import Offered, take

    before = {path for path in media_root.rglob("*") if path.is_file()}

    def files() -> Any:
        yield Offered("a.jpg", pictures.encoded("JPEG"))
        raise OSError("The network share went away.")

    with pytest.raises(OSError, match="share"):
        take(project, files(), by=ada)
    assert {path for path in media_root.rglob("*") if path.is_file()} == before
    assert not Image.objects.exists()


def test_damage_found_while_tiling_fails_the_image_and_says_why(project, ada, client_of) -> None:
    client = client_of(ada)
    noise = pictures.encoded("PNG", pictures.noise(200, 200))
    answer = upload(client, project, file("bad.png", noise[:9000] + b"\0" * 500 + noise[9500:])).json()
    tile_all()
    image = client.get(f"{URL}/{answer['accepted'][0]['id']}").json()
    assert image["state"] == "failed"
    assert "damaged" in image["error"]
    assert media.exists(Image.objects.get().upload_key)
    request = client.get(f"/api/v1/requests/{answer['request']}").json()
    assert request["state"] == "failed"
    assert request["error"].startswith("bad.png: ")
    assert client.get(f"{URL}/{image['id']}/thumbnail").status_code == 503
    assert client.delete(f"{URL}/{image['id']}").status_code == 204
    assert Image.objects.count() == 0


def test_only_curators_and_admins_upload(project, anna, rita, carl, eve, client_of) -> None:
    picture = pictures.encoded("JPEG")
    for person, status in ((anna, 403), (rita, 403), (eve, 404), (None, 401), (carl, 201)):
        assert upload(client_of(person), project, file("a.jpg", picture)).status_code == status


def test_a_file_over_the_limit_stops_the_upload(project, ada, client_of, settings) -> None:
    settings.MAX_UPLOAD_BYTES = 100_000
    answer = upload(
        client_of(ada), project, file("big.png", pictures.encoded("PNG", pictures.noise(300, 300)))
    )
    assert answer.status_code == 413
    assert "big.png" in answer.json()["error"]


def test_a_browser_session_uploads_with_its_csrf_token_and_not_without(project, ada) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    token = client.get("/api/v1/me").json()["csrf_token"]
    body = {"project": project.pk, "files": file("a.jpg", pictures.encoded("JPEG"))}
    assert client.post(URL, body).status_code == 403
    body["files"] = file("a.jpg", pictures.encoded("JPEG"))
    assert client.post(URL, {**body, "csrfmiddlewaretoken": token}).status_code == 201
    body["files"] = file("b.png", pictures.encoded("PNG"))
    assert client.post(URL, body, headers={"X-CSRFToken": token}).status_code == 201


def test_an_upload_without_files_or_project_is_refused(project, ada, client_of) -> None:
    assert upload(client_of(ada), project).status_code == 400
    assert client_of(ada).post(URL, {"project": "x"}, format="multipart").status_code == 400


def test_strangers_see_nothing(project, make_image, ada, eve, client_of) -> None:
    image = make_image(project)
    assert client_of(eve).get(URL).json()["count"] == 0
    for address in ("", "/thumbnail", "/image.dzi", "/image_files/0/0_0.jpg", "/file"):
        assert client_of(eve).get(f"{URL}/{image.pk}{address}").status_code == 404
        assert client_of(None).get(f"{URL}/{image.pk}{address}").status_code == 401
    assert client_of(eve).delete(f"{URL}/{image.pk}").status_code == 404


def test_work_states_are_told_and_filtered(project, make_image, make_annotation, anna, client_of) -> None:
    import numpy as np

    untouched = make_image(project, 20, 20, file_name="a.png")
    half = np.zeros((20, 20), np.uint16)
    half[:10] = 1
    annotation = make_annotation(make_image(project, 20, 20, file_name="b.png"), anna, half)
    client = client_of(anna)
    rows = client.get(URL, {"ordering": "file_name"}).json()["results"]
    assert [(row["work_state"], row["coverage"], row["entities"], row["annotator"]) for row in rows] == [
        ("none", None, None, None),
        ("assigned", 0.5, 1, "anna"),
    ]
    assert rows[1]["annotation"] == annotation.pk
    for state, expected in (("none", [untouched.pk]), ("assigned", [annotation.image_id]), ("predicted", [])):
        found = client.get(URL, {"work_state": state}).json()["results"]
        assert [row["id"] for row in found] == expected
    annotation.assignment.state = "submitted"
    annotation.assignment.save()
    assert client.get(URL, {"work_state": "submitted"}).json()["count"] == 1


def test_filters_are_allow_listed(project, make_image, anna, client_of) -> None:
    make_image(project, file_name="street.png")
    make_image(project, file_name="beach.png", split="val")
    client = client_of(anna)
    assert client.get(URL, {"search": "STREET"}).json()["count"] == 1
    assert client.get(URL, {"split": "val"}).json()["results"][0]["file_name"] == "beach.png"
    assert client.get(URL, {"state": "nonsense"}).status_code == 400
    assert client.get(URL, {"uploaded_by__password__startswith": "a"}).json()["count"] == 2
    assert [row["file_name"] for row in client.get(URL, {"ordering": "file_name"}).json()["results"]] == [
        "beach.png",
        "street.png",
    ]


def test_an_image_somebody_worked_on_stays(
    project, make_image, make_annotation, anna, ada, client_of
) -> None:
    image = make_image(project, 20, 20)
    make_annotation(image, anna)
    answer = client_of(ada).delete(f"{URL}/{image.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "Anna" in answer.json()["error"]
    assert client_of(anna).delete(f"{URL}/{image.pk}").status_code == 403


def test_deleting_an_image_that_waits_ends_its_job(project, ada, client_of) -> None:
    client = client_of(ada)
    files = [file("a.jpg", pictures.encoded("JPEG")), file("b.png", pictures.encoded("PNG"))]
    answer = upload(client, project, *files).json()
    assert client.delete(f"{URL}/{answer['accepted'][0]['id']}").status_code == 204
    tile_all()
    request = client.get(f"/api/v1/requests/{answer['request']}").json()
    assert (request["state"], request["done"]) == ("succeeded", 2)


@pytest.mark.django_db(transaction=True)
def test_a_deleted_image_takes_its_files_with_it(project, ada, client_of, media_root) -> None:
    client = client_of(ada)
    upload(client, project, file("a.jpg", pictures.encoded("JPEG")))
    tile_all()
    image = Image.objects.get()
    folder = media_root / image.file_key.rpartition("/")[0]
    assert {path.name for path in folder.iterdir()} == {"picture.jpg", "pyramid.szi", "thumbnail.jpg"}
    assert client.delete(f"{URL}/{image.pk}").status_code == 204
    assert not folder.exists()


def test_a_page_of_100_rows_costs_few_queries(
    project, make_image, make_annotation, anna, client_of, django_assert_max_num_queries
) -> None:
    first = make_image(project, 20, 20)
    make_annotation(first, anna)
    Image.objects.bulk_create(
        Image(project=project, file_name=f"{n}.jpg", width=9, height=9, checksum=f"{n}", state="ready")
        for n in range(150)
    )
    client = client_of(anna)
    client.get(URL)
    with django_assert_max_num_queries(7):
        assert len(client.get(URL, {"project": project.pk, "page_size": 100}).json()["results"]) == 100


def test_the_documented_row_is_the_row(project, make_image, anna, client_of) -> None:
    from annotation_server.images.api import ImageRow

    image = make_image(project)
    assert set(client_of(anna).get(f"{URL}/{image.pk}").json()) == set(ImageRow().fields)
