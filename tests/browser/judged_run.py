"""A training run that has been judged, as the server's own functions make it: frozen, evaluated, compared."""

import json
import math
from typing import Any

import numpy as np

from annotation_server import media
from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images.models import Image, Split
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.bundle import (
    compress_bundle,
    decode_bundle,
    decompress_bundle,
    encode_bundle,
)
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import TiledMap, pack_map
from annotation_server.training.evaluation_jobs import Judged, judged_examples, results_key
from annotation_server.training.judge import conclude, judge
from annotation_server.training.mini_release import freeze
from annotation_server.training.models import TrainingRun

SPLITS = [Split.TRAIN] * 2 + [Split.VAL] * 10


def accepted_scenes(project: Project, anna: User, tiled_image: Any, make_annotation: Any) -> None:
    """Accepted annotations of generated scenes: two to learn from, ten to judge by."""
    for seed, split in enumerate(SPLITS):
        rgb, truth = make_scene(seed, 96, 128, entities=7)
        image = tiled_image(project, rgb, f"scene_{seed}.png")
        Image.objects.filter(pk=image.pk).update(split=split)
        annotation = make_annotation(image, anna, truth)
        Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED)
        Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED)


def judged_run(project: Project, *, shift: int = 3) -> TrainingRun:
    """A night whose candidate sees what is true; the champion sees it ``shift`` px beside."""
    champion = _version(project, "CropFormer Swin-T", ModelVersion.Stage.CHAMPION, "c")
    candidate = _version(project, "night 1", ModelVersion.Stage.CANDIDATE, "d")
    run = TrainingRun.objects.create(
        project=project,
        started_from=champion,
        champion=champion,
        candidate=candidate,
        seed=7,
        config={"steps": 400},
    )
    frozen = freeze(run, lambda share: None)
    run.images, run.masks, run.judged_images = frozen.images, frozen.masks, frozen.judged
    run.examples_sha256 = frozen.sha256
    run.outcome = {"steps": 400, "seconds": 81.5, "device": "cpu", "sha256": candidate.checkpoint_sha256}
    run.save()
    media.write(f"{run.folder}/metrics.jsonl", _metrics(400))
    examples = judged_examples(run)
    for row in examples:
        truth, _ = decode_bundle(decompress_bundle(media.read(row["map_key"])))
        _evaluated(run, candidate, examples, row, truth, truth)
        _evaluated(run, champion, examples, row, truth, pack_map(np.roll(truth.pixels(), shift, axis=1)))
    conclude(run, judge(run, lambda share: None))
    return run


def _version(project: Project, name: str, stage: str, digit: str) -> ModelVersion:
    return ModelVersion.objects.create(
        project=project, name=name, stage=stage, checkpoint_key=f"checkpoints/{digit}.safetensors",
        checkpoint_sha256=digit * 64, parameters=47_400_000, size_bytes=189_700_000,
        origin="Trained on 14 masks of 2 images of this project.",
        config={"backbone": "swin", "licence": "CC BY 4.0", "card": "What it learned from, and what for."},
    )  # fmt: skip


def _evaluated(
    run: TrainingRun,
    model: ModelVersion,
    examples: list[dict[str, Any]],
    row: dict[str, Any],
    truth: TiledMap,
    found: TiledMap,
) -> None:
    """What the ML worker writes of one image."""
    key = f"{results_key(Judged.of(model), examples)}/{row['image']}"
    scores = {number: 0.9 for number in range(1, 65)}
    figures = compare_maps(truth, found, scores, image=row["image"])
    media.write(f"{key}.json", json.dumps({**figures.to_dict(), "map_sha256": row["map_sha256"]}).encode())
    media.write(f"{key}.elm.gz", compress_bundle(encode_bundle(found)))


def _metrics(steps: int) -> bytes:
    """A log as the trainer writes it."""
    rng = np.random.default_rng(0)
    rows = []
    for step in range(2, steps + 1, 2):
        fall = math.exp(-step / 120)
        parts = {
            f"loss_{part}_{level}": round(float((0.2 + fall) * size * rng.uniform(0.8, 1.2)), 4)
            for part, size in (("ce", 1.0), ("mask", 0.7), ("dice", 1.4))
            for level in ("2d", "3d")
        }
        rate = 1e-4 * (1 - step / (steps + 1)) ** 0.9
        rows.append(
            {
                "step": step,
                "seconds_per_step": 0.2,
                "learning_rate": rate,
                "loss": sum(parts.values()),
                **parts,
            }
        )
    return "\n".join(json.dumps(row) for row in rows).encode() + b"\n"
