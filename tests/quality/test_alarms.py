"""Alarms: found once an event, whoever looks how often; acknowledged once, with a note, by someone else."""

import pytest

from annotation_server.errors import Refused
from annotation_server.projects.models import Membership
from annotation_server.quality import keep_up
from annotation_server.quality.alarms import acknowledge
from annotation_server.quality.control_charts import Usual
from annotation_server.quality.measures import BY_NAME, Sample, samples_of, usual_of
from annotation_server.quality.models import Alarm, Limits

from .conftest import days_ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def steady(project, anna, ben, rita, submitted):
    """Both work for 24 days, 20 masks a day at nearly the same speed; then Anna takes a tenth of the time."""
    for day in range(25, 1, -1):
        for person, more in ((anna, day % 3), (ben, day % 2)):
            submitted(person, days_ago(day), reviewer=rita, active_ms=600_000 + 30_000 * more)
    submitted(anna, days_ago(1), reviewer=rita, active_ms=60_000)
    keep_up.keep_quality()


def test_it_works(steady, project, anna):
    alarm = Alarm.objects.get()
    assert (alarm.annotator, alarm.measure, alarm.rule) == (anna, "mask_time", "beyond_limits")
    assert alarm.value == pytest.approx(3.0), "seconds a mask"
    assert alarm.first_at.date() == days_ago(1)
    assert alarm.limit is not None and 3 < alarm.limit < alarm.centre < 40
    limits = Limits.objects.get(project=project).by_measure["mask_time"]
    assert (limits["points"], limits["left_out"]) == (48, 1), "the odd one does not widen the limits"


def test_the_same_event_alarms_once_and_may_go_on(steady, project, anna, rita, submitted):
    keep_up.keep_quality()
    assert Alarm.objects.count() == 1
    submitted(anna, days_ago(0), reviewer=rita, active_ms=60_000)
    keep_up.keep_quality()
    alarm = Alarm.objects.get()
    assert (alarm.first_at.date(), alarm.last_at.date()) == (days_ago(1), days_ago(0))


def test_below_twenty_points_nothing_alarms(project, anna, rita, submitted):
    for day in range(15, 0, -1):
        submitted(anna, days_ago(day), reviewer=rita, active_ms=6_000 if day == 1 else 600_000 + day)
    keep_up.keep_quality()
    assert not Alarm.objects.exists()
    assert Limits.objects.get(project=project).by_measure == {}


def test_days_that_hold_little_are_gathered():
    days = [{"day": days_ago(9 - n), "judged": 8, "accepted": 7 - n} for n in range(5)]
    none = dict.fromkeys(("masks", "active_ms", "counted_masks", "strokes", "kept", "edited", "rejected"), 0)
    samples = samples_of([{**day, **none} for day in days], [])["accepted"]
    assert [(one.size, one.count, one.at.date()) for one in samples] == [(24, 18, days_ago(7))]


def test_a_single_return_among_hundreds_is_no_alarm():
    samples = [[Sample(None, 1, 20, 20)] * 30]
    assert usual_of(BY_NAME["accepted"], samples) == Usual(0.95, pytest.approx(0.2179, abs=1e-4), 30)


def test_acknowledged_once_with_a_note(steady, project, anna, rita, client_of):
    alarm = Alarm.objects.get()
    address = f"/api/v1/alarms/{alarm.pk}/acknowledge"
    assert client_of(anna).post(address, {"note": "It is fine."}, format="json").status_code == 403
    assert client_of(rita).post(address, {"note": " "}, format="json").status_code == 400
    answer = client_of(rita).post(address, {"note": "Talked to Anna."}, format="json")
    assert answer.json()["note"] == "Talked to Anna."
    assert client_of(rita).post(address, {"note": "Again."}, format="json").status_code == 409
    keep_up.keep_quality()
    assert Alarm.objects.get().acknowledged_by == rita, "the event does not come back"


def test_nobody_acknowledges_their_own(steady, project, anna, rita):
    Membership.objects.filter(user=anna).update(role="reviewer")
    with pytest.raises(Refused, match="another reviewer"):
        acknowledge(anna, Alarm.objects.get().pk, "Nothing to see.")


def test_the_chart_marks_what_alarms(steady, project, rita, client_of):
    answer = client_of(rita).get(f"/api/v1/projects/{project.pk}/quality/people/anna").json()
    chart = next(one for one in answer["charts"] if one["measure"] == "mask_time")
    assert [point["rules"] for point in chart["points"]] == [[]] * 24 + [["beyond_limits"]]
    assert chart["points"][-1]["value"] == pytest.approx(3.0)
    assert chart["points"][0]["low"] < chart["centre"] < chart["points"][0]["high"]
    assert [alarm["rule"] for alarm in answer["alarms"]] == ["beyond_limits"]
