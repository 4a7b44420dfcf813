"""``docs/erasure.md`` says of every column what an erasure does to it, and does not say too much."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import models

from tests.burglar import Loot
from tests.erasing import erased
from tests.erasure_scene import Scene

PAGE = (Path(__file__).parents[1] / "docs" / "erasure.md").read_text("utf-8")
CLASSES = {"id", "others", "gone", "sealed", "cleared", "kept", "key", "log", "cache"}
APPS = ("registry", "consent", "generation", "web")
# Tables of which the person may be named after all, and as what.
NAMED_AS_ANOTHER = {
    "registry_authority": "somebody else's agent, or who attested to one",
    "registry_authority_agent": "somebody else's agent",
    "registry_vouch": "who vouched for somebody else",
    "registry_confirmation": "who confirmed somebody else's identifier",
    "registry_challenge": "who vouches for somebody else",
    "registry_thread": "what statements of others lead to, and the record of the erasure is found under",
    "registry_dispute": "who disputes what is somebody else's",
    "registry_court_officer": "an officer, whom the registry's policy names",
    "registry_document_mention": "who may read somebody else's paper",
    "registry_affiliation": "somebody else's affiliate",
}


def said() -> Iterator[tuple[str, str, str]]:
    """Yield table, class and column of each cell of the page."""
    _, _, table = PAGE.partition("\n| table | class | columns |\n")
    for row in table.splitlines()[1:]:
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        if len(cells) == 3:
            yield from ((cells[0].strip("`"), cells[1], column) for column in cells[2].strip("`").split())


def columns(kinds: Iterable[type[models.Model]]) -> set[tuple[str, str]]:
    return {
        (model._meta.db_table, field.name)
        for model in kinds
        for field in model._meta.get_fields()
        if field.concrete and not isinstance(field, models.CompositePrimaryKey)
    }


def ours() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def test_every_column_of_every_table_is_classed_once() -> None:
    counted = Counter((table, column) for table, _, column in said())
    assert sorted(columns(ours()) - counted.keys()) == [], (
        "add these to docs/erasure.md: what does an erasure do to them?"
    )
    assert sorted(counted.keys() - columns(ours())) == []
    assert [one for one, times in counted.items() if times > 1] == []
    assert {class_ for _, class_, _ in said()} == CLASSES


def test_a_new_column_that_nobody_classed_is_found() -> None:
    """The planted fault: a model with a column that the page does not know."""

    class Unheard(models.Model):
        nickname = models.TextField()

        class Meta:
            app_label = "tests"
            db_table = "tests_unheard"

    known = {(table, column) for table, _, column in said()}
    assert columns([*ours(), Unheard]) - known == {("tests_unheard", "id"), ("tests_unheard", "nickname")}


def test_no_free_words_are_passed_off_as_ids() -> None:
    classes = {(table, column): class_ for table, class_, column in said()}
    free = {
        (model._meta.db_table, field.name)
        for model in ours()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField)
        or (isinstance(field, models.CharField) and (field.max_length or 0) > 120)
    }
    explained = {
        ("generation_shot", "leased_by"),
        ("generation_shot", "outcome_detail"),
        ("registry_destroyed_key", "owner"),
    }
    assert {one for one in free if classes[one] == "id"} == explained


@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_no_table_that_is_said_to_forget_the_person_names_them(
    tmp_path: Path, settings: Any, owner: psycopg.Connection[Any]
) -> None:
    scene = Scene.open(tmp_path, settings)
    forgetting = {table for table, class_, _ in said() if class_ == "gone"}
    before = {table for table in forgetting if names(Loot.of(owner), table, scene.ada.id)}
    assert len(before) >= 15, sorted(before)
    erased(scene.studio.world, scene.ada)
    left = {table for table in forgetting if names(Loot.of(owner), table, scene.ada.id)}
    assert left <= NAMED_AS_ANOTHER.keys(), sorted(left - NAMED_AS_ANOTHER.keys())


def names(loot: Loot, table: str, person: str) -> bool:
    return re.search(re.escape(person).encode(), loot.copies[table]) is not None
