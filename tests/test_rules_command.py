"""``manage.py rulepacks``: what is in force, why, and whether the packs do what they say."""

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import consent
from consent.core.rules import installed

PACKAGE = Path(consent.__file__).parent
PACKS = PACKAGE / "rulepacks"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("rulepacks", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    shutil.copytree(PACKS, folder)
    return folder


def test_the_list_follows_the_day() -> None:
    assert "sag-aftra-2026/minors" in said("list", "--on", "2026-07-01")
    before = said("list", "--on", "2026-06-30")
    assert "sag-aftra-2023/synthetic" in before
    assert "sag-aftra-2026/minors" not in before


def test_the_whole_list_shows_what_is_off_and_who_verified_it() -> None:
    listed = said("list", "--all")
    for rule in installed().rules:
        assert rule.id in listed
    assert "nobody yet" in listed
    assert "pending" in listed


def test_a_rule_is_explained_in_both_languages() -> None:
    english, french = said("explain", "us-ca/ab-2602"), said("explain", "us-ca/ab-2602", "--language", "fr")
    assert "California Labor Code § 927 (AB 2602)" in english
    assert "context.grant.replaces_in_person_work" in english
    assert "nobody yet" in english
    assert "personne encore" in french
    assert "Au lieu d’un travail en personne" in french
    assert said("--language", "fr", "explain", "us-ca/ab-2602") == french


def test_a_rule_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="in no pack"):
        said("explain", "us-ca/ab-0")


def test_the_installed_packs_are_sound(copied: Path) -> None:
    assert said("check").startswith("sound: ")
    assert said("check", "--folder", str(copied)) == said("check")
    assert said("check", "--language", "fr").startswith("en ordre : ")


def test_a_rule_that_no_longer_does_what_its_cases_say_fails_the_check(copied: Path) -> None:
    pack = copied / "us-ca.cedar"
    text = pack.read_text("utf-8")
    assert "&& !context.grant.represented" in text
    pack.write_text(text.replace("&& !context.grant.represented", "", 1), "utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("rulepacks", "check", "--folder", str(copied), stdout=out)
    assert stopped.value.code == 1
    assert "us-ca/ab-2602: what should pass is rule_refused" in out.getvalue()
    assert "NOT SOUND" in out.getvalue()


def test_a_pack_that_cannot_be_loaded_fails_the_check(copied: Path) -> None:
    pack = copied / "us-ca.cedar"
    pack.write_text(pack.read_text("utf-8").replace("@source", "@sauce", 1), "utf-8")
    with pytest.raises(CommandError, match="annotation `source` is missing"):
        said("check", "--folder", str(copied))
    with pytest.raises(CommandError, match="is no folder"):
        said("check", "--folder", str(copied / "nowhere"))


def test_nothing_starts_with_a_pack_that_cannot_be_loaded(tmp_path: Path) -> None:
    copy = tmp_path / "consent"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def start() -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join((str(tmp_path), str(PACKAGE.parent)))
        return subprocess.run(
            [sys.executable, "-c", "import django; django.setup()"],
            env={**os.environ, "PYTHONPATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert start().returncode == 0
    pack = copy / "rulepacks" / "us-ca.cedar"
    pack.write_text(pack.read_text("utf-8").replace("@source", "@sauce", 1), "utf-8")
    done = start()
    assert done.returncode != 0
    assert "rule pack `us-ca`: rule `us-ca/ab-2602`: annotation `source` is missing" in done.stderr
