"""Every sentence that the code shows to people, found where it is written."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[2]
SERVER, BROWSER = ROOT / "annotation_server", ROOT / "frontend_static"

_PYTHON_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PYTHON_PLURALS = {"ngettext", "ngettext_lazy"}
_JS_CALL = re.compile(r"(?<![\w.$\"'`])(t|plural)\(")
_JS_LITERAL = re.compile(r"""\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*([,)])""")
_PLACES = {"{": re.compile(r"\{(\w+)\}"), "%": re.compile(r"%\((\w+)\)[sd]")}


class NotLiteral(Exception):
    """A sentence that cannot be found because it is put together at run time."""


@dataclass(frozen=True)
class Sentence:
    """One English sentence, with its plural if it is about a count."""

    text: str
    plural: str = ""

    @property
    def key(self) -> str | tuple[str, str]:
        """As a catalogue names it."""
        return (self.text, self.plural) if self.plural else self.text


def places_of(text: str) -> set[str]:
    """What is filled into a sentence: {name} in the browser, %(name)s on the server."""
    return {name for pattern in _PLACES.values() for name in pattern.findall(text)}


def sentences_of_server() -> dict[Sentence, list[str]]:
    """Sentences of Python and templates with the files that say them."""
    found: dict[Sentence, list[str]] = {}
    for source in sorted(SERVER.rglob("*.py")):
        _note(found, source, python_sentences(source.read_text(encoding="utf-8")))
    for source in sorted((SERVER / "templates").rglob("*.html")):
        _note(found, source, template_sentences(source.read_text(encoding="utf-8")))
    return found


def sentences_of_browser() -> dict[Sentence, list[str]]:
    """Sentences of the ES modules with the files that say them."""
    found: dict[Sentence, list[str]] = {}
    for source in sorted(BROWSER.rglob("*.js")):
        if "vendor" in source.parts or source.name == "translate.js":
            continue
        try:
            _note(found, source, javascript_sentences(source.read_text(encoding="utf-8")))
        except NotLiteral as problem:
            raise NotLiteral(f"{source.relative_to(ROOT)}: {problem}") from None
    return found


def python_sentences(code: str) -> Iterator[Sentence]:
    """Literal arguments of _() and its relatives, and the labels of choices."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef):
            yield from _choice_labels(node)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
        if node.func.id in _PYTHON_CALLS and texts and isinstance(texts[0], str):
            yield Sentence(texts[0])
        elif node.func.id in _PYTHON_PLURALS and len(texts) == 2:
            yield Sentence(str(texts[0]), str(texts[1]))


def _choice_labels(node: ast.ClassDef) -> Iterator[Sentence]:
    """DRAFT = "draft", "Being drawn": states and roles stand in many sentences."""
    if not any(isinstance(base, ast.Attribute) and base.attr == "TextChoices" for base in node.bases):
        return
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
            label = line.value.elts[1]
            if isinstance(label, ast.Constant):
                yield Sentence(str(label.value))


def template_sentences(html: str) -> Iterator[Sentence]:
    """{% translate %} and {% blocktranslate %} of a template, in its blocks too."""
    nodes = Template(html).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        assert isinstance(node, TranslateNode)
        yield Sentence(str(node.filter_expression.var).strip("'\""))
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        assert isinstance(node, BlockTranslateNode)
        many = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Sentence(node.render_token_list(node.singular)[0], many)


def javascript_sentences(code: str) -> Iterator[Sentence]:
    """Literal arguments of t() and plural().

    Raises NotLiteral where the sentence is not a string literal.
    """
    for call in _JS_CALL.finditer(code):
        at = call.end()
        if call[1] == "plural":
            at = _past_argument(code, at)
            one = _literal(code, at)
            yield Sentence(_text(one[1]), _text(_literal(code, one.end())[1]))
        else:
            yield Sentence(_text(_literal(code, at)[1]))


def _literal(code: str, at: int) -> re.Match[str]:
    found = _JS_LITERAL.match(code, at)
    if found is None:
        raise NotLiteral(f"{code[at - 10 : at + 40]!r} is not a literal sentence")
    return found


def _text(literal: str) -> str:
    """The value of a JavaScript string; its escapes are Python's, too."""
    return str(ast.literal_eval(literal))


def _past_argument(code: str, at: int) -> int:
    """The place behind the comma that ends the argument beginning here."""
    depth = 0
    for place in range(at, len(code)):
        if code[place] in "([{":
            depth += 1
        elif code[place] in ")]}":
            depth -= 1
        elif code[place] == "," and depth == 0:
            return place + 1
    raise NotLiteral("plural() has no sentences")


def _note(found: dict[Sentence, list[str]], source: Path, sentences: Iterator[Sentence]) -> None:
    for sentence in sentences:
        where = found.setdefault(sentence, [])
        if (name := str(source.relative_to(ROOT))) not in where:
            where.append(name)
