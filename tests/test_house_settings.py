"""What the environment may say, and the one sentence that stops the start when it says something unusable."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from config import provisioning
from config.postgres.home import Home
from tests.database import TestDatabase

PROJECT = Path(__file__).resolve().parents[1]
KEK = base64.b64encode(bytes(range(32))).decode()
SHOW = "from django.conf import settings as s; from registry.custody import custody; c = custody(); print({})"
KEK_SHOWN = "c.derive('kek', b'shown')"  # what follows from it; the key itself nobody is given


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment that decides nothing but where things lie."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path / "var"),
        "POSTGRES_HOME": os.environ["POSTGRES_HOME"],
    }


def _python(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


def _show(environment: dict[str, str], expression: str) -> str:
    done = _python(environment, "-c", SHOW.format(expression))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _refusal(environment: dict[str, str]) -> str:
    done = _python(environment, "manage.py", "check")
    assert done.returncode != 0
    (sentence,) = done.stderr.strip().splitlines()
    return sentence


def test_a_command_that_needs_no_database_starts_none(environment: dict[str, str], tmp_path: Path) -> None:
    environment["POSTGRES_HOME"] = str(tmp_path / "postgres")
    assert _python(environment, "manage.py", "check").returncode == 0
    home = Home.at(tmp_path / "postgres")
    assert not home.data.exists()
    shutil.rmtree(home.root)  # root's lies in /var/lib


def test_missing_keys_are_made_once_and_kept_for_us_alone(environment: dict[str, str], tmp_path: Path) -> None:
    signing = ", ".join(f"c.signer({role!r}).public" for role in ("registry", "log", "log_pq"))
    shown = f"{KEK_SHOWN}, s.SECRET_KEY, {signing}"
    assert _show(environment, shown) == _show(environment, shown)
    keys = tmp_path / "var" / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    names = {path.name for path in keys.iterdir()}
    assert names == {"kek", "secret_key", "registry_key", "log_key", "log_pq_key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}


def test_instances_share_neither_database_nor_directories_nor_keys(environment: dict[str, str]) -> None:
    del environment["VAR_DIR"]
    shown = "s.DATABASES['default']['NAME'], s.MEDIA_DIR, s.LOG_DIR, s.CREDENTIAL_DIR"
    names = [f"test_{os.getpid()}_{letter}" for letter in "ab"]  # another run may be at it in this checkout
    seen = [_show(environment | {"INSTANCE": name}, shown).split() for name in names]
    for name in names:
        keys = PROJECT / "var" / name / "keys"
        for path in keys.iterdir():
            path.unlink()
        keys.rmdir()
        keys.parent.rmdir()
    assert all(one != other for one, other in zip(*seen, strict=True))


def test_a_key_encryption_key_may_be_base64_or_a_file_of_either_form(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "text").write_text(KEK + "\n")
    (tmp_path / "raw").write_bytes(bytes(range(32)))
    given = (KEK, str(tmp_path / "text"), str(tmp_path / "raw"))
    assert len({_show(environment | {"KEK": one}, KEK_SHOWN) for one in given}) == 1


@pytest.mark.parametrize("given", ["short", base64.b64encode(b"x" * 31).decode(), "/no/such/file", "%%%"])
def test_an_unusable_key_encryption_key_stops_the_start(environment: dict[str, str], given: str) -> None:
    assert "set it to" in _refusal(environment | {"KEK": given})


@pytest.mark.parametrize("name", ["REGISTRY_KEY", "LOG_KEY", "LOG_PQ_KEY"])
def test_an_unusable_signing_key_stops_the_start(environment: dict[str, str], name: str, tmp_path: Path) -> None:
    (tmp_path / "pem").write_text("no key")
    for given in (str(tmp_path / "pem"), "/no/such/file"):
        refusal = _refusal(environment | {name: given})
        assert name in refusal
        assert "set it to" in refusal


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "sqlite:///file"),
        ("DATABASE_URL", "postgresql://user@host"),
        ("INSTANCE", "../elsewhere"),
        ("LEASE_S", "soon"),
        ("LEASE_S", "0"),
        ("MEDIA_URL", "ftp://host/dir"),
        ("KMS", "gcp:alias/proviso"),
        ("KMS", "aws:?region=eu-west-1"),
    ],
)
def test_an_unusable_value_stops_the_start_with_what_to_set(environment: dict[str, str], name: str, given: str) -> None:
    refusal = _refusal(environment | {name: given})
    assert name in refusal
    assert "set it to" in refusal


def test_beside_a_shared_database_no_key_is_made(environment: dict[str, str]) -> None:
    environment |= {"DATABASE_URL": "postgresql://app:pw@host/name"}
    assert "SECRET_KEY is not set" in _refusal(environment)
    assert "KEK is not set" in _refusal(environment | {"SECRET_KEY": "x"})
    assert "REGISTRY_KEY is not set" in _refusal(environment | {"SECRET_KEY": "x", "KEK": KEK})


def test_migrating_needs_another_role_than_the_application(environment: dict[str, str]) -> None:
    assert _python(environment, "manage.py", "check").returncode == 0  # makes the keys that the next ones find
    app = {"DATABASE_URL": "postgresql://app:pw@host/name"}
    for given, told in (
        (app, "MIGRATE_DATABASE_URL is not set"),
        (app | {"MIGRATE_DATABASE_URL": app["DATABASE_URL"]}, "to another role"),
    ):
        done = _python(environment | given, "manage.py", "migrate")
        assert done.returncode != 0
        assert told in done.stderr.splitlines()[-1]


def test_the_broker_is_the_database_unless_another_is_named(environment: dict[str, str]) -> None:
    shown = "s.CELERY_BROKER_URL, s.CELERY_BROKER_TRANSPORT_OPTIONS.get('conn_string', '')[:5]"
    assert _show(environment, shown).split() == ["pgmq://localhost", "user="]
    assert _show(environment | {"BROKER_URL": "redis://host"}, shown).split() == ["redis://host"]


def test_a_missing_database_is_told_at_once_with_what_makes_it(environment: dict[str, str]) -> None:
    code = "import django; django.setup(); from django.db import connection; connection.ensure_connection()"
    done = _python(environment | {"INSTANCE": "test_nowhere"}, "-c", code)
    assert done.stderr.splitlines()[-1].endswith("does not exist: `make migrate` makes it")


@pytest.fixture
def spare(run_database: TestDatabase) -> Iterator[str]:
    """The name of an instance whose database nobody sweeps away: it bears the name of this run, which is locked."""
    database = f"{run_database.run}_spare"
    yield database.removeprefix("proviso_")
    provisioning.drop(database, run_database.session.cursor())


def test_an_instance_is_made_anew_but_never_the_one_that_people_use(environment: dict[str, str], spare: str) -> None:
    environment["INSTANCE"] = spare
    count = "import django; django.setup(); from django.db import connection as c; print(len(c.introspection.{}))"
    for arguments in (("manage.py", "recreate"), ("-c", count.format("table_names()")), ("manage.py", "recreate")):
        done = _python(environment, *arguments)
        assert done.returncode == 0, done.stderr
        assert arguments[0] != "-c" or int(done.stdout) > 1
    refused = _python(environment | {"INSTANCE": "run"}, "manage.py", "recreate")
    assert "this is the instance `run`" in refused.stderr


@pytest.mark.django_db(databases=["default", "owner"])
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True)  # leaves with an exit status if they differ
