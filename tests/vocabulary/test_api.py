"""Terms over HTTP: searching, proposing, curating."""

import numpy as np
import pytest

from annotation_server.annotation.models import Mask
from annotation_server.vocabulary.models import Term, normalised
from annotation_server.vocabulary.start import RESERVED


@pytest.fixture
def propose(project, client_of):
    def propose(user, name, **fields):
        new = {"project": project.pk, "name": name, **fields}
        return client_of(user).post("/api/v1/terms", new, format="json")

    return propose


def test_it_works(project, anna, client_of):
    found = client_of(anna).get(f"/api/v1/terms?project={project.pk}&search=auto").json()
    car = found["results"][0]
    assert car["name"] == "car"
    assert (car["kind"], car["parent_name"], car["status"], car["uses"]) == (
        "thing",
        "vehicle",
        "accepted",
        0,
    )
    assert "automobile" in car["aliases"]


def test_the_starting_vocabulary_has_every_name_once(project):
    names = [normalised(term.name) for term in project.terms.all()]
    names += [normalised(alias) for term in project.terms.all() for alias in term.aliases]
    assert len(names) == len(set(names))
    assert set(RESERVED) <= set(names)
    others = project.terms.filter(name__endswith="_other").select_related("parent")
    assert others.count() > 10
    assert all(term.name == f"{term.parent.name}_other" for term in others)


def test_a_new_name_waits_for_the_curator(anna, propose):
    made = propose(anna, "  Cargo   crane ")
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["status"]) == ("Cargo crane", "pending")
    again = propose(anna, "cargo_CRANE")
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])


def test_an_alias_leads_to_its_term(anna, propose):
    found = propose(anna, "Automobile")
    assert (found.status_code, found.json()["name"]) == (200, "car")


def test_a_curators_new_name_is_accepted(carl, propose):
    assert propose(carl, "crane", kind="thing").json()["status"] == "accepted"


def test_other_becomes_a_child_of_its_supercategory(anna, propose):
    propose(anna, "crane")
    assert propose(anna, "crane_other").json()["parent_name"] == "crane"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\0b"])
def test_what_is_no_name_is_refused(anna, propose, name):
    assert propose(anna, name).status_code == 400


def test_only_curators_and_admins_change_terms(project, anna, rita, carl, ada, eve, client_of):
    address = f"/api/v1/terms/{project.terms.get(name='car').pk}"
    for user, status in ((anna, 403), (rita, 403), (carl, 200), (ada, 200), (eve, 404)):
        response = client_of(user).patch(address, {"definition": "Four wheels."}, format="json")
        assert response.status_code == status


def test_a_curator_accepts_and_describes(anna, carl, propose, client_of):
    term = propose(anna, "crane").json()["id"]
    change = {"status": "accepted", "kind": "thing", "aliases": ["derrick"], "definition": "Lifts."}
    changed = client_of(carl).patch(f"/api/v1/terms/{term}", change, format="json").json()
    assert {key: changed[key] for key in change} == change
    assert propose(anna, "Derrick").json()["id"] == term


def test_a_name_leads_to_one_term_only(project, carl, client_of):
    address = f"/api/v1/terms/{project.terms.get(name='car').pk}"
    for change in ({"name": "Truck"}, {"name": "lorry"}, {"aliases": ["lorry"]}):
        response = client_of(carl).patch(address, change, format="json")
        assert (response.status_code, response.json()["code"]) == (409, "name_taken")


def test_reserved_terms_keep_their_names(project, carl, client_of):
    address = f"/api/v1/terms/{project.terms.get(name='unknown').pk}"
    assert client_of(carl).patch(address, {"name": "dunno"}, format="json").status_code == 400
    assert client_of(carl).patch(address, {"definition": "?"}, format="json").status_code == 200


def test_a_term_is_not_its_own_ancestor(project, carl, eve, client_of):
    vehicle, car = project.terms.get(name="vehicle"), project.terms.get(name="car")
    address = f"/api/v1/terms/{vehicle.pk}"
    assert client_of(carl).patch(address, {"parent": car.pk}, format="json").status_code == 400
    foreign = Term.objects.create(project=eve.memberships.get().project, name="mine")
    assert client_of(carl).patch(address, {"parent": foreign.pk}, format="json").status_code == 400


def test_strangers_see_no_terms(project, eve, propose, client_of):
    assert client_of(eve).get(f"/api/v1/terms?project={project.pk}").status_code == 404
    assert client_of(eve).get(f"/api/v1/terms/{project.terms.first().pk}").status_code == 404
    assert propose(eve, "crane").status_code == 404
    assert not Term.objects.filter(name="crane").exists()


def test_filters_pages_and_uses(project, anna, make_image, make_annotation, client_of):
    make_annotation(make_image(project, 8, 8), anna, np.ones((8, 8), np.uint16), named="tree")
    client = client_of(anna)
    stuff = client.get(f"/api/v1/terms?project={project.pk}&kind=stuff&page_size=200").json()
    assert {term["kind"] for term in stuff["results"]} == {"stuff"}
    assert client.get(f"/api/v1/terms?project={project.pk}&page_size=3&page=2").json()["count"] > 100
    assert client.get(f"/api/v1/terms?project={project.pk}&search=tree").json()["results"][0]["uses"] == 1
    assert Mask.objects.get().raw_name == "tree"
    assert client.get("/api/v1/terms").status_code == 400
    assert client.get("/api/v1/terms?project=x").status_code == 400
    assert client.get(f"/api/v1/terms?project={project.pk}&search=zzzzzz").json()["count"] == 0
