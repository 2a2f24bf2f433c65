"""Several people at once, with real threads and connections on the test's database."""

import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection

from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.autosave import save
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment, Revision
from annotation_server.annotation.numbers import give_numbers
from annotation_server.annotation.start import store_prediction
from annotation_server.errors import Conflict, NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.transaction import encode_transaction
from annotation_server.vocabulary.models import Term
from annotation_server.vocabulary.terms import propose_term
from tests.annotation.editor import Editor, disc
from tests.cast import join, make_user

# Rows are really committed, so that other threads see them.
pytestmark = pytest.mark.django_db(transaction=True)

HOLD_A_TURN = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("mine", flush=True)
time.sleep(60)
"""


def at_once(*calls):
    """Run the calls in threads that start together; what each returned or raised, in order."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        barrier.wait()
        try:
            outcomes[place] = call()
        except Exception as problem:
            outcomes[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_people_never_get_the_same_image(project, make_image):
    people = [join(make_user(f"annotator{n}"), project, "annotator") for n in range(6)]
    for _ in range(4):
        make_image(project, 8, 8)
    outcomes = at_once(*(lambda who=who: next_assignment(who, project.pk).image_id for who in people))
    images = [outcome for outcome in outcomes if isinstance(outcome, int)]
    refusals = [outcome for outcome in outcomes if not isinstance(outcome, int)]
    assert len(images) == len(set(images)) == 4
    assert all(isinstance(refusal, NotFound) for refusal in refusals), refusals
    assert Assignment.objects.count() == Annotation.objects.count() == 4


def test_one_person_asking_twice_at_once_gets_one_image(project, anna, make_image):
    for _ in range(3):
        make_image(project, 8, 8)
    outcomes = at_once(*[lambda: next_assignment(anna, project.pk).image_id] * 4)
    assert set(map(type, outcomes)) == {int}, outcomes
    assert len(set(outcomes)) == Assignment.objects.count() == 1


def test_of_saves_from_one_state_only_one_is_applied(annotation, editor, anna, agrees):
    bodies = []
    for radius in (10, 20, 30, 40):
        tab = Editor(editor.client, annotation)
        disc(tab.pixels, 200, 200, radius, 2)
        bodies.append(encode_transaction(tab.transaction()))
    outcomes = at_once(*(lambda body=body: save(anna, annotation.pk, body) for body in bodies))
    applied = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, dict)]
    assert len(applied) == 1
    assert all(isinstance(refusal, Conflict) and refusal.code == "stale" for refusal in refused), refused
    assert agrees(annotation)


def test_the_same_save_sent_many_times_at_once_is_applied_once(annotation, editor, anna, agrees):
    disc(editor.pixels, 200, 200, 30, 2)
    body = encode_transaction(editor.transaction())
    outcomes = at_once(*[lambda: save(anna, annotation.pk, body)] * 5)
    assert Counter(outcome["replayed"] for outcome in outcomes) == {False: 1, True: 4}
    assert Revision.objects.filter(annotation=annotation).count() == 2
    assert agrees(annotation)


def test_many_people_save_at_once(project, make_image, make_annotation, drawing, client_of, agrees):
    """Everyone paints the same strokes on a map of their own, so they also store the same tiles at once."""
    people = [join(make_user(f"annotator{n}"), project, "annotator") for n in range(4)]
    annotations = [make_annotation(make_image(project, 900, 700), who, drawing) for who in people]
    tabs = [Editor(client_of(who), one) for who, one in zip(people, annotations, strict=True)]

    def work(tab):
        for stroke in range(6):
            disc(tab.pixels, 100 + 130 * stroke, 350, 60, 1 + stroke % 2)
            tab.save()
        return tab.pixels

    outcomes = at_once(*(lambda tab=tab: work(tab) for tab in tabs))
    for annotation, pixels in zip(annotations, outcomes, strict=True):
        assert isinstance(pixels, np.ndarray), pixels
        assert (read_map(annotation.pk).pixels() == pixels).all()
        assert agrees(annotation)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Only SQLite's saves take turns.")
def test_a_save_waits_for_its_turn_and_the_dead_give_theirs_back(annotation, editor, anna):
    disc(editor.pixels, 200, 200, 30, 2)
    body = encode_transaction(editor.transaction())
    path = f"{connection.settings_dict['NAME']}.turn"
    holder = subprocess.Popen([sys.executable, "-c", HOLD_A_TURN, path], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"mine\n"
    saving = ThreadPoolExecutor(1).submit(lambda: at_once(lambda: save(anna, annotation.pk, body)))
    with pytest.raises(TimeoutError):
        saving.result(0.5)
    holder.kill()
    assert saving.result(120)[0]["revision"] == 2


def test_blocks_of_numbers_never_overlap(annotation, anna):
    blocks = at_once(*[lambda: give_numbers(anna, annotation.pk, 100)] * 6)
    given = [number for first, last in blocks for number in range(first, last + 1)]
    assert len(given) == len(set(given)) == 600


def test_a_name_proposed_twice_at_once_is_one_term(project, anna, rita):
    outcomes = at_once(*(lambda who=who: propose_term(who, project.pk, "crane") for who in (anna, rita)))
    assert {term.pk for term, _ in outcomes} == {Term.objects.get(normal_name="crane").pk}
    assert sorted(made for _, made in outcomes) == [False, True]


def test_a_prediction_stored_while_images_are_handed_out(project, anna, make_image, drawing):
    model = ModelVersion.objects.create(name="starter", stage="champion")
    image = make_image(project, 900, 700)
    outcomes = at_once(
        lambda: next_assignment(anna, project.pk),
        lambda: store_prediction(image, model, pack_map(drawing), {}),
    )
    assert [type(outcome) for outcome in outcomes] == [Assignment, Annotation]
    started = Annotation.objects.get(assignment=outcomes[0])
    assert started.prediction in (None, outcomes[1])
    assert started.map_sha256 == read_map(started.pk).sha256()
