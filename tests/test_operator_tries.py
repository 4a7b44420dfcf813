"""The operator tries: whoever has all the rights in the database, and the files, is refused or is named."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as the_settings
from django.db import connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from consent.core.decision import Decision
from consent.core.settled.keyring import Keyring
from registry.core.envelope import Envelope, Statement
from registry.watch.following import Watch
from registry.watch.signed import Keys
from registry.watch.state import StateFolder
from tests.asked import Asked
from tests.database import TestDatabase
from tests.operator_keys import KEYS
from tests.operator_log import LOG
from tests.operator_papers import PAPERS
from tests.operator_rows import ROWS, Way
from tests.operator_scene import Scene
from tests.operator_story import HONEST, told
from tests.operator_words import WORDS
from web.fsck import log as fsck_log
from web.fsck import order, projections, signatures, whole

WAYS = ROWS | WORDS | LOG | PAPERS | KEYS
# Left to the night: a row that fools nobody, which a sweep through every table finds too, and what fails as others do.
NIGHTLY = {name for name, way in ROWS.items() if all(way.decide.values()) and not name.endswith("for a minute")} | {
    "a bundle of entries flipped",
    "a consent and its withdrawal in the other order",
    "a consent for more countries",
    "a consent in her name, with a key of nobody",
    "a contest that he settles in the notary's name",
    "a count set back",
    "a dispute taken out of the tables",
    "a dispute that he withdraws",
    "a key of hers that he alone recovers",
    "a licence on paper that he confirms",
    "a never in the ciphertext of a consent",
    "a never that he lifts in his own",
    "a not now taken out of the tables",
    "a not now that he ends",
    "a policy taken out of the tables",
    "a release with the rules edited",
    "a rival taken out of the tables",
    "a stolen key that says when it was stolen",
    "a vouch in the notary's name",
    "a withdrawn consent under a new id",
    "a withdrawn consent, signed again by him",
    "an issuer changed in its column",
    "an unsent consent, sent late",
}
NAMES = ("MEDIA_DIR", "LOG_DIR", "STARTER_WEIGHTS", "WITNESSES", "WITNESS_QUORUM")  # of settings that the story sets


@pytest.fixture(scope="module")
def honest(
    run_database: TestDatabase,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    """The story, told and committed once; from then on every session is one of the tables' owner."""
    with ExitStack() as stack, django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.setattr(the_settings, name, getattr(the_settings, name))
        found = told(tmp_path_factory.mktemp("honest"), the_settings, stack)
        with every_right():
            yield found
        run_database.renew()


@contextmanager
def every_right() -> Iterator[None]:
    """Let the application's sessions be the owner's."""
    app, owner = connections["default"].settings_dict, connections["owner"].settings_dict
    before = {name: app[name] for name in ("USER", "PASSWORD")}
    log_in({name: owner[name] for name in before})
    try:
        yield
    finally:
        log_in(before)


def log_in(who: dict[str, str]) -> None:
    app = connections["default"]
    app.close()
    app.close_pool()
    app.settings_dict.update(who)


@pytest.fixture
def scene(honest: Scene, tmp_path: Path, settings: Any, db: None) -> Iterator[Scene]:
    """The honest state, with files of its own; whatever is done to it is undone."""
    folder = tmp_path / "registry"
    shutil.copytree(honest.folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    settings.MEDIA_DIR, settings.LOG_DIR = folder / "media", folder / "log"
    with ExitStack() as stack:
        asked = Asked(settings, folder, stack)
        asked.honest(1)
        asked.ask(1)
        yield replace(honest, folder=folder)
        transaction.set_rollback(True)  # and constraints that were to be checked at a commit are not


def test_before_anything_is_tried_all_is_sound_and_each_use_is_covered_or_refused(scene: Scene) -> None:
    assert {name: scene.codes(name) for name in HONEST} == HONEST
    assert scene.faults() == {}
    assert scene.monitored() == scene.person_monitored() == set()


def by_night(names: Iterable[str], nightly: Collection[str]) -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.nightly] if name in nightly else []) for name in names]


@pytest.mark.parametrize("name", by_night(WAYS, NIGHTLY))
def test_whatever_the_operator_tries_is_refused_or_named(scene: Scene, name: str) -> None:
    way = WAYS[name]
    way.does(scene)
    assert missed(scene, way) == {}


def test_each_way_has_somebody_who_must_notice_it() -> None:
    for name, way in WAYS.items():
        refused = bool(way.decide) and all(way.decide.values())
        assert refused or way.fsck or way.verifier or way.monitor or way.person, name
    assert len(WAYS) > 90
    assert WAYS.keys() > NIGHTLY
    assert len(WAYS.keys() - NIGHTLY) > 45


def missed(scene: Scene, way: Way) -> dict[str, object]:
    """Return who did not notice what they must, and what they said instead."""
    wrong: dict[str, object] = {}
    for request, allowed in way.decide.items():
        codes = scene.codes(request)
        if not (codes <= allowed and bool(codes) == bool(allowed)):
            wrong[request] = codes
    if way.fsck or way.sound:
        faults = scene.faults(media="file_differs" in way.fsck)
        if way.sound != (not faults) or any(words not in faults.get(fault, "") for fault, words in way.fsck.items()):
            wrong["fsck"] = faults
    for arguments, expected in way.verifier.items():
        trust = "watching.json" if arguments[0] == "fsck" else "trust.json"
        if (got := scene.verified(*arguments, trust=trust)) != expected:
            wrong[" ".join(arguments)] = got
    for trust, reported in way.monitor.items():
        if (seen := scene.monitored(trust)) != reported:
            wrong[f"monitor with {trust}"] = seen
    if way.person and (seen := scene.person_monitored()) != way.person:
        wrong["Bea's monitor"] = seen
    return wrong


# --- planted faults: each who looks, blinded, lets something through --------------------------------------------------


def hers(self: Keyring, statement: Statement, envelope: Envelope) -> frozenset[str]:
    """Believe whatever a statement says of its signer."""
    return frozenset({statement.issuer})


def blind(*_: object, **__: object) -> None:
    """See nothing."""


BLINDED: dict[str, tuple[object, str, object]] = {
    "a withdrawal taken out of the tables": (projections, "_compare", blind),
    "a never that he lifts in her name": (signatures, "_problem", blind),
    "an authority as a row, under which an agent consents": (projections, "may_issue", lambda one: True),
    "an unsent consent, slipped in late and backdated": (order, "APART", timedelta(days=9)),
    "a withdrawal that is gone, and the numbers closed up": (fsck_log, "_check_checkpoints", blind),
    "a root of his own": (fsck_log, "_check_note", blind),
    "a consent in her name, with a key of nobody": (Keyring, "signers", hers),
    "an old backup of everything": (StateFolder, "load", blind),
    "two checkpoints of one size, with the log's own keys": (Watch, "_difference", blind),
    "a checkpoint without its witness": (Keys, "check", lambda *_, **__: ()),
    "a decision that says yes, with the registry's own key": (Decision, "cleared", True),
    "a never taken away for a minute": (whole, "check_unread", blind),
    "a name taken away for a minute": (whole, "check_prompts", blind),
}


@pytest.mark.parametrize("name", by_night(BLINDED, [*BLINDED][6:]))
def test_if_who_should_notice_is_blinded_something_goes_through(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = WAYS[name]
    way.does(scene)
    place, attribute, weak = BLINDED[name]
    monkeypatch.setattr(place, attribute, weak)
    assert missed(scene, way) != {}
