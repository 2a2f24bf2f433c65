"""The .po files that people write, compiled to the .mo files that programs read; without GNU gettext."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def compile_stale(folder: Path = LOCALE) -> list[Path]:
    """Compile each catalogue that is newer than its .mo; returns the .mo files written."""
    catalogues = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    return [_compiled(po) for po in catalogues if _is_stale(po)]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def _compiled(po: Path) -> Path:
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parts[-3])
    # Several processes may start at once: each writes its own file and puts it in place whole.
    own = po.with_suffix(f".{os.getpid()}.tmp")
    with own.open("wb") as target:
        write_mo(target, catalogue)
    return own.replace(po.with_suffix(".mo"))


if __name__ == "__main__":
    for written in compile_stale():
        print(f"compiled {written}")
