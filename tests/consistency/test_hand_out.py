"""The parts of a study reach the right people, once, in the normal queue."""

import threading
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.models import Annotation, Assignment, Comment, Review
from annotation_server.annotation.settle_hidden import LONGEST, settle_hidden
from annotation_server.consistency.hand_out import is_due
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.protocol import close_study, start_names
from annotation_server.errors import NotFound
from annotation_server.projects.models import Role
from annotation_server.vocabulary.models import Term
from tests.cast import join, make_user
from tests.consistency.conftest import HALVES, submit


def nothing_for(user, project):
    with pytest.raises(NotFound):
        next_assignment(user, project.pk)
    return True


def test_a_part_looks_like_drawing_to_whoever_gets_it(
    project, anna, bea, client_of, make_accepted, make_study, draw_part
):
    first = make_accepted(project, anna)
    make_study(project)
    client = client_of(bea)
    given = client.post("/api/v1/assignments/next", {"project": project.pk}, format="json").json()
    assert given["image"] == first.image_id and given["round"] == "draw"
    detail = client.get(f"/api/v1/annotations/{given['annotation']}").json()
    assert detail["task"] == {"instructions": "", "phase": "masks", "locked_map": False}
    assert detail["assignment"]["round"] == "draw" and detail["mask_count"] == 0
    queue = client.get("/api/v1/queue").json()
    assert [row["round"] for row in queue["open"]["results"]] == ["draw"]
    done = draw_part(bea, project)
    assert done.state == "submitted" and done.assignment.round == Assignment.Round.STUDY
    listed = client.get("/api/v1/assignments", {"round": "draw"}).json()["results"]
    assert [row["round"] for row in listed] == ["draw"]
    assert client.get("/api/v1/assignments", {"round": "study"}).json()["count"] == 0


def test_instructions_of_a_study_do_not_tell_its_work_from_other_work(
    project, anna, bea, carl, ada, client_of, make_accepted, make_study, make_annotation, make_image
):
    ordinary = make_annotation(make_image(project, 16, 16), carl, HALVES)

    def told(annotation):
        client = client_of(annotation.assignment.annotator)
        return client.get(f"/api/v1/annotations/{annotation.pk}").json()["task"]["instructions"]

    assert told(ordinary) == ""
    make_accepted(project, anna)
    study = make_study(project, instructions="Draw every leaf.", not_before_days=0)
    hidden = next_assignment(bea, project.pk)
    assert hidden.round == Assignment.Round.STUDY
    assert told(hidden.annotation) == told(ordinary) == "Draw every leaf."
    close_study(ada, study.pk)
    assert told(hidden.annotation) == told(ordinary) == ""


def test_nobody_gets_an_image_they_had_a_part_in(project, anna, bea, rita, carl, make_accepted, make_study):
    first = make_accepted(project, anna)
    Review.objects.create(annotation=first, reviewer=rita, verdict="accept", revision_number=1)
    Comment.objects.create(annotation=first, author=carl, text="Nice", revision_number=1)
    make_study(project, size=1)
    assert nothing_for(anna, project) and nothing_for(rita, project) and nothing_for(carl, project)
    assert next_assignment(bea, project.pk).round == Assignment.Round.STUDY


def test_what_was_given_back_goes_to_somebody_else(
    project, anna, bea, carl, client_of, make_accepted, make_study
):
    make_accepted(project, anna)
    make_study(project)
    given = next_assignment(bea, project.pk)
    url = f"/api/v1/assignments/{given.pk}/give-back"
    assert client_of(bea).post(url, {"lease": str(given.lease)}, format="json").status_code == 200
    assert nothing_for(bea, project)
    again = next_assignment(carl, project.pk)
    assert again.image_id == given.image_id and StudyPart.objects.get().assignment == again


def test_nothing_is_given_out_before_its_time(project, anna, bea, make_accepted, make_study):
    make_accepted(project, anna, days=10)
    make_study(project, not_before_days=11)
    assert nothing_for(bea, project)
    StudyPart.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert next_assignment(bea, project.pk).round == Assignment.Round.STUDY


def test_one_piece_of_work_in_so_many_is_of_the_study(
    project, anna, bea, make_image, make_accepted, make_study
):
    for _ in range(6):
        make_accepted(project, anna)
    make_study(project, size=6, every=3)
    for _ in range(12):
        make_image(project, 8, 8)
    rounds = []
    for _ in range(12):
        assignment = next_assignment(bea, project.pk)
        rounds.append(assignment.round)
        Assignment.objects.filter(pk=assignment.pk).update(state="submitted")
    blocks = [rounds[at : at + 3].count("study") for at in range(0, 12, 3)]
    assert blocks == [1, 1, 1, 1]
    newcomer = join(make_user("dora"), project, Role.ANNOTATOR)
    assert {is_due(Study(project=project, every=3, seed=seed), newcomer) for seed in range(9)} == {
        True,
        False,
    }


