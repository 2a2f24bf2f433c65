"""Every page for every role: members see it, strangers learn nothing, the anonymous are asked to log in."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from annotation_server.accounts.models import User
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.releases.models import Release
from annotation_server.training.models import TrainingRun

MEMBERS = ("anna", "rita", "carl", "ada")


def browser_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def cast(anna: User, rita: User, carl: User, ada: User, eve: User) -> dict[str, User]:
    return {user.username: user for user in (anna, rita, carl, ada, eve)}


@pytest.fixture
def addresses(project: Project, cast: dict[str, User], make_image: Any) -> list[str]:
    """Every page of the project that all its members may open."""
    release = Release.objects.create(project=project, name="v1")
    version = ModelVersion.objects.create(project=project, name="Street model")
    run = TrainingRun.objects.create(project=project, started_from=version)
    root = f"/projects/{project.pk}"
    image = make_image(project)
    return [
        root,
        f"{root}/releases",
        f"{root}/releases/{release.pk}",
        f"{root}/vocabulary",
        f"{root}/members",
        f"{root}/dashboard",
        f"{root}/work",
        f"{root}/models",
        f"{root}/training-runs/{run.pk}",
        f"/images/{image.pk}",
    ]


@pytest.mark.parametrize("member", MEMBERS)
def test_members_open_every_page(addresses: list[str], cast: dict[str, User], member: str) -> None:
    client = browser_of(cast[member])
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert b"Streets" in answer.content


def test_strangers_get_404(addresses: list[str], cast: dict[str, User]) -> None:
    client = browser_of(cast["eve"])
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert b"Streets" not in answer.content


def test_the_anonymous_are_sent_to_log_in_and_back(addresses: list[str]) -> None:
    client = browser_of(None)
    for address in ["/", *addresses]:
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/login?next={quote(address)}")


def test_staff_open_projects_they_are_no_member_of(addresses: list[str], db: None) -> None:
    client = browser_of(User.objects.create(username="staff", is_staff=True))
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_pages_do_not_take_posts(addresses: list[str], cast: dict[str, User]) -> None:
    client = browser_of(cast["ada"])
    assert {client.post(address).status_code for address in ["/", *addresses]} == {405}


def test_people_are_offered_what_they_may_do(project: Project, cast: dict[str, User]) -> None:
    offers = {
        name: {
            control
            for page, control in (
                ("", "predict"),
                ("/releases", "create-release"),
                ("/members", "add-member"),
                ("/models", "import"),
                ("/models", "train"),
            )
            if f'id="{control}"'
            in browser_of(cast[name]).get(f"/projects/{project.pk}{page}").content.decode()
        }
        for name in MEMBERS
    }
    everything = {"predict", "create-release", "add-member", "import", "train"}
    assert offers == {"anna": set(), "rita": set(), "carl": {"predict"}, "ada": everything}


def test_a_release_is_only_found_in_its_own_project(project: Project, ada: User) -> None:
    other = Release.objects.create(project=Project.objects.create(name="Other"), name="v1")
    assert browser_of(ada).get(f"/projects/{project.pk}/releases/{other.pk}").status_code == 404


def test_a_training_run_is_only_found_in_its_own_project(project: Project, ada: User) -> None:
    elsewhere = Project.objects.create(name="Other")
    version = ModelVersion.objects.create(project=elsewhere, name="Other model")
    run = TrainingRun.objects.create(project=elsewhere, started_from=version)
    assert browser_of(ada).get(f"/projects/{project.pk}/training-runs/{run.pk}").status_code == 404
