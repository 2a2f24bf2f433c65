"""Files by key, in a folder and in a real bucket."""

from pathlib import Path

import pytest

from ml_worker.config import WorkerConfig
from ml_worker.storage import BucketStorage, FolderStorage, NoSuchFile, Storage, open_storage
from tests.session_services.s3 import S3


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.services)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage(WorkerConfig.from_environment({"TESSERA_MEDIA_ROOT": str(tmp_path)}))
    service: S3 = request.getfixturevalue("s3_service")
    bucket: str = request.getfixturevalue("s3_storage")
    config = WorkerConfig.from_environment(service.environment(bucket))
    return open_storage(config)


def test_a_file_comes_back_and_is_replaced_whole(storage: Storage) -> None:
    storage.write("a/b/result.json", b"one")
    storage.write("a/b/result.json", b"two")
    assert storage.read("a/b/result.json") == b"two"
    with storage.local_copy("a/b/result.json") as path:
        assert path.read_bytes() == b"two"
        assert path.suffix == ".json"


def test_an_absent_file_is_named(storage: Storage) -> None:
    with pytest.raises(NoSuchFile, match=r"gone\.bin"):
        storage.read("gone.bin")
    with pytest.raises(NoSuchFile, match=r"gone\.bin"), storage.local_copy("gone.bin"):
        pass


def test_the_environment_decides_between_folder_and_bucket(tmp_path: Path) -> None:
    assert isinstance(open_storage(WorkerConfig.from_environment({})), FolderStorage)
    home = WorkerConfig.from_environment({"TESSERA_HOME": str(tmp_path)})
    assert home.media_root == tmp_path / "media"
    named = WorkerConfig.from_environment({"TESSERA_S3_BUCKET": "b", "AWS_DEFAULT_REGION": "eu-west-1"})
    assert named.s3_bucket == "b"


@pytest.mark.parametrize("key", ["../outside", "/etc/hostname", "a/../../outside", ""])
def test_keys_that_lead_out_of_the_folder_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="outside the media folder"):
        FolderStorage(tmp_path / "media").write(key, b"x")
    assert not (tmp_path / "outside").exists()


def test_a_write_that_fails_leaves_no_part(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.write("file", b"old")
    with pytest.raises(TypeError):
        storage.write("file", "not bytes")  # type: ignore[arg-type]
    assert storage.read("file") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_threads_must_be_a_number() -> None:
    assert WorkerConfig.from_environment({"OMP_NUM_THREADS": "3"}).threads == 3
    with pytest.raises(ValueError, match="OMP_NUM_THREADS"):
        WorkerConfig.from_environment({"OMP_NUM_THREADS": "many"})


def test_a_bucket_is_reached_with_the_wrong_key_not_at_all(
    s3_service: S3, s3_storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(Exception, match=r"SignatureDoesNotMatch|Forbidden|403"):
        BucketStorage(s3_storage, s3_service.endpoint).write("key", b"x")
