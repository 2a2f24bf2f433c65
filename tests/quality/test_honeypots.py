"""Honeypots: given unseen, scored, counted, doubted and retired."""

import hashlib

import numpy as np
import pytest
from django.utils import timezone

from annotation_server import media
from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.measure import measure
from annotation_server.annotation.models import Annotation, Assignment, Review
from annotation_server.annotation.seen import Sight
from annotation_server.annotation.start import start_from_map
from annotation_server.consistency.figures import measure_image
from annotation_server.consistency.models import Study, StudyImage, StudyPart
from annotation_server.consistency.report import report_bytes, report_of
from annotation_server.errors import NotFound
from annotation_server.projects.models import Project, Role
from annotation_server.quality import keep_up
from annotation_server.quality.give_honeypot import next_honeypot, unseen
from annotation_server.quality.honeypot_policy import is_due, is_on
from annotation_server.quality.honeypot_score import score_maps
from annotation_server.quality.models import Alarm, AnnotatorDay, Honeypot, HoneypotPolicy, HoneypotResult
from annotation_server.quality.renew_honeypots import add_from_studies, flag_doubtful, retire_used
from annotation_server.quality.studies import study_agreement
from annotation_server.segmentation.tiled_map import pack_map
from tests.cast import join, make_user

from .conftest import HALVES

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_trusted(project, rita, make_image, make_annotation):
    """`make_trusted()`: an accepted annotation of two halves by Rita, each on an image of its own."""
    Project.objects.filter(pk=project.pk).update(names_required=False)

    def make_trusted():
        annotation = make_annotation(make_image(project, 8, 8), rita, HALVES)
        Annotation.objects.filter(pk=annotation.pk).update(state="accepted")
        Assignment.objects.filter(pk=annotation.assignment_id).update(state="accepted")
        return annotation

    return make_trusted


@pytest.fixture
def make_honeypot(make_trusted, project):
    def make_honeypot():
        trusted = make_trusted()
        return Honeypot.objects.create(project=project, image=trusted.image, trusted=trusted, source="hand")

    return make_honeypot


def answered(annotator, honeypot, pq):
    """A result with this PQ, as if the person had drawn it."""
    assignment = Assignment.objects.create(
        image=honeypot.image, annotator=annotator, round="honeypot", state="accepted"
    )
    return HoneypotResult.objects.create(
        honeypot=honeypot, annotator=annotator, assignment=assignment, pq=pq, passed=pq >= 0.7,
        scored_at=honeypot.created_at,
    )  # fmt: skip


def test_it_works(project, anna, make_honeypot, make_image, honeypots_on, client_of):
    honeypot = make_honeypot()
    make_image(project, 8, 8)
    assignment = next_assignment(anna, project.pk)
    assert (assignment.round, assignment.image_id) == ("honeypot", honeypot.image_id)
    told = client_of(anna).get(f"/api/v1/assignments/{assignment.pk}").json()
    assert told["round"] == "draw", "it looks like any other image"
    lease, annotation = str(assignment.lease), assignment.annotation
    Project.objects.update(min_coverage=0, max_gap_px=64)
    body = {"lease": lease, "allow_unnamed": True}
    assert (
        client_of(anna).post(f"/api/v1/annotations/{annotation.pk}/submit", body, format="json").status_code
        == 200
    )
    assert measure(annotation.pk)
    result = HoneypotResult.objects.get()
    assert (result.pq, result.missing, result.extra, result.passed) == (0, 2, 0, False)
    day = AnnotatorDay.objects.get(annotator=anna)
    assert (day.honeypots, day.honeypots_passed, day.images) == (1, 0, 0)
    assert next_assignment(anna, project.pk).round == "draw", "never the same twice"
    annotation.refresh_from_db()
    assert annotation.state == "submitted", "it seems to wait for a reviewer"
    assert result.honeypot.trusted.state == "accepted"


def test_it_is_never_reviewed_but_looks_so(
    project, anna, rita, make_honeypot, make_image, make_annotation, client_of
):
    result = answered(anna, make_honeypot(), 0.9)
    annotation = start_from_map(result.assignment, pack_map(HALVES))
    Annotation.objects.filter(pk=annotation.pk).update(state="submitted", submitted_at=timezone.now())
    Assignment.objects.filter(pk=result.assignment_id).update(state="submitted")
    assert client_of(rita).get("/api/v1/queue").json()["to_review"]["count"] == 0
    address = f"/api/v1/annotations/{annotation.pk}/review"
    answer = client_of(rita).post(address, {"verdict": "accept"}, format="json")
    assert answer.json()["code"] == "not_drawn"
    keep_up.keep_project(project.pk)
    assert Annotation.objects.get(pk=annotation.pk).state == "submitted"
    later = make_annotation(make_image(project, 8, 8), anna, HALVES)
    Annotation.objects.filter(pk=later.pk).update(state="accepted", submitted_at=timezone.now())
    Review.objects.create(annotation=later, reviewer=rita, verdict="accept", revision_number=1)
    keep_up.keep_project(project.pk)
    assert Annotation.objects.get(pk=annotation.pk).state == "accepted"
    assert Assignment.objects.get(pk=result.assignment_id).state == "accepted"


