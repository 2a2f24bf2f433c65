import pytest

from annotation_server import media
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import ensure_starter
from annotation_server.training.models import TrainingRun

RUNS = "/api/v1/training-runs"


@pytest.fixture
def admin(client_of, ada):
    return client_of(ada)


def test_it_works(admin, project, champion, accepted, broker) -> None:
    accepted("train")
    response = admin.post(RUNS, {"project": project.pk, "options": {"steps": 5}}, format="json")
    assert response.status_code == 202, response.content
    started = response.json()
    (row,) = admin.get(f"{RUNS}?project={project.pk}").json()["results"]
    assert row == admin.get(f"{RUNS}/{started['training_run']}").json()
    assert (row["state"], row["kind"], row["created_by"]) == ("gathering", "manual", "ada")
    assert (row["request"]["id"], row["request"]["kind"]) == (started["request"], "train")
    assert row["request"]["result_url"] == f"/projects/{project.pk}/training-runs/{row['id']}"
    assert row["started_from"] == {"id": champion.pk, "name": "first", "stage": "champion"}
    assert row["config"] == {"steps": 5}
    assert admin.get(f"{RUNS}/{row['id']}/metrics").json() == {"rows": []}
    assert admin.get(f"{RUNS}/{row['id']}/worst").json() == []
    again = admin.post(RUNS, {"project": project.pk}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "training_open")
    admin.post(f"/api/v1/requests/{started['request']}/cancel")
    assert admin.get(f"{RUNS}/{row['id']}").json()["state"] == "cancelled"


def test_another_version_to_start_from(admin, project, champion, accepted, broker) -> None:
    accepted("train")
    starter = ensure_starter()
    started = admin.post(RUNS, {"project": project.pk, "started_from": starter.pk}, format="json").json()
    assert TrainingRun.objects.get(pk=started["training_run"]).started_from == starter


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"options": {"steps": 0}}, 400),
        ({"options": {"backbone_factor": 3}}, 400),
        ({"release": 999_999_999}, 404),
        ({"started_from": 999_999_999}, 404),
        ({}, 409),
    ],
)
def test_what_cannot_be_started_is_refused(admin, project, champion, body, status) -> None:
    response = admin.post(RUNS, {"project": project.pk, **body}, format="json")
    assert response.status_code == status, response.content


def test_only_admins_train_and_choose_champions(client_of, project, champion, carl, eve) -> None:
    for user, status in ((carl, 403), (eve, 404)):
        client = client_of(user)
        assert client.post(RUNS, {"project": project.pk}, format="json").status_code == status
        for act in (f"{champion.pk}/promote", "roll-back"):
            answer = client.post(f"/api/v1/model-versions/{act}", {"project": project.pk}, format="json")
            assert answer.status_code == status
        assert client.post(f"/api/v1/model-versions/{champion.pk}/retire").status_code == status


def test_runs_of_other_projects_do_not_exist(client_of, run, eve) -> None:
    stranger = client_of(eve)
    assert stranger.get(RUNS).json()["count"] == 0
    for address in ("", "/metrics", "/worst", "/images/1/truth.png"):
        assert stranger.get(f"{RUNS}/{run.pk}{address}").status_code == 404
    assert stranger.get(f"{RUNS}/outlook?project={run.project_id}").status_code == 404


def test_champions_come_and_go(admin, project, champion) -> None:
    other = ModelVersion.objects.create(project=project, name="other", checkpoint_sha256="o" * 64)
    body = {"project": project.pk}
    row = admin.post(f"/api/v1/model-versions/{other.pk}/promote", body, format="json").json()
    assert (row["name"], row["stage"], row["is_champion_of"]) == ("other", "champion", [project.pk])
    outlook = admin.get(f"{RUNS}/outlook?project={project.pk}").json()
    assert (outlook["champion"]["cause"], outlook["champion"]["before"]["name"]) == ("chosen", "first")
    assert admin.post(f"/api/v1/model-versions/{other.pk}/retire").status_code == 409
    assert admin.post("/api/v1/model-versions/roll-back", body, format="json").json()["name"] == "first"
    assert admin.post(f"/api/v1/model-versions/{other.pk}/retire").json()["stage"] == "retired"
    changes = admin.get(f"/api/v1/champion-changes?project={project.pk}").json()["results"]
    assert [(one["before"]["name"], one["after"]["name"]) for one in changes] == [
        ("other", "first"),
        ("first", "other"),
    ]


def test_a_shared_version_is_retired_by_the_operator_only(admin, project) -> None:
    shared = ModelVersion.objects.create(name="shared")
    assert admin.post(f"/api/v1/model-versions/{shared.pk}/retire").status_code == 403


def test_nothing_to_roll_back(admin, project, champion) -> None:
    answer = admin.post("/api/v1/model-versions/roll-back", {"project": project.pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_roll_back")


def test_the_outlook_tells_what_the_night_will_do(admin, project, champion, accepted) -> None:
    accepted("train")
    told = admin.get(f"{RUNS}/outlook?project={project.pk}").json()
    assert (told["new_masks"], told["min_masks"], told["is_due"], told["champion"]) == (2, 500, False, None)
    assert told["next_night"].endswith("T02:00:00Z")
    admin.patch(f"/api/v1/projects/{project.pk}", {"retrain_min_masks": 2}, format="json")
    assert admin.get(f"{RUNS}/outlook?project={project.pk}").json()["is_due"]
    admin.patch(f"/api/v1/projects/{project.pk}", {"retrain_nightly": False}, format="json")
    told = admin.get(f"{RUNS}/outlook?project={project.pk}").json()
    assert (told["is_due"], told["next_night"]) == (False, None)


def test_curves_are_thinned_and_what_is_no_number_left_out(admin, run) -> None:
    lines = [f'{{"step": {step}, "loss": {step / 10}}}' for step in range(1, 1102)]
    lines += ['{"step": 7, "loss": 99}', '{"step": 1102, "loss": NaN}', '{"step": 1103, "lo']
    media.write(f"{run.folder}/metrics.jsonl", "\n".join(lines).encode())
    rows = admin.get(f"{RUNS}/{run.pk}/metrics").json()["rows"]
    assert len(rows) <= 1000
    assert rows[-2:] == [{"step": 1100, "loss": 110.0}, {"step": 1102}]
    assert [row["step"] for row in rows] == sorted(row["step"] for row in rows)


def test_project_settings_are_bounded(admin, project) -> None:
    for body in ({"retrain_min_masks": 0}, {"retrain_steps": -1}, {"retrain_nightly": "perhaps"}):
        assert admin.patch(f"/api/v1/projects/{project.pk}", body, format="json").status_code == 400
