"""A study in which everybody has drawn: accepted scenes, and what two further people made of them."""

from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.start import start_from_map
from annotation_server.consistency.models import Study, StudyPart
from annotation_server.consistency.work_out import MEASURE, SUM_UP, measure_images, sum_up
from annotation_server.images.models import Image
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job
from annotation_server.requests.run import run_job
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.vocabulary.models import Term

HEIGHT, WIDTH = 192, 256
IMAGES = 3
TRUTHS = {f"scene_{seed}.png": make_scene(seed, HEIGHT, WIDTH, entities=7) for seed in range(IMAGES)}


def accepted_drawings(project: Project, anna: User, tiled_image: Any, make_annotation: Any) -> None:
    """Anna's accepted maps of the scenes, submitted 200 days ago."""
    for name, (rgb, truth) in TRUTHS.items():
        annotation = make_annotation(tiled_image(project, rgb, name), anna, truth, named="tree")
        _accept(annotation, timezone.now() - timedelta(days=200))


def as_drawn_again(truth: np.ndarray, place: int) -> np.ndarray:
    """Place 2 draws two entities as one and moves a little; place 3 leaves one out and splits another."""
    largest = np.argsort(np.bincount(truth.ravel()))[::-1]
    if place == 2:
        return np.roll(np.where(truth == largest[1], largest[0], truth), 2, axis=1).astype(np.uint16)
    drawn = np.where(truth == largest[2], 0, truth)
    drawn[:, WIDTH // 2 :][drawn[:, WIDTH // 2 :] == largest[0]] = truth.max() + 1
    return drawn.astype(np.uint16)


def draw_everything(study: Study, people: dict[int, User]) -> None:
    """Do all parts of a study's first phase, as ``people`` by place; Anna's trees are roads to place 3."""
    road = Term.objects.get(project=study.project, name="road")
    for part in StudyPart.objects.filter(study_image__study=study).select_related("study_image__image"):
        image: Image = part.study_image.image
        assignment = Assignment.objects.create(
            image=image, annotator=people[part.place], round=Assignment.Round.STUDY
        )
        _rgb, truth = TRUTHS[image.file_name]
        annotation = start_from_map(assignment, pack_map(as_drawn_again(truth, part.place)))
        if part.place == 3:
            Mask.objects.filter(annotation=annotation, number__lte=2).update(term=road)
        _accept(annotation, timezone.now())
        StudyPart.objects.filter(pk=part.pk).update(assignment=assignment)


def work_off_study() -> None:
    """What the worker does about a study's report."""
    verbs = {MEASURE: measure_images, SUM_UP: sum_up}
    while job := Job.objects.filter(state="queued", task__in=verbs).order_by("pk").first():
        run_job(job.pk, verbs[job.task])


def _accept(annotation: Annotation, when: Any) -> None:
    Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED, submitted_at=when)
    Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED, lease=None)