def test_the_score_counts_missing_extra_and_boundaries():
    half = pack_map(HALVES)
    assert score_maps(half, half) == (1.0, 1.0, 0, 0, 2)
    shifted = np.repeat([[1, 1, 1, 2, 2, 2, 2, 2]], 8, axis=0).astype(np.uint16)
    pq, _boundary, missing, extra, found = score_maps(half, pack_map(shifted))
    assert (pq, missing, extra, found) == (pytest.approx((3 / 4 + 4 / 5) / 2), 0, 0, 2)
    split = HALVES.copy()
    split[:3, 4:] = 3
    assert score_maps(half, pack_map(split))[2:] == (0, 1, 2)
    assert score_maps(half, pack_map(np.zeros_like(HALVES))) == (0, None, 2, 0, 0)


def test_the_first_five_and_then_about_a_tenth_by_no_pattern(project):
    policy = HoneypotPolicy(project_id=project.pk)
    due = [[is_due(policy, user, n) for n in range(2005)] for user in (1, 2)]
    assert all(due[0][:5]) and due[0] != due[1]
    for one in due:
        assert 150 < sum(one[5:]) < 250
        gaps = np.diff(np.flatnonzero(one[5:]))
        assert gaps.min() == 1 and gaps.max() > 30, "no counting tells the next one"
    assert due[0] == [is_due(policy, 1, n) for n in range(2005)]


def test_who_saw_the_image_in_any_way_does_not_get_it(project, anna, ben, rita, make_honeypot, honeypots_on):
    drawn, judged, opened, free = (make_honeypot() for _ in range(4))
    Assignment.objects.create(image=drawn.image, annotator=anna, round="review", state="dropped")
    Review.objects.create(annotation=judged.trusted, reviewer=anna, verdict="accept", revision_number=1)
    Sight.objects.create(image=opened.image, person=anna)
    assert list(unseen(anna, project.pk)) == [free]
    assert unseen(ben, project.pk).count() == 4
    assert next_honeypot(rita, project.pk) is None, "whoever reviews may see them"


def test_small_projects_have_none_unless_switched_on(project, anna, make_honeypot):
    make_honeypot()
    assert next_honeypot(anna, project.pk) is None
    assert not is_on(HoneypotPolicy(project_id=project.pk))
    HoneypotPolicy.objects.create(project=project, mode="off", first_pieces=0, share=1)
    assert next_honeypot(anna, project.pk) is None
    HoneypotPolicy.objects.update(mode="on")
    assert next_honeypot(anna, project.pk) is not None


def test_failing_twice_alarms_once(project, anna, make_honeypot, honeypots_on):
    for pq in (0.9, 0.4, 0.8, 0.3):
        answered(anna, make_honeypot(), pq)
    keep_up.keep_project(project.pk)
    keep_up.keep_project(project.pk)
    alarm = Alarm.objects.get()
    assert (alarm.rule, alarm.measure, alarm.value) == ("failed_twice", "honeypots", 0.3)


def test_a_trusted_map_that_good_annotators_contradict_is_doubted(project, make_honeypot, honeypots_on):
    doubtful, good, better = make_honeypot(), make_honeypot(), make_honeypot()
    people = [join(make_user(f"person{n}"), project, Role.ANNOTATOR) for n in range(3)]
    for person in people:
        answered(person, good, 0.9)
        answered(person, better, 0.95)
        if person != people[-1]:
            answered(person, doubtful, 0.2)
    assert flag_doubtful(project.pk) == [], "two are too few"
    answered(people[-1], doubtful, 0.2)
    keep_up.keep_project(project.pk)
    doubtful.refresh_from_db()
    assert doubtful.state == "doubtful" and "disagree" in doubtful.reason
    assert set(AnnotatorDay.objects.values_list("honeypots", flat=True)) == {2}, "it counts for nobody"
    assert not Alarm.objects.exists()


def test_what_enough_people_had_is_retired(project, anna, ben, make_honeypot, honeypots_on):
    used, gone, fresh = make_honeypot(), make_honeypot(), make_honeypot()
    HoneypotPolicy.objects.update(most_uses=2)
    answered(anna, used, 1.0), answered(ben, used, 1.0)
    Annotation.objects.filter(pk=gone.trusted_id).update(state="replaced")
    assert retire_used(project.pk) == 2
    assert list(Honeypot.objects.filter(state="active")) == [fresh]


