"""What every test may ask for: a database, the owner's session, addresses for child processes, published vectors."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests.database import TestDatabase

if TYPE_CHECKING:
    from tests.world import Actor, World

# A shared machine may be slow at any moment: how long one example takes says nothing.
hypothesis.settings.register_profile("usual", deadline=None)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_configure() -> None:
    """Hear Ctrl-C: a shell starts what runs in the background deaf to it, and what tests start would be deaf too."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, so that no process sits over one while the others have nothing left."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def run_database(django_db_blocker: DjangoDbBlocker) -> Iterator[TestDatabase]:
    """The database of this run. Tests ask for `db` or the mark `django_db`, seldom for this."""
    with django_db_blocker.unblock():
        made = TestDatabase.make()
    yield made
    with django_db_blocker.unblock():
        made.drop()


@pytest.fixture(scope="session")
def django_db_setup(run_database: TestDatabase) -> Iterator[None]:
    """Replace Django's: the application's role may not empty insert-only tables, so a used database is renewed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: run_database.renew())
        yield


@pytest.fixture
def owner(db: None, run_database: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    """A session of the role that owns the tables, committing each statement. It sees only what tests commit."""
    with psycopg.connect(run_database.url("owner"), autocommit=True) as session:
        yield session


@pytest.fixture
def world(db: None) -> World:
    """A registry with nobody in it yet; a file may build another."""
    from tests.world import World  # what stands there needs Django's models, which are not loaded yet above

    return World()


@pytest.fixture
def own_directories(settings: Any, tmp_path: Path) -> None:
    """Media and log in folders of this test alone."""
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


@pytest.fixture
def ada(world: World) -> Actor:
    """A performer of the world that a file builds; a file may cast these parts differently."""
    return world.party("Ada Marsh")


@pytest.fixture
def studio(world: World) -> Actor:
    return world.party("Northlight", kind="organisation")


@pytest.fixture
def gallery(world: World) -> Actor:
    return world.party("Gallery", kind="organisation")


@pytest.fixture
def other(world: World) -> Actor:
    return world.party("Westwind", kind="organisation")


@pytest.fixture
def child_environment(run_database: TestDatabase) -> dict[str, str]:
    """The environment for a child process that shares this test's database, keys and directories, with its broker."""
    own = {name: value for name, value in os.environ.items() if name != "BROKER_URL"}
    return own | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": run_database.url("app"),
        "MIGRATE_DATABASE_URL": run_database.url("owner"),
    }


@pytest.fixture(scope="session")
def VECTORS_DIR() -> Path:  # noqa: N802 - it is the name of the variable that moves it
    """The published test vectors, which are not part of this repository."""
    path = Path(os.environ.get("VECTORS_DIR") or settings.BASE_DIR.parent / "shared" / "vectors")
    if not path.is_dir():
        pytest.skip(f"no published vectors in {path}: set VECTORS_DIR")
    return path
