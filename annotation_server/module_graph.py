"""Which ES modules a page's script imports, directly or not, read from the files themselves."""

import re
from functools import cache
from pathlib import Path

# `import … from "./x.js"`, `import "./x.js"` and `export … from "./x.js"`; not import(), which is for later.
_STATIC_IMPORT = re.compile(r"^(?:import|export)\b(?:[^;\"'()]*?\bfrom)?\s*[\"']([^\"']+)[\"']", re.MULTILINE)


@cache
def modules_of(folder: Path, *entries: str) -> tuple[str, ...]:
    """Paths below ``folder`` of ``entries`` and all they import, the entries first, nearest imports next.

    Only relative imports inside the folder are followed. A browser that is told of them all at once fetches
    them side by side, instead of one generation after the other.
    """
    root = folder.resolve()
    found: dict[str, None] = {}
    waiting = [*entries]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = None
        file = root / path
        waiting += [
            (file.parent / name).resolve().relative_to(root).as_posix()
            for name in _STATIC_IMPORT.findall(file.read_text(encoding="utf-8"))
            if name.startswith(".")
        ]
    return tuple(found)
