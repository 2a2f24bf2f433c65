import json

import pytest

from annotation_server import media
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.requests.progress import cancel
from tests.evaluation.reports import ACCEPTED, asked, do_jobs, worked_out

pytestmark = pytest.mark.services


@pytest.fixture
def found(model):
    return {"kind": "model", "model_version": model.pk}


@pytest.fixture
def three(accepted, predict):
    """Two images whose entities the model finds well, one badly."""
    annotations = [accepted(at, split="val", file_name=f"{at}.png") for at in (10, 16, 20)]
    for annotation, at in zip(annotations, (10, 17, 2), strict=True):
        predict(annotation.image, at)
    return annotations


def test_it_works(client_of, rita, project, three, found, carl, broker):
    report = worked_out(project, found, carl)
    assert (report.state, report.images, report.left_out) == ("succeeded", 3, []), report.error
    assert report.headline["AP"] == report.figures["ap"]["AP"] > 0.4
    told = json.loads(media.read(f"{report.results_folder}/report.json"))
    assert told["figures"] == report.figures
    assert told["inputs_sha256"] == report.inputs_sha256
    reviewer = client_of(rita)
    rows = reviewer.get(f"/api/v1/evaluation-reports/{report.pk}/images").json()["results"]
    assert [row["file_name"] for row in rows] == ["20.png", "16.png", "10.png"]
    assert rows[0]["AP"] < rows[1]["AP"] < rows[2]["AP"] == 1.0
