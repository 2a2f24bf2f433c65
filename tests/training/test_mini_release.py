"""What a run learns from is frozen, reproducible, and never of val, test or an open study."""

import hashlib
import json

import pytest

from annotation_server import media
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.errors import Refused
from annotation_server.images.models import Image
from annotation_server.releases.models import Release
from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.training import mini_release
from annotation_server.training.mini_release import freeze
from annotation_server.training.nightly import Untrainable, refuse_untrainable


def go_on(share: float) -> None:
    assert 0 <= share <= 1


def images_of(key: str) -> list[int]:
    return [row["image"] for row in json.loads(media.read(key))["examples"]]


def test_it_works(run, accepted) -> None:
    train, val, test = accepted("train"), accepted("val"), accepted("test")
    frozen = freeze(run, go_on)
    assert images_of(run.examples_key) == [train.image_id]
    assert images_of(run.judged_key) == [val.image_id]
    assert (frozen.images, frozen.masks, frozen.judged, frozen.left_out) == (1, 2, 1, 0)
    files = media.read(run.examples_key) + media.read(run.judged_key)
    assert frozen.sha256 == hashlib.sha256(files).hexdigest()
    (row,) = json.loads(media.read(run.examples_key))["examples"]
    assert (row["image_key"], row["width"], row["height"]) == (train.image.file_key, 32, 32)
    label_map, _ = decode_bundle(decompress_bundle(media.read(row["map_key"])))
    assert label_map.sha256() == row["map_sha256"] == read_map(train.pk).sha256()
    assert not any(str(test.map_sha256) in key for key in (row["map_key"], row["map_sha256"]))


def test_the_same_annotations_freeze_to_the_same_bytes(run, accepted) -> None:
    accepted("train"), accepted("val")
    first = freeze(run, go_on)
    accepted("")
    Image.objects.filter(split="").update(split="test")
    assert freeze(run, go_on) == first


def test_many_are_written_in_pieces(run, accepted, monkeypatch) -> None:
    monkeypatch.setattr(mini_release, "_ROWS_AT_ONCE", 2)
    expected = [accepted("train").image_id for _ in range(5)]
    accepted("val")
    freeze(run, go_on)
    assert images_of(run.examples_key) == expected


def test_images_without_a_split_get_theirs_for_ever(run, accepted, project) -> None:
    for _ in range(4):
        accepted("")
    frozen = freeze(run, go_on)
    assert (frozen.images, frozen.judged) == (3, 1)
    assert not project.images.filter(split="").exists()


def test_an_image_of_an_open_study_is_left_out_until_the_study_ends(run, accepted, carl) -> None:
    studied, free = accepted("train"), accepted("train")
    accepted("val")
    study = Assignment.objects.create(image=studied.image, annotator=carl, round="study")
    frozen = freeze(run, go_on)
    assert images_of(run.examples_key) == [free.image_id]
    assert frozen.left_out == 1
    for state in ("submitted", "returned"):
        Assignment.objects.filter(pk=study.pk).update(state=state)
        assert freeze(run, go_on).left_out == 1
    Assignment.objects.filter(pk=study.pk).update(state="accepted")
    assert freeze(run, go_on).images == 2


@pytest.mark.parametrize("split", ["val", "test", ""])
def test_the_guard_refuses_every_image_that_is_not_of_train(accepted, split) -> None:
    train, other = accepted("train"), accepted(split)
    refuse_untrainable([train.image_id])
    with pytest.raises(Untrainable, match=f"{other.image.file_name} is of split"):
        refuse_untrainable([train.image_id, other.image_id])


def test_the_guard_refuses_an_image_of_an_open_study(accepted, carl) -> None:
    train = accepted("train")
    Assignment.objects.create(image=train.image, annotator=carl, round="study")
    with pytest.raises(Untrainable, match="consistency study"):
        refuse_untrainable([train.image_id])


def test_a_release_that_calls_a_val_image_train_is_refused(run, accepted, project) -> None:
    val = accepted("val")
    row = {"image": val.image_id, "annotation": val.pk, "revision": 0, "map_sha256": val.map_sha256}
    run.release = Release.objects.create(
        project=project, name="forged", state="published", inputs=[row | {"split": "train"}]
    )
    media.delete(run.examples_key)
    with pytest.raises(Untrainable):
        freeze(run, go_on)
    assert not media.exists(run.examples_key)


def test_a_release_is_trained_on_as_it_was_published(run, accepted, project) -> None:
    train, val, later = accepted("train"), accepted("val"), accepted("train")
    run.release = Release.objects.create(
        project=project,
        name="v1",
        state="published",
        inputs=[
            {
                "image": one.image_id,
                "annotation": one.pk,
                "revision": one.revision_number,
                "map_sha256": one.map_sha256,
                "split": one.image.split,
            }
            for one in (train, val)
        ],
    )
    freeze(run, go_on)
    assert images_of(run.examples_key) == [train.image_id] != [later.image_id]
    Annotation.objects.filter(pk=val.pk).delete()
    with pytest.raises(Refused, match="is gone"):
        freeze(run, go_on)


def test_without_images_of_val_nothing_is_trained(run, accepted) -> None:
    accepted("train")
    with pytest.raises(Refused, match="at least 10 images of split val") as refusal:
        freeze(run, go_on)
    assert refusal.value.code == "nothing_to_judge"


def test_without_images_of_train_there_is_nothing_to_learn_from(run, accepted) -> None:
    accepted("val")
    with pytest.raises(Refused, match="nothing to learn from"):
        freeze(run, go_on)


def test_a_damaged_label_map_is_refused(run, accepted) -> None:
    train = accepted("train")
    accepted("val")
    Annotation.objects.filter(pk=train.pk).update(map_sha256="0" * 64)
    with pytest.raises(Refused, match="not the one that was accepted"):
        freeze(run, go_on)
