"""``docs/formats.md`` says what the code does: every type, every role, every code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from consent.core.obstacles import CODES
from consent.core.request import ROLES
from registry.core.terms import ASPECTS
from web.statements import KINDS

PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of the table whose first heading this is."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def _names(cell: str) -> list[str]:
    return re.findall(r"`([a-z_.]+)`", cell)


def test_every_type_that_is_taken_in_has_its_row_with_its_effect_and_no_other_has() -> None:
    assert {_names(row[0])[0]: row[1] for row in _rows("type")} == {kind.type: kind.effect for kind in KINDS.values()}


def test_what_is_reserved_is_not_taken_in_yet() -> None:
    line = PAGE.partition("\nReserved, ")[2].partition("\n")[0]
    reserved = line.partition("built: `")[2].rstrip("`.").split()
    assert reserved
    assert not {*reserved} & {*KINDS}


def test_the_registrys_own_types_are_those_that_the_page_lists() -> None:
    line = PAGE.partition("The registry's own bodies (`")[2].partition("`")[0]
    assert line.split() == sorted(kind.type for kind in KINDS.values() if kind.effect == "records")
    section = PAGE.partition("\n## 6.")[2].partition("\n## 7.")[0]
    assert {*line.split()} == {*re.findall(r"^- `([a-z.]+)`:", section, re.MULTILINE)}


def test_every_role_takes_what_the_page_says() -> None:
    said = {}
    for roles, of_asset, of_performers, act in _rows("role"):
        taken = tuple(
            sorted(word for word in ASPECTS.terms if word in re.split(r"\W+", cell))
            for cell in (of_asset, of_performers)
        )
        said |= {role: (*taken, _names(act)) for role in _names(roles)}
    assert said == {
        name: (
            sorted(ASPECTS.names(role.takes)),
            sorted(ASPECTS.names(role.of_performers)),
            [] if role.extra_act is None else [role.extra_act],
        )
        for name, role in ROLES.items()
    }


def test_every_code_of_an_obstacle_is_explained_in_its_order() -> None:
    assert [name for row in _rows("code") for name in _names(row[0])] == [*CODES]


def _raised() -> set[str]:
    """Return every code that stands in the source as that of an error."""
    found = set()
    for app in ("config", "consent", "generation", "registry", "web"):
        for path in (Path(__file__).parents[1] / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                found |= {*_code_of_class(node), *_code_of_call(node)}
    return found


def _code_of_class(node: ast.AST) -> Iterator[str]:
    """Yield `code = "…"` of an exception's class."""
    for part in node.body if isinstance(node, ast.ClassDef) else ():
        if (
            isinstance(part, ast.Assign)
            and ast.unparse(part.targets[0]) == "code"
            and isinstance(part.value, ast.Constant)
        ):
            yield str(part.value.value)


def _code_of_call(node: ast.AST) -> Iterator[str]:
    """Yield the code that one of the errors with many codes is raised with."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Conflict", "Forbidden", "Inadmissible", "Malformed"):
        codes = [word.value for word in node.keywords if word.arg == "code"] or node.args[:1]
        yield from (code.value for code in codes if isinstance(code, ast.Constant) and isinstance(code.value, str))


def test_every_code_of_a_refusal_stands_on_the_page() -> None:
    said = {name for row in _rows("status") for name in re.findall(r"`(\w+)`", row[1])}
    raised = _raised()
    assert len(raised) > 100
    assert sorted(raised - said) == []