def test_only_allowed_members_and_running_studies_give_work(
    project, anna, bea, carl, make_accepted, make_study
):
    make_accepted(project, anna)
    study = make_study(project, members=["carl"])
    assert nothing_for(bea, project)
    Study.objects.filter(pk=study.pk).update(state="cancelled")
    assert nothing_for(carl, project)
    Study.objects.filter(pk=study.pk).update(state="drawing")
    assert next_assignment(carl, project.pk)


def test_people_who_ask_at_once_never_get_the_same_part(
    transactional_db, project, anna, make_accepted, make_study
):
    people = [join(make_user(f"p{n}"), project, Role.ANNOTATOR) for n in range(4)]
    for _ in range(2):
        make_accepted(project, anna)
    make_study(project, size=2, annotators=2)
    got, barrier = [], threading.Barrier(len(people))

    def ask(person):
        try:
            barrier.wait()
            got.append(next_assignment(person, project.pk).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 4
    assert set(StudyPart.objects.values_list("assignment", flat=True)) == set(got)


def test_it_begins_as_the_first_did_or_from_nothing(project, anna, bea, carl, make_image, make_study):
    from annotation_server.annotation.start import start_annotation, store_prediction
    from annotation_server.model_registry.models import ModelVersion
    from annotation_server.segmentation.tiled_map import pack_map

    image = make_image(project, 16, 16)
    version = ModelVersion.objects.create(name="m", architecture="classical", checkpoint_sha256="0" * 64)
    seen = store_prediction(image, version, pack_map(HALVES), {1: 0.9, 2: 0.8})
    assignment = Assignment.objects.create(image=image, annotator=anna, state="accepted")
    first = start_annotation(assignment, prediction=seen)
    Annotation.objects.filter(pk=first.pk).update(state="accepted", submitted_at=timezone.now())
    newer = store_prediction(image, version, pack_map(np.ones((16, 16), np.uint16)), {1: 0.9})
    make_study(project, not_before_days=0, annotators=2)
    given = next_assignment(bea, project.pk).annotation
    assert given.prediction == seen and given.map_sha256 == seen.map_sha256 != newer.map_sha256
    Study.objects.update(start=Study.Start.EMPTY)
    empty = next_assignment(carl, project.pk).annotation
    assert empty.prediction is None and empty.mask_count == 0 and empty.void_px == 256


def test_the_first_s_masks_are_named_by_who_drew_them_again(
    project, anna, bea, ada, carl, make_accepted, make_study, draw_part, tab_of
):
    first = make_accepted(project, anna, named="tree")
    study = make_study(project)
    draw_part(bea, project)
    start_names(ada, study.pk)
    assert nothing_for(carl, project)
    tab = tab_of(bea, project)
    assert tab.saved.sha256() == first.map_sha256
    masks = tab.client.get(f"{tab.url}/masks").json()["results"]
    assert {(row["term"], row["raw_name"], row["strokes"]) for row in masks} == {(None, "", 0)}
    detail = tab.client.get(tab.url).json()
    assert detail["task"]["phase"] == "names" and detail["task"]["locked_map"]
    assert detail["assignment"]["round"] == "draw" and detail["policy"]["names_required"]
    late = Term.objects.create(project=project, name="made too late")
    words = {row[1] for row in tab.client.get(f"{tab.url}/vocabulary").json()["rows"]}
    assert "tree" in words and late.name not in words
    tab.pixels[:2] = 2
    refused = tab.post(tab.transaction())
    assert (refused.status_code, refused.json()["code"]) == (409, "map_locked")
    tab.load()
    new = tab.new_entity()
    assert tab.post(tab.transaction(new)).json()["code"] == "map_locked"
    body = {"lease": tab.lease, "allow_unnamed": True}
    assert tab.client.post(f"{tab.url}/submit", body, format="json").json()["code"] == "unnamed"
    term = first.masks.first().term_id
    tab.save(*(tab.change(number, term=term, raw_name="tree") for number in (1, 2)))
    assert submit(tab).state == "submitted"
    assert nothing_for(bea, project)


def test_names_that_were_given_back_go_to_somebody_without_a_part(
    project, anna, bea, carl, ada, make_accepted, make_study, draw_part, client_of
):
    make_accepted(project, anna, named="tree")
    study = make_study(project)
    draw_part(bea, project)
    start_names(ada, study.pk)
    given = next_assignment(bea, project.pk)
    url = f"/api/v1/assignments/{given.pk}/give-back"
    assert client_of(bea).post(url, {"lease": str(given.lease)}, format="json").status_code == 200
    assert nothing_for(bea, project) and nothing_for(anna, project)
    assert next_assignment(carl, project.pk).round == Assignment.Round.NAMES


def test_study_work_seems_reviewed_after_a_while(
    project, anna, bea, make_accepted, make_study, draw_part
) -> None:
    make_accepted(project, anna)
    make_study(project)
    done = draw_part(bea, project)
    Annotation.objects.filter(pk=done.pk).update(is_measured=True)
    assert settle_hidden(project.pk) == 0
    Annotation.objects.filter(pk=done.pk).update(submitted_at=timezone.now() - LONGEST - timedelta(hours=1))
    assert settle_hidden(project.pk) == 1
    done.refresh_from_db()
    assert done.state == "accepted"
