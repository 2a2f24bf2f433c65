"""Projects and their members."""

import pytest

from annotation_server.annotation.models import Assignment
from annotation_server.annotation.start import store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Membership, Project
from annotation_server.segmentation.tiled_map import void_map


@pytest.fixture
def everyone(anna, rita, carl, ada, eve):
    return {"anna": anna, "rita": rita, "carl": carl, "ada": ada, "eve": eve}


def test_it_works(eve, client_of):
    client = client_of(eve)
    made = client.post("/api/v1/projects", {"name": "Harbours", "max_gap_px": 50}, format="json")
    assert made.status_code == 201
    project = made.json()
    assert (project["role"], project["members"], project["images"]) == ("admin", 1, 0)
    assert (project["min_coverage"], project["max_gap_px"]) == (0.995, 50)
    terms = client.get(f"/api/v1/terms?project={project['id']}&search=unknown").json()["results"]
    assert terms[0]["name"] == "unknown"
    assert client.get(f"/api/v1/projects/{project['id']}").json() == project


def test_a_list_shows_ones_own_projects_with_their_progress(
    project, everyone, make_image, make_annotation, client_of
):
    anna = everyone["anna"]
    model = ModelVersion.objects.create(name="starter")
    images = [make_image(project, 8, 8) for _ in range(7)]
    for image in images[:3]:
        store_prediction(image, model, void_map(8, 8), {})
        store_prediction(image, model, void_map(8, 8), {})
    for image, state in zip(images[2:], ["open", "submitted", "returned", "accepted"], strict=False):
        make_annotation(image, anna)
        Assignment.objects.filter(image=image).update(state=state)
    [row] = client_of(anna).get("/api/v1/projects").json()["results"]
    assert (row["role"], row["members"], row["images"]) == ("annotator", 4, 7)
    assert row["by_state"] == {
        "none": 1,
        "predicted": 2,
        "assigned": 1,
        "submitted": 1,
        "returned": 1,
        "accepted": 1,
    }
    [own] = client_of(everyone["eve"]).get("/api/v1/projects").json()["results"]
    assert own["name"] == "Eve's own"


def test_the_number_of_queries_of_a_list_does_not_grow(eve, client_of, django_assert_num_queries, make_image):
    client = client_of(eve)
    for serial in range(5):
        made = Project.objects.create(name=f"P{serial}")
        Membership.objects.create(project=made, user=eve, role="admin")
    client.get("/api/v1/projects")
    with django_assert_num_queries(6):
        client.get("/api/v1/projects")


@pytest.mark.parametrize(
    ("who", "may_see", "may_change"),
    [
        ("anna", 200, 403),
        ("rita", 200, 403),
        ("carl", 200, 403),
        ("ada", 200, 200),
        ("eve", 404, 404),
    ],
)
def test_roles(project, everyone, client_of, who, may_see, may_change):
    client, address = client_of(everyone[who]), f"/api/v1/projects/{project.pk}"
    assert client.get(address).status_code == may_see
    assert client.patch(address, {"max_gap_px": 7}, format="json").status_code == may_change
    assert client.get(f"/api/v1/memberships?project={project.pk}").status_code == may_see
    new = {"project": project.pk, "username": "eve", "role": "annotator"}
    added = client.post("/api/v1/memberships", new, format="json").status_code
    assert added == (201 if may_change == 200 else may_change)
    deleted = client.delete(address).status_code
    assert deleted == (204 if may_change == 200 else may_change)


def test_nobody_without_an_account_sees_anything(project, client_of):
    for address in ("projects", f"projects/{project.pk}", "memberships?project=1", "me"):
        assert client_of(None).get(f"/api/v1/{address}").status_code == 401


@pytest.mark.parametrize(
    "policy",
    [
        {"min_coverage": 1.5},
        {"max_gap_px": -1},
        {"max_side": 70_000},
        {"max_pixels": 0},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\0b"},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(project, ada, client_of, policy):
    response = client_of(ada).patch(f"/api/v1/projects/{project.pk}", policy, format="json")
    assert response.status_code == 400
    assert list(policy) == list(response.json()["fields"])


def test_a_project_with_images_is_not_deleted(project, ada, make_image, client_of):
    make_image(project, 8, 8)
    response = client_of(ada).delete(f"/api/v1/projects/{project.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "not_empty")


def test_members_are_added_changed_and_removed(project, ada, eve, client_of):
    client = client_of(ada)
    new = {"project": project.pk, "username": "eve", "role": "annotator"}
    made = client.post("/api/v1/memberships", new, format="json").json()
    assert (made["username"], made["role"], made["user"]) == ("eve", "annotator", eve.pk)
    again = client.post("/api/v1/memberships", new, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    address = f"/api/v1/memberships/{made['id']}"
    assert client.patch(address, {"role": "curator"}, format="json").json()["role"] == "curator"
    assert client.patch(address, {"role": "king"}, format="json").status_code == 400
    assert client.delete(address).status_code == 204
    assert client_of(eve).get(f"/api/v1/projects/{project.pk}").status_code == 404


def test_an_unknown_account_is_not_added(project, ada, client_of):
    new = {"project": project.pk, "username": "nobody", "role": "annotator"}
    assert client_of(ada).post("/api/v1/memberships", new, format="json").status_code == 404


def test_the_last_admin_stays(project, ada, client_of):
    mine = Membership.objects.get(user=ada)
    client, address = client_of(ada), f"/api/v1/memberships/{mine.pk}"
    for response in (client.delete(address), client.patch(address, {"role": "curator"}, format="json")):
        assert (response.status_code, response.json()["code"]) == (409, "last_admin")
    assert Membership.objects.get(user=ada).role == "admin"


def test_one_may_leave_but_not_remove_others(project, anna, rita, client_of):
    hers, mine = Membership.objects.get(user=rita), Membership.objects.get(user=anna)
    client = client_of(anna)
    assert client.delete(f"/api/v1/memberships/{hers.pk}").status_code == 403
    assert client.delete(f"/api/v1/memberships/{mine.pk}").status_code == 204


def test_a_stranger_cannot_touch_a_membership(project, anna, eve, client_of):
    address = f"/api/v1/memberships/{Membership.objects.get(user=anna).pk}"
    assert client_of(eve).delete(address).status_code == 404
    assert client_of(eve).patch(address, {"role": "admin"}, format="json").status_code == 404


def test_staff_see_all_projects(project, eve, client_of):
    eve.is_staff = True
    eve.save()
    assert client_of(eve).get(f"/api/v1/projects/{project.pk}").json()["role"] == "admin"
