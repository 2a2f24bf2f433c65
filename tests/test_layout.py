"""The repository keeps its shape: top level, file names, mirrored tests, no paths of one machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
FILES = {
    ".dockerignore",
    ".gitignore",
    ".npmrc",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "docker-compose.yml",
    "eslint.config.js",
    "manage.py",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "requirements.lock",
    "tsconfig.json",
}
FOLDERS = {
    ".ci",
    "annotation_server",
    "benchmarks",
    "docs",
    "fixtures",
    "frontend_static",
    "migrations",
    "ml_worker",
    "tests",
}
DRAWERS = {"utils", "helpers", "services", "selectors", "core", "common", "misc", "util"}
# Tests that mirror no package: journeys, other languages, the session's services.
NOT_MIRRORS = {"journeys", "browser", "faults", "js", "session_services", "benchmarks", "data"}
LONGEST_FILE = 450
AREAS = REPOSITORY / "annotation_server"


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [REPOSITORY / line for line in listed.stdout.splitlines() if (REPOSITORY / line).is_file()]


def test_the_top_level_is_fixed():
    top = {path.relative_to(REPOSITORY).parts[0] for path in tracked()}
    assert top <= FILES | FOLDERS


def test_files_are_named_after_what_they_do():
    drawers = [path for path in tracked("*.py", "*.js") if path.stem in DRAWERS]
    assert drawers == []


def test_tests_mirror_the_packages():
    folders = {path.relative_to(REPOSITORY / "tests").parts[0] for path in tracked("tests/*/*.py")}
    packages = {path.stem for path in AREAS.iterdir()} | {"ml_worker"}
    assert folders - NOT_MIRRORS <= packages


def test_packages_hold_a_docstring_and_nothing_else():
    for path in tracked("annotation_server/*__init__.py", "ml_worker/*__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        kinds = [type(node.value) for node in body if isinstance(node, ast.Expr)]
        assert len(body) == 1 and kinds == [ast.Constant], path


def test_every_module_says_what_it_is():
    silent = [
        path
        for path in tracked("annotation_server/*.py", "ml_worker/*.py", "benchmarks/*.py")
        if path.name != "__init__.py"
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_no_file_outgrows_its_name():
    long = {
        str(path.relative_to(REPOSITORY)): lines
        for path in tracked("*.py", "frontend_static/*.js")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_path_of_one_machine_and_no_address_of_a_registry():
    paths = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users)/[a-z]")
    hosts = re.compile(
        r"(?:files\.pythonhosted|pypi|registry\.npmjs|registry\.yarnpkg|download\.pytorch)\.org"
    )
    found = []
    for path in tracked():
        if path.suffix in {".png", ".jpg", ".gz", ".safetensors", ".npz"} or path == Path(__file__).resolve():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        if paths.search(text) or hosts.search(text):
            found.append(str(path.relative_to(REPOSITORY)))
    assert found == []


def test_migrations_have_names():
    names = [path.stem for path in tracked("migrations/annotation_server/*.py") if path.stem != "__init__"]
    assert names and all(re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name) for name in names)
    assert not any("auto_" in name for name in names)


def test_nothing_unfinished_is_left():
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in tracked("*.py", "*.js", "*.css", "*.html")
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_every_model_and_role_has_a_word():
    words = (REPOSITORY / "docs/words.md").read_text(encoding="utf-8").lower()
    index = (AREAS / "models.py").read_text(encoding="utf-8")
    named = {re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower() for name in re.findall(r"import (\w+) as", index)}
    missing = {name for name in named if name not in words and name.replace(" ", "") not in words}
    assert missing == set()


def test_every_setting_is_described():
    """Each environment variable the server, worker or demo reads has a row in docs/running.md."""
    reads = re.compile(
        r"(?:env_(?:text|bool|int|list)|environ(?:ment)?(?:\.get)?|getenv)\s*[(\[]\s*\"([A-Z][A-Z0-9_]+)\""
    )
    read = {
        name
        for path in [*tracked("annotation_server/*.py"), *tracked("ml_worker/*.py")]
        for name in reads.findall(path.read_text(encoding="utf-8"))
    } - {"DJANGO_SETTINGS_MODULE", "PYTEST_VERSION", "TESSERA_DEMO_PASSWORD"}
    described = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (REPOSITORY / "docs/running.md").read_text("utf-8")))
    assert read - described == set()


def test_the_server_starts_without_torch():
    code = (
        "import django, sys; django.setup(); import annotation_server.urls; sys.exit('torch' in sys.modules)"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "annotation_server.settings",
        "SECRET_KEY": "only-for-this-check",
        "PATH": "",
    }
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, check=False)
    assert done.returncode == 0
