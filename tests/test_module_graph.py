"""The modules a page's script needs, read from the files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from annotation_server.module_graph import modules_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "page/main.js": 'import { a } from "../shared/a.js";\n'
        'import {\n  b,\n  c,\n} from "./b.js";\nimport "./c.js";\n',
        "page/b.js": 'export { d } from "./d.js";\nexport const b = () => import("./later.js");\n',
        "page/c.js": '/** @typedef {import("./type.js").T} T */\nimport { a } from "../shared/a.js";\n',
        "page/d.js": 'export const from = "./not.js";\n',
        "shared/a.js": 'import { main } from "../page/main.js";\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_every_static_import_is_found_once_nearest_first(folder: Path) -> None:
    assert modules_of(folder, "page/main.js") == (
        "page/main.js",
        "shared/a.js",
        "page/b.js",
        "page/c.js",
        "page/d.js",
    )


def test_a_module_that_is_missing_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text('import "./gone.js";')
    with pytest.raises(FileNotFoundError):
        modules_of(tmp_path, "main.js")


def test_the_editor_announces_its_whole_graph(
    client: Client, anna: object, project: object, make_image: object, make_annotation: object
) -> None:
    client.force_login(anna)  # type: ignore[arg-type]
    annotation = make_annotation(make_image(project), anna)  # type: ignore[operator]
    page = client.get(f"/annotate/{annotation.pk}").content.decode()
    for path in modules_of(settings.FRONTEND_DIR, "annotate/main.js"):
        assert f'<link rel="modulepreload" href="{settings.STATIC_URL}{path}">' in page
