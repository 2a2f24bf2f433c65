import json
import tarfile

import pytest

from annotation_server import media
from annotation_server.annotation.models import Annotation
from annotation_server.releases.build import build_release
from annotation_server.releases.inputs import fix_inputs
from annotation_server.releases.models import Release
from annotation_server.releases.start import start_release
from annotation_server.requests.run import run_job
from tests.evaluation.reports import worked_out

pytestmark = pytest.mark.services


@pytest.fixture
def found(accepted, predict, model, broker):
    for number, split in enumerate(("train", "val")):
        predict(accepted(10 + number, split=split, file_name=f"{split}.png").image, 12)
    return {"kind": "model", "model_version": model.pk}


def test_a_release_carries_the_reports_on_exactly_its_annotations(project, carl, ada, found):
    reports = [worked_out(project, found, carl, split=split) for split in ("", "val")]
    worked_out(project, {"kind": "accepted"}, carl, truth=found)
    worked_out(project, found, carl)
    release = start_release(project, "v1", "", by=ada)
    assert run_job(release.request.jobs.get().pk, build_release)
    release.refresh_from_db()
    assert [row["report"] for row in release.carried] == [report.pk for report in reports]
    with media.open_stream(release.archive_key) as file, tarfile.open(fileobj=file) as archive:
        names = [name for name in archive.getnames() if "/evaluation/" in name]
        told = json.load(archive.extractfile("entityseg/MANIFEST.json"))
        carried = json.load(archive.extractfile(names[0]))
    assert names == [f"entityseg/evaluation/report_{report.pk:06d}.json" for report in reports]
    assert [row["inputs_sha256"] for row in told["evaluations"]] == [one.inputs_sha256 for one in reports]
    assert carried["figures"] == reports[0].figures


def test_a_report_on_other_annotations_stays_out(project, carl, found, accepted):
    worked_out(project, found, carl)
    worked_out(project, found, carl, split="val")
    accepted(5, split="train")
    release = Release.objects.create(project=project, name="v1")
    Annotation.objects.filter(image__split="val").update(revision_number=7)
    fix_inputs(release.pk)
    release.refresh_from_db()
    assert (len(release.inputs), release.carried) == (3, [])
