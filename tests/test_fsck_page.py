"""``docs/fsck.md`` lists every code that `fsck` has, and each is planted by some test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests import sweep
from web.fsck.unproven import ADDED, EVERYTHING, GONE, UNPROVEN

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "fsck.md").read_text("utf-8")
TOLD = re.compile(r"[a-z]+(_[a-z]+)+")


def on_the_page() -> set[str]:
    table = PAGE.partition("\n| codes |")[2].partition("\n\n")[0]
    return {code for row in table.splitlines()[2:] for code in re.findall(r"`([a-z_]+)`", row.split("|")[1])}


def in_the_code() -> set[str]:
    """Return what findings are made with: `report.add("code", …)`, `fault="code"`, and pairs of a code and a detail."""
    found = set()
    for path in (ROOT / "web" / "fsck").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="add"), args=[first, _, _]):
                    found |= _codes(first)
                case ast.Call(func=ast.Name(id="Finding"), keywords=keywords):
                    found |= {code for one in keywords if one.arg == "fault" for code in _codes(one.value)}
                case ast.Yield(value=ast.Tuple(elts=[first, _])) | ast.Return(value=ast.Tuple(elts=[first, _])):
                    found |= _codes(first)
                case ast.For(iter=ast.Tuple(elts=rows)):
                    found |= {code for row in rows if isinstance(row, ast.Tuple) for code in _codes(row.elts[0])}
    return found


def _codes(node: ast.expr) -> set[str]:
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return {text} if TOLD.fullmatch(text) and not text.startswith("registry_") else set()


def test_the_page_lists_every_code_and_no_other() -> None:
    assert on_the_page() == in_the_code()


def test_every_code_is_planted_by_some_test() -> None:
    planted = " ".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("*.py"))
    assert [code for code in sorted(on_the_page()) if not re.search(rf'"{code}"|\b{code}=', planted)] == []


def test_what_may_go_unseen_is_of_tables_and_columns_that_there_are(db: None) -> None:
    for one in UNPROVEN:
        columns = set(sweep.columns_of(one.table)) | {ADDED, GONE, EVERYTHING}
        assert one.columns <= columns, f"{one.table} has no {one.columns - columns}"
        assert one.why