def test_images_on_which_a_study_agreed_become_honeypots(project, make_trusted):
    first, second, third = make_trusted(), make_trusted(), make_trusted()
    agreements = [(first.image_id, 0.9, first.pk), (second.image_id, 0.6, second.pk)]
    assert add_from_studies(project.pk, [*agreements, (third.image_id, 0.95, third.pk)]) == 2
    assert add_from_studies(project.pk, agreements) == 0, "an image is a honeypot once"
    assert set(Honeypot.objects.values_list("image", "agreement")) == {
        (first.image_id, 0.9), (third.image_id, 0.95),
    }  # fmt: skip


@pytest.fixture
def closed_study(project, anna, rita, make_trusted, make_annotation):
    """Anna drew Rita's halves again with a third entity; the study is closed and its report written."""
    first = make_trusted()
    study = Study.objects.create(
        project=project, name="spring", state="closed", seed=1, annotators=1, not_before_days=0,
        start="empty", population_images=1, every=10, opened_at=timezone.now(), closed_at=timezone.now(),
    )  # fmt: skip
    one = StudyImage.objects.create(
        study=study, image=first.image, order=0, first=first, revision=1, map_sha256=first.map_sha256
    )
    again = Assignment.objects.create(image=first.image, annotator=anna, round="study", state="accepted")
    map_of_anna = HALVES.copy()
    map_of_anna[0, 7] = 3
    drawn = start_from_map(again, pack_map(map_of_anna))
    Annotation.objects.filter(pk=drawn.pk).update(submitted_at=study.closed_at, state="accepted")
    StudyPart.objects.create(study_image=one, place=2, not_before=study.closed_at, assignment=again)
    StudyImage.objects.filter(pk=one.pk).update(figures=measure_image(one))
    content = report_bytes(report_of(study, lambda share: None))
    study.report_sha256 = hashlib.sha256(content).hexdigest()
    study.save()
    media.write(study.report_key, content)
    return first


def test_a_closed_study_gives_honeypots_and_figures(project, closed_study, rita, client_of):
    pq = (1 + 31 / 32) / 2.5
    keep_up.keep_quality()
    assert not Honeypot.objects.exists(), "its annotators agree too little"
    HoneypotPolicy.objects.create(project=project, least_agreement=0.75)
    keep_up.keep_quality()
    honeypot = Honeypot.objects.get()
    assert (honeypot.trusted, honeypot.source, honeypot.agreement) == (
        closed_study,
        "study",
        pytest.approx(pq),
    )
    assert study_agreement(project.pk)["anna"] == {"images": 1, "pq": pytest.approx(pq)}


def test_admins_choose_and_retire_by_hand(project, ada, rita, anna, make_trusted, client_of):
    trusted = make_trusted()
    candidates = f"/api/v1/honeypots/candidates?project={project.pk}"
    assert client_of(rita).get(candidates).status_code == 403
    assert client_of(ada).get(candidates).json()["results"][0]["annotation"] == trusted.pk
    body = {"project": project.pk, "annotation": trusted.pk}
    assert client_of(rita).post("/api/v1/honeypots", body, format="json").status_code == 403
    made = client_of(ada).post("/api/v1/honeypots", body, format="json").json()
    assert client_of(ada).post("/api/v1/honeypots", body, format="json").status_code == 409
    assert client_of(ada).get(candidates).json()["count"] == 0
    address = f"/api/v1/honeypots?project={project.pk}"
    assert client_of(anna).get(address).status_code == 403
    assert client_of(rita).get(address).json()["results"][0]["state"] == "active"
    retire = f"/api/v1/honeypots/{made['id']}/retire"
    assert client_of(rita).post(retire).status_code == 403
    assert client_of(ada).post(retire).json()["reason"] == "Taken out by hand."
    assert client_of(ada).post(retire).status_code == 409


def test_the_policy_is_the_admins(project, ada, rita, anna, client_of):
    address = f"/api/v1/projects/{project.pk}/honeypot-policy"
    assert client_of(anna).get(address).status_code == 403
    answer = client_of(rita).get(address).json()
    assert (answer["mode"], answer["is_on"], answer["share"]) == ("auto", False, 0.1)
    assert answer["needs"] == {"images": 500, "annotators": 3, "honeypots": 10}
    assert client_of(rita).patch(address, {"mode": "on"}, format="json").status_code == 403
    assert client_of(ada).patch(address, {"share": 2}, format="json").status_code == 400
    assert client_of(ada).patch(address, {"mode": "on"}, format="json").json()["is_on"]


def test_nothing_is_given_when_nothing_is_left(project, anna, make_honeypot, honeypots_on):
    make_honeypot()
    next_assignment(anna, project.pk)
    Assignment.objects.filter(annotator=anna).update(state="accepted", lease=None, lease_holder=None)
    with pytest.raises(NotFound):
        next_assignment(anna, project.pk)
