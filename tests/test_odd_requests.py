"""Values nobody sends by accident: they are refused with a reason, never with a failure of the server."""

import pytest
from rest_framework.exceptions import ValidationError

from annotation_server.errors import answer

HUGE = 10**30
LISTS = (
    *("projects", "memberships", "terms", "assignments", "annotations", "users"),
    *("evaluation-reports", "evaluation-uploads", "evaluation-comparisons", "evaluation-reports/choices"),
)
QUERIES = (
    f"project={HUGE}",
    f"image={HUGE}",
    "image=-1",
    "image=1.5",
    "image=NaN",
    "project=%00",
    "search=%00",
    "search=%ED%A0%80",
    "ordering=password",
    "ordering=-annotator__password",
    "page=0",
    f"page={HUGE}",
    "page=last",
    "page_size=100000",
    "page_size=-1",
    "state=%00",
    f"parent={HUGE}",
    "annotator__password=x",
)
BODIES = (
    None,
    [],
    "text",
    7,
    {"project": HUGE},
    {"project": -1, "name": "x"},
    {"project": True},
    {"project": [1], "name": {"a": 1}},
    {"lease": "x" * 1000},
    {"lease": 5, "revision": HUGE, "count": HUGE, "verdict": [], "allow_unnamed": "perhaps"},
    {"username": ["x"], "password": {}, "role": 3, "project": "x"},
)


@pytest.mark.parametrize("address", LISTS)
def test_queries(project, annotation_of_anna, ada, client_of, address):
    client = client_of(ada)
    for query in QUERIES:
        asked = (
            query if "project=" in query or address not in ("terms", "memberships") else f"project=1&{query}"
        )
        response = client.get(f"/api/v1/{address}?{asked}")
        assert response.status_code in (200, 400, 404), (asked, response.content)
        assert response.status_code == 200 or response.json()["error"]


def test_bodies(project, annotation_of_anna, ada, client_of):
    client, one = client_of(ada), annotation_of_anna
    addresses = [
        *("projects", "memberships", "terms", "assignments/next", "tokens"),
        *("evaluation-reports", "evaluation-comparisons"),
        *(f"assignments/{one.assignment_id}/{verb}" for verb in ("heartbeat", "release")),
        *(
            f"annotations/{one.pk}/{verb}"
            for verb in ("numbers", "restore", "submit", "review", "transactions")
        ),
    ]
    for address in addresses:
        for body in BODIES:
            response = client.post(f"/api/v1/{address}", body, format="json")
            assert 200 <= response.status_code < 500, (address, body, response.content)
            assert response.status_code < 300 or response.json()["error"]


def test_what_is_not_json(ada, client_of):
    client = client_of(ada)
    for body in (b"", b"{", b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 100_000):
        response = client.post("/api/v1/projects", body, content_type="application/json")
        assert response.status_code == 400, response.content
    assert client.post("/api/v1/projects", b"<a/>", content_type="text/xml").status_code == 415


def test_numbers_in_addresses(ada, client_of):
    client = client_of(ada)
    kinds = ("projects", "memberships", "terms", "assignments", "annotations", "evaluation-reports")
    for kind in kinds:
        for method in (client.get, client.delete, client.patch):
            status = method(f"/api/v1/{kind}/{HUGE}").status_code
            assert status in (400, 404, 405), (kind, status)


@pytest.fixture
def annotation_of_anna(project, anna, make_image, make_annotation):
    return make_annotation(make_image(project, 8, 8), anna)


def test_a_refusal_tells_the_path_to_what_is_wrong():
    fields = {"options": {"sets": [{}, {"kind": ["This is no kind."]}]}}
    refused = answer(ValidationError(fields), {})
    assert refused is not None and refused.data["error"] == "options.sets.kind: This is no kind."
    plain = answer(ValidationError("Just so."), {})
    assert plain is not None and plain.data["error"] == "Just so."
