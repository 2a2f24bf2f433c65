"""Planning a study: its sample, its frozen protocol, and what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation_server.annotation.seen import Sight
from annotation_server.annotation.submission import Submission
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.population import Population, firsts, sample, suggested_size
from annotation_server.consistency.protocol import Protocol, close_study, open_study, plan_study
from annotation_server.errors import Conflict
from annotation_server.vocabulary.revision import revision_of, vocabulary_rows

URL = "/api/v1/studies"


def test_a_sample_depends_on_its_population_and_seed_alone():
    ids = list(range(1, 400))
    assert sample(reversed(ids), 50, 7) == sample(ids, 50, 7)
    assert sample(ids, 50, 8) != sample(ids, 50, 7) == sample(ids, 60, 7)[:50]
    assert len(set(sample(ids, 50, 7))) == 50 and sample(ids, 1000, 7) != ids
    assert sample(ids[:20], 20, 7) == [n for n in sample(ids, 399, 7) if n <= 20]


def test_the_paper_s_size_is_suggested_where_the_population_allows():
    sizes = {0: 0, 1: 1, 19: 19, 500: 20, 2000: 30, 33_227: 499, 1_000_000: 500}
    assert {images: suggested_size(images) for images in sizes} == sizes


def test_it_works(project, anna, bea, rita, ada, client_of, make_accepted):
    annotations = [make_accepted(project, anna) for _ in range(3)]
    admin, reviewer = client_of(ada), client_of(rita)
    asked = {"project": project.pk, "population": {"min_masks": 2}}
    preview = reviewer.post(f"{URL}/preview", asked, format="json").json()
    assert preview["images"] == 3 and preview["suggested"] == 3
    could = {row["username"]: row["could_draw"] for row in preview["annotators"]}
    assert could == {"ada": 3, "anna": 0, "bea": 3, "rita": 3}
    assert preview["people_left"] == {"3": 3} and preview["too_few"] == 0
    plan = {**asked, "name": "Spring", "seed": 3, "size": 2, "instructions": "As usual."}
    made = admin.post(URL, plan, format="json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert row["state"] == "planned" and row["images"] == 2
    assert row["protocol"] == {
        "population": {"min_masks": 2}, "population_images": 3, "size": 2, "seed": 3, "annotators": 2,
        "members": [], "not_before_days": 120, "start": "as_first", "every": 4, "names_phase": True,
        "instructions": "As usual.", "vocabulary_revision": "",
    }  # fmt: skip
    chosen = list(Study.objects.get().images.values_list("image", flat=True))
    assert chosen == sample([one.image_id for one in annotations], 2, 3)
    assert reviewer.post(f"{URL}/{row['id']}/open").status_code == 403
    opened = admin.post(f"{URL}/{row['id']}/open").json()
    assert opened["parts"]["masks"] == {"waiting": 4, "open": 0, "done": 0}
    assert opened["protocol"]["vocabulary_revision"] == revision_of(vocabulary_rows(project.pk))
    first = annotations[0].submitted_at + timedelta(days=120)
    assert opened["first_due"] and StudyPart.objects.filter(not_before__gte=first).count() == 4
    listed = reviewer.get(URL, {"project": project.pk}).json()["results"]
    assert [one["name"] for one in listed] == ["Spring"]
    assert client_of(anna).get(URL, {"project": project.pk}).status_code == 403
    assert client_of(anna).get(URL).json()["count"] == 0
    assert client_of(anna).get(f"{URL}/{row['id']}").status_code == 403


def test_what_cannot_be_is_refused_with_what_to_do(project, anna, bea, ada, eve, client_of, make_accepted):
    client = client_of(ada)

    def refusal(**options):
        body = {"project": project.pk, "name": "Again", "annotators": 1, **options}
        answer = client.post(URL, body, format="json")
        return answer.status_code, answer.json()["code"]

    assert refusal() == (400, "empty_population")
    make_accepted(project, anna)
    assert refusal(size=2) == (400, "too_large")
    assert refusal(members=["eve"]) == (404, "not_found")
    assert refusal(members=["bea"], annotators=2) == (400, "too_few_members")
    assert refusal(population={"split": "moon"})[0] == refusal(seed=-1)[0] == refusal(size=0)[0] == 400
    assert client_of(eve).post(URL, {"project": project.pk, "name": "x"}, format="json").status_code == 404
    assert refusal(annotators=3) == (409, "too_few_people")
    made = client.post(URL, {"project": project.pk, "name": "Again", "annotators": 2}, format="json").json()
    assert refusal() == (400, "empty_population")  # its only image is in a planned study
    Sight.objects.create(person=ada, image=Study.objects.get().images.get().image)
    assert client.post(f"{URL}/{made['id']}/open").json()["code"] == "too_few_people"
    assert client.delete(f"{URL}/{made['id']}").status_code == 204
    made = client.post(URL, {"project": project.pk, "name": "Again", "annotators": 1}, format="json").json()
    make_accepted(project, anna)
    assert refusal() == (409, "name_taken")
    url = f"{URL}/{made['id']}"
    assert client.post(f"{url}/open").status_code == 200
    for verb in ("open", "start-names"):
        expected = {"open": "state", "start-names": "naming"}[verb]
        answer = client.post(f"{url}/{verb}").json()
        assert answer.get("code", answer["state"]) == expected
    assert client.delete(url).json()["code"] == "state"
    assert client.post(f"{url}/cancel").json()["state"] == "cancelled"
    assert (
        client.post(f"{url}/close").json()["code"] == client.post(f"{url}/work-out").json()["code"] == "state"
    )


def test_a_population_is_filtered(project, anna, rita, make_accepted):
    one, other = make_accepted(project, anna), make_accepted(project, anna)
    one.image.split, one.image.source = "train", "web"
    one.image.save()
    day = timezone.now().date()
    Submission.objects.create(
        annotation=one, project=project, annotator=anna, attempt=1, day=day, submitted_at=timezone.now(),
        masks=2, kept=0, edited=0, drawn=2, rejected=0, pixels=1, void_px=0, active_ms=0,
        verdict="accept", verdict_day=day, strokes=0,
    )  # fmt: skip

    def found(**population):
        return list(firsts(project.pk, Population(**population)).values_list("pk", flat=True))

    assert found() == [one.pk, other.pk]
    assert found(split="train") == found(source="web") == found(file_name=one.image.file_name) == [one.pk]
    assert found(accepted_before=day + timedelta(days=1)) == [one.pk]
    assert found(accepted_before=day) == found(min_masks=3) == found(split="val") == []


def test_what_is_in_hand_when_it_closes(project, anna, bea, carl, ada, make_accepted, make_study, tab_of):
    make_accepted(project, anna)
    study = make_study(project, annotators=2)
    begun, untouched = tab_of(bea, project), tab_of(carl, project)
    entity = begun.new_entity()
    begun.pixels[:] = entity.number
    begun.save(entity)
    close_study(ada, study.pk)
    states = {p.assignment.annotator.username: p.assignment.state for p in StudyPart.objects.all()}
    assert states == {"bea": "open", "carl": "dropped"}
    assert untouched.client.get(untouched.url).json()["state"] == "dropped"
    with pytest.raises(Conflict):
        open_study(ada, study.pk)


def test_without_a_name_of_its_own_nothing_is_planned(project, anna, ada, make_accepted):
    make_accepted(project, anna)
    plan_study(ada, project.pk, Protocol(name="A", population=Population(), annotators=1))
    make_accepted(project, anna)
    with pytest.raises(Conflict) as refused:
        plan_study(ada, project.pk, Protocol(name="A", population=Population(), annotators=1))
    assert refused.value.code == "name_taken" and Study.objects.count() == 1
