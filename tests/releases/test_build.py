"""A release read back with pycocotools and Pillow, never with the code that wrote it."""

import contextlib
import hashlib
import io
import tarfile

import numpy as np
import pytest
from PIL import Image as Picture
from pycocotools.coco import COCO

from annotation_server import media
from annotation_server.annotation.mask_shapes import keep_shapes
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.images.models import Image
from annotation_server.releases import build as building
from annotation_server.releases.build import build_release
from annotation_server.releases.manifest import FileRow, merkle_root
from annotation_server.releases.models import Release
from annotation_server.releases.start import start_release
from annotation_server.requests import progress
from annotation_server.requests.run import run_job

from .conftest import accept, cells, read_json, unpacked

pytestmark = pytest.mark.django_db(transaction=True)


def opened(path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def entity_files(root, folders):
    return [
        opened(root / f"annotations/entity_segmentation/entityv2_{folders}_entity_{split}.json")
        for split in ("train", "val")
    ]


def test_it_works(accepted_maps, build):
    release = build("v1")
    assert release.state == Release.State.PUBLISHED
    assert (release.images, release.masks) == (6, sum(len(np.unique(m)) - 1 for m in accepted_maps.values()))
    assert release.size_bytes == media.size(release.archive_key)
    assert release.statistics["entities_max"] == 13
    assert release.request.__class__.objects.get(pk=release.request_id).state == "succeeded"


def test_pycocotools_reads_back_every_pixel_of_every_label_map(accepted_maps, build, tmp_path):
    root = unpacked(build("v1"), tmp_path)
    seen = set()
    for coco in entity_files(root, "0102"):
        assert sorted(coco.anns) == list(range(1, len(coco.anns) + 1))
        assert coco.dataset["categories"][0]["name"] == "entity"
        for image_id, image in coco.imgs.items():
            label_map = accepted_maps[image_id]
            with Picture.open(root / "images" / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"]) == label_map.shape[::-1]
            numbers = [int(number) for number in np.unique(label_map) if number]
            annotations = coco.loadAnns(coco.getAnnIds(image_id))
            for number, annotation in zip(numbers, annotations, strict=True):
                mask = coco.annToMask(annotation).astype(bool)
                assert (mask == (label_map == number)).all()
                assert annotation["area"] == mask.sum()
                assert annotation["iscrowd"] == 0
            seen.add(image_id)
    assert seen == set(accepted_maps)


def test_files_of_one_folder_name_pictures_relative_to_it(accepted_maps, build, tmp_path):
    root = unpacked(build("v1"), tmp_path)
    assert sorted(path.name for path in (root / "images").iterdir()) == ["entity_01_4", "entity_02_2"]
    for folder, name in (("01", "entity_01_4"), ("02", "entity_02_2")):
        for coco in entity_files(root, folder):
            for image in coco.imgs.values():
                assert (root / "images" / name / image["file_name"]).is_file()


def test_panoptic_maps_are_the_label_maps(accepted_maps, build, tmp_path):
    root = unpacked(build("v1"), tmp_path)
    folder = root / "annotations/panoptic_segmentation"
    seen = set()
    for file in folder.glob("*.json"):
        split = file.stem.rpartition("_")[2]
        for annotation in read_json(file)["annotations"]:
            label_map = accepted_maps[annotation["image_id"]]
            png = folder / f"panoptic_maps_{split}" / annotation["file_name"]
            ids = np.asarray(Picture.open(png)).astype(int) @ [1, 256, 65536]
            assert (ids == label_map).all()
            areas = {segment["id"]: segment["area"] for segment in annotation["segments_info"]}
            assert areas == {int(n): int((label_map == n).sum()) for n in np.unique(label_map) if n}
            seen.add(annotation["image_id"])
    assert seen == set(accepted_maps)


def test_entity_class_holds_the_images_whose_masks_all_have_a_term(accepted_maps, build, tmp_path):
    root = unpacked(build("v1"), tmp_path)
    files = [opened(root / f"entityclass/entityclass_{split}.json") for split in ("train", "val")]
    assert sorted(image for coco in files for image in coco.imgs) == sorted(accepted_maps)[:4]
    names = {row["id"]: row["name"] for row in read_json(root / "entityclass/categories.json")}
    assert {names[a["category_id"]] for coco in files for a in coco.anns.values()} == {"tree"}
    assert len(read_json(root / "entityclass/vocabulary.json")) == len(names)


def test_every_file_is_what_the_manifest_says(accepted_maps, build, tmp_path):
    release = build("v1")
    root = unpacked(release, tmp_path)
    manifest = read_json(root / "MANIFEST.json")
    assert manifest["release"] == release.merkle_root
    assert (root / "MANIFEST.json").read_bytes() == media.read(release.manifest_key)
    rows = [FileRow(row["path"], row["bytes"], row["sha256"]) for row in manifest["files"]]
    for row in rows:
        content = (root / row.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row.size, row.sha256)
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert found == {row.path for row in rows} | {"MANIFEST.json"}
    assert merkle_root(rows) == release.merkle_root


def test_building_twice_gives_the_same_bytes(accepted_maps, build):
    """The second time the shapes of the masks are known, the first time of none."""
    first = build("v1")
    for annotation_id in Annotation.objects.values_list("pk", flat=True):
        assert keep_shapes(annotation_id)
    second = build("v2")
    assert first.merkle_root == second.merkle_root
    assert media.read(first.archive_key) == media.read(second.archive_key)


def test_the_archive_is_sorted_and_says_nothing_of_who_or_when(accepted_maps, build):
    with tarfile.open(fileobj=io.BytesIO(media.read(build("v1").archive_key))) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names[:-1] == sorted(names[:-1])
    assert names[-1] == "entityseg/MANIFEST.json"
    assert {(m.mtime, m.mode, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0o644, 0, 0, "", "")}


def test_an_image_keeps_its_split_in_later_releases(
    accepted_maps, build, project, anna, make_image, make_annotation
):
    build("v1")
    before = dict(Image.objects.values_list("pk", "split"))
    assert set(before.values()) == {"train", "val"}
    for k in range(5):
        accept(make_annotation(make_image(project, 30 + k, 20), anna, cells(30 + k, 20, 2, k)))
    later = build("v2")
    assert later.images == 11
    assert dict(Image.objects.filter(pk__in=before).values_list("pk", "split")) == before
    assert Image.objects.filter(split="").count() == 0


def test_only_accepted_annotations_go_in(accepted_maps, build, project, anna, make_image, make_annotation):
    draft = make_image(project, 33, 22)
    make_annotation(draft, anna, cells(33, 22, 3, 1))
    submitted = make_annotation(make_image(project, 34, 22), anna, cells(34, 22, 3, 1))
    Annotation.objects.filter(pk=submitted.pk).update(state=Annotation.State.SUBMITTED)
    assert build("v1").images == 6
    draft.refresh_from_db()
    assert draft.split == ""


def test_what_was_fixed_stays_when_more_is_accepted_during_the_build(
    accepted_maps, project, ada, anna, make_image, make_annotation, broker
):
    """A worker dies after the inputs were fixed; the next attempt builds the same release."""
    release = start_release(project, "v1", "", by=ada)
    building.fix_inputs(release.pk)
    accept(make_annotation(make_image(project, 30, 20), anna, cells(30, 20, 2, 1)))
    run_job(release.request.jobs.get().pk, build_release)
    release.refresh_from_db()
    assert release.images == 6


def test_a_killed_attempt_leaves_nothing_and_the_next_one_publishes(
    accepted_maps, project, ada, broker, monkeypatch
):
    release = start_release(project, "v1", "", by=ada)
    job = release.request.jobs.get()
    with monkeypatch.context() as broken:
        broken.setattr(building, "merkle_root", lambda files: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_job(job.pk, build_release)
    release.refresh_from_db()
    assert release.state == Release.State.BUILDING
    assert not media.exists(release.archive_key)
    assert run_job(job.pk, build_release)
    release.refresh_from_db()
    assert release.state == Release.State.PUBLISHED


def test_a_published_release_is_not_built_again(accepted_maps, build):
    release = build("v1")
    stamp = media.read(release.manifest_key), release.published_at
    Annotation.objects.update(state=Annotation.State.RETURNED)
    building.build_release(release.request.jobs.get(), progress_of_nothing)
    release.refresh_from_db()
    assert (media.read(release.manifest_key), release.published_at) == stamp


def progress_of_nothing(share: float) -> bool:
    raise AssertionError("A published release is not worked on.")


def test_a_cancelled_build_publishes_nothing(accepted_maps, project, ada, broker):
    release = start_release(project, "v1", "", by=ada)
    progress.cancel(release.request_id)
    assert not run_job(release.request.jobs.get().pk, build_release)
    release.refresh_from_db()
    assert release.state == Release.State.FAILED
    assert not media.exists(release.archive_key)


def test_a_damaged_annotation_is_refused_by_name(accepted_maps, build):
    mask = Mask.objects.filter(area__gt=0).first()
    Mask.objects.filter(pk=mask.pk).update(area=mask.area + 1)
    release = build("v1")
    assert release.state == Release.State.FAILED
    assert f"Annotation {mask.annotation_id} does not agree" in release.error


def test_one_image_is_enough(project, anna, build, make_image, make_annotation, tmp_path):
    accept(make_annotation(make_image(project, 30, 20), anna, cells(30, 20, 2, 1), named="tree"))
    root = unpacked(build("v1"), tmp_path)
    train, val = entity_files(root, "01")
    assert (len(train.imgs), len(val.imgs)) == (1, 0)
