"""Every test counts the uses of terms anew."""

import pytest

from annotation_server.vocabulary import find


@pytest.fixture(autouse=True)
def no_uses_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "USES_KEPT_S", 0.0)
