"""A release of many dense images: seconds, CPU and peak memory of building it in a fresh process.

python -m benchmarks.release [--images 1000] [--side 1024] [--entities 18] [--json]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

_PICTURES = 20  # different pictures and label maps; the others are theirs again, under their own ids


def prepare(images: int, side: int, entities: int) -> int:
    """Fill a fresh database and media folder with accepted annotations; the id of the job that builds."""
    import django

    django.setup()
    from django.core.management import call_command

    from annotation_server.accounts.models import User
    from annotation_server.projects.models import Project
    from annotation_server.releases.start import start_release

    call_command("migrate", verbosity=0)
    user = User.objects.create(username="anna")
    project = Project.objects.create(name="Benchmark")
    _add_images(project, user, images, side, entities)
    release = start_release(project, "v1", "", by=user)
    assert release.request is not None
    return int(release.request.jobs.get().pk)


def _add_images(project: Any, user: Any, images: int, side: int, entities: int) -> None:
    from django.db import transaction

    from annotation_server import media
    from annotation_server.annotation.models import Annotation, Assignment, Mask
    from annotation_server.annotation.start import start_from_map
    from annotation_server.images.models import Image
    from annotation_server.vocabulary.models import Term
    from benchmarks.segmentation import synthetic_map

    term = Term.objects.create(project=project, name="thing")
    maps = [synthetic_map(side, side, entities, seed=seed) for seed in range(min(images, _PICTURES))]
    for seed in range(len(maps)):
        media.write(f"benchmark/{seed}.jpg", _jpeg(side, seed))
    with transaction.atomic():
        for k in range(images):
            image = Image.objects.create(
                project=project,
                file_name=f"{k}.jpg",
                width=side,
                height=side,
                checksum=f"{k:064x}",
                file_key=f"benchmark/{k % len(maps)}.jpg",
                state=Image.State.READY,
            )
            start_from_map(Assignment.objects.create(image=image, annotator=user), maps[k % len(maps)])
        Mask.objects.update(term=term, raw_name="thing")
        Annotation.objects.update(state=Annotation.State.ACCEPTED)


def _jpeg(side: int, seed: int) -> bytes:
    import io

    from PIL import Image as Picture

    coarse = np.random.default_rng(seed).integers(0, 256, (side // 16, side // 16, 3), np.uint8)
    file = io.BytesIO()
    Picture.fromarray(coarse).resize((side, side)).save(file, "JPEG", quality=90)
    return file.getvalue()


def build(job: int) -> dict[str, Any]:
    """Build in this process; its figures."""
    import django

    django.setup()
    from annotation_server.releases.build import build_release
    from annotation_server.releases.models import Release
    from annotation_server.requests.run import run_job

    idle_mb = _peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    run_job(job, build_release)
    release = Release.objects.get()
    assert release.state == Release.State.PUBLISHED, release.error
    seconds = time.perf_counter() - wall
    return {
        "images": release.images,
        "masks": release.masks,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "ms_per_image": round(1000 * seconds / release.images, 2),
        "archive_bytes": release.size_bytes,
        "peak_mb": _peak_mb(),
        "peak_above_idle_mb": _peak_mb() - idle_mb,
        "merkle_root": release.merkle_root,
    }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run(images: int, side: int, entities: int) -> dict[str, Any]:
    """Prepare and build in processes of their own, on a database and a folder that are thrown away."""
    with tempfile.TemporaryDirectory(prefix="tessera-benchmark-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "annotation_server.settings",
            "DATABASE_URL": f"sqlite:///{folder}/database.sqlite3",
            "TESSERA_HOME": folder,
            "TESSERA_MEDIA_ROOT": f"{folder}/media",
            "CELERY_BROKER_URL": f"redis+socket://{folder}/none.sock",
            "SECRET_KEY": "benchmark",
        }
        Path(folder, "media").mkdir()
        size = ["--images", str(images), "--side", str(side), "--entities", str(entities)]
        job = _step(["prepare", *size], environment)
        return {"side": side, "entities": entities, **_step(["build", "--job", str(job)], environment)}


def _step(arguments: list[str], environment: dict[str, str]) -> Any:
    command = [sys.executable, "-m", "benchmarks.release", "--step", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def markdown(row: dict[str, Any]) -> str:
    """The figures as rows for benchmarks/README.md."""
    return "\n".join(
        [
            "| release | seconds (CPU) | ms an image | archive | peak memory (above idle) |",
            "|---|---|---|---|---|",
            f"| {row['images']} images of {row['side']} × {row['side']}, {row['masks']} masks "
            f"| {row['seconds']} ({row['cpu_seconds']}) | {row['ms_per_image']} "
            f"| {row['archive_bytes'] / 1e6:.0f} MB | {row['peak_mb']} MB (+{row['peak_above_idle_mb']}) |",
        ]
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--images", type=int, default=1000)
    arguments.add_argument("--side", type=int, default=1024)
    arguments.add_argument("--entities", type=int, default=18)
    arguments.add_argument("--json", action="store_true", help="print JSON only")
    arguments.add_argument("--step", choices=["prepare", "build"], help=argparse.SUPPRESS)
    arguments.add_argument("--job", type=int, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.step == "prepare":
        print(json.dumps(prepare(chosen.images, chosen.side, chosen.entities)))
    elif chosen.step == "build":
        print(json.dumps(build(chosen.job)))
    else:
        figures = run(chosen.images, chosen.side, chosen.entities)
        print(json.dumps(figures, indent=1) if chosen.json else markdown(figures))


if __name__ == "__main__":
    main()
