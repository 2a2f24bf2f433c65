"""Arguments of the worker's commands are refused in a sentence, before anything is read."""

import argparse

import pytest

from ml_worker.arguments import at_least, usable_device
from ml_worker.dataset_sources import open_source


def test_numbers_and_devices_are_checked() -> None:
    assert at_least(1)("3") == 3 and usable_device("cpu") == "cpu"
    for read, text in ((at_least(1), "0"), (at_least(0), "two"), (usable_device, "abacus")):
        with pytest.raises(argparse.ArgumentTypeError, match=text):
            read(text)


@pytest.mark.parametrize("data", [5, {"scenes": {"count": 1}}, {"folder": "here", "colour": "red"}])
def test_settings_of_data_that_cannot_be_are_refused(data: object) -> None:
    with pytest.raises(ValueError, match="data"):
        open_source(data)  # type: ignore[arg-type]
