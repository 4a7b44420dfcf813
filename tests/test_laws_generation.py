"""The laws that this app keeps, each under its name."""

from __future__ import annotations

import copy
import dataclasses
import random
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
import torch
from django.conf import settings as the_settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from consent.core.request import Request
from generation import conditioning, engines
from generation.conditioning import Conditioning, NotConditioning, require_opened
from generation.core.card import ControlNotHonoured, require_honoured
from generation.core.screening import (
    LABELS,
    LOOKALIKE,
    NEAR_COPY,
    OF_PEOPLE,
    SCREENS,
    Match,
    of_matches,
    results_of,
    unchecked,
    verdict,
)
from generation.core.shot import ShotSpec, to_request
from generation.core.states import OPEN, OVER, STATES, TRANSITIONS, WrongState, step
from generation.kinds import SHOT_CLOSED
from generation.models import Closure, Release, Shot, ShotEvent
from generation.models.shots import RELEASE
from generation.services.leasing import take
from generation.services.releasing import release
from generation.services.watching import clearance_of
from registry import vault
from registry.core.clearance import Clearance
from registry.core.errors import DomainError
from registry.locks import clock
from registry.models import ClearanceRow, Head
from registry.services.record import record
from tests.studio import Studio, state_of
from tests.world import new_id
from web import fsck


@pytest.fixture
def studio(db: None, tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def queued(studio: Studio) -> tuple[ShotSpec, Shot, Clearance]:
    shot = Shot.objects.get(id=studio.queued())
    return ShotSpec.parse(shot.spec), shot, clearance_of(shot)


# --- closed-conditioning ---------------------------------------------------------------------------------------------


def test_closed_conditioning_an_engine_takes_nothing_that_no_clearance_opened(studio: Studio) -> None:
    spec, _, clearance = queued(studio)
    engine = engines.engine("starter")
    opened = conditioning.build(spec, clearance)

    class Lookalike(Conditioning):
        pass

    forged = object.__new__(Conditioning)
    inherited = object.__new__(Lookalike)
    for name in ("clearance", "pictures"):
        object.__setattr__(forged, name, getattr(opened, name))
        object.__setattr__(inherited, name, getattr(opened, name))
    object.__setattr__(forged, "opened", object())
    object.__setattr__(inherited, "opened", opened.opened)
    for anything in (None, {}, opened.pictures, spec, forged, inherited):
        with pytest.raises(NotConditioning):
            engine.render(
                spec,
                anything,  # type: ignore[arg-type]  # that is the point
                generator=torch.Generator(),
                device=torch.device("cpu"),
                on_step=lambda done, steps: None,
            )
    require_opened(opened)


def test_closed_conditioning_is_built_from_a_clearance_and_in_no_other_way(studio: Studio) -> None:
    spec, _, clearance = queued(studio)
    opened = conditioning.build(spec, clearance)
    for token in (None, object(), True):
        with pytest.raises(NotConditioning):
            Conditioning(clearance=clearance.digest, pictures=opened.pictures, opened=token)
        with pytest.raises(NotConditioning):
            dataclasses.replace(opened, opened=token)


def test_closed_conditioning_opens_what_the_clearance_names_and_nothing_else(studio: Studio) -> None:
    spec, shot, clearance = queued(studio)
    other = studio.world.asset(studio.archive)
    foreign = dataclasses.replace(spec.references[1], asset=other.id)
    with pytest.raises(vault.NotCleared):
        conditioning.build(dataclasses.replace(spec, references=(foreign,)), clearance)
    made_up = dataclasses.replace(clearance, digest="0" * 64)
    with pytest.raises(vault.NotCleared):
        conditioning.build(spec, made_up)
    wider = dataclasses.replace(clearance, assets=clearance.assets | {(other.id, other.sha256)})
    with pytest.raises(vault.NotCleared):
        conditioning.build(dataclasses.replace(spec, references=(foreign,)), wider)
    studio.post(f"/shots/{shot.id}/cancel")
    with pytest.raises(vault.ClearanceClosed):
        conditioning.build(spec, clearance)


def test_closed_conditioning_stops_at_a_moved_head_and_at_the_end_of_its_time(studio: Studio) -> None:
    spec, _, clearance = queued(studio)
    assert conditioning.build(spec, clearance).clearance == clearance.digest
    Head.objects.filter(kind="asset", ident=studio.ridge.id).update(epoch=9)
    with pytest.raises(vault.ClearanceStale):
        conditioning.build(spec, clearance)
    ClearanceRow.objects.filter(digest=clearance.digest).update(expires_at=clock())
    with pytest.raises(vault.ClearanceExpired):
        conditioning.build(spec, clearance)


def test_closed_conditioning_two_places_open_the_vault() -> None:
    opens = re.compile(r"\bvault\.open\(|import open\b|vault\.files|vault\.read\b")
    pages = [path for path in (the_settings.BASE_DIR / "generation").rglob("*.py") if opens.search(path.read_text())]
    assert {path.name for path in pages} <= {"conditioning.py", "gate.py"}
    inspects = [path for path in (the_settings.BASE_DIR / "generation").rglob("*.py") if "inspect(" in path.read_text()]
    assert {path.name for path in inspects} <= {"takes.py"}


# --- default-deny ----------------------------------------------------------------------------------------------------


def test_default_deny_postgresql_keeps_a_shot_without_a_clearance_out_of_the_queue(studio: Studio) -> None:
    studio.revoke()
    refused = studio.ask().json()["shot"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Shot.objects.filter(id=refused).update(state="queued", todo="render")
    with pytest.raises(IntegrityError), transaction.atomic():
        Shot.objects.filter(id=refused).update(todo="render")


def test_default_deny_a_control_that_the_card_does_not_name_is_refused(studio: Studio) -> None:
    spec = ShotSpec.parse(studio.request(controls={"camera": [{"t": 0, "x": 0, "y": 0}], "steps": 2, "guidance": 2}))
    card = engines.engine("starter").card
    require_honoured(spec, card)
    for name in ("camera", "steps", "guidance"):
        with pytest.raises(ControlNotHonoured) as refusal:
            require_honoured(spec, dataclasses.replace(card, controls=card.controls - {name}))
        assert refusal.value.control == name
    for role in {reference.role for reference in spec.references}:
        with pytest.raises(ControlNotHonoured):
            require_honoured(spec, dataclasses.replace(card, roles=card.roles - {role}))


# --- exactly-once ----------------------------------------------------------------------------------------------------


def test_exactly_once_a_shot_has_one_end(studio: Studio) -> None:
    shot = Shot.objects.get(id=studio.released(studio.empty_request()))
    body = {"shot": shot.id, "clearance": shot.clearance, "outcome": "failed"}
    with pytest.raises(DomainError) as refusal, transaction.atomic():
        record(SHOT_CLOSED, body, at=clock())  # type: ignore[arg-type]  # JSON it is
    assert refusal.value.code == "already_over"
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            shot=shot.id, digest="f" * 64, clearance="f" * 64, output_sha256="f" * 64, weights="f" * 64, at=clock()
        )
    assert not Closure.objects.exists()


def test_exactly_once_a_released_shot_is_leased_by_nobody(studio: Studio) -> None:
    shot = studio.released(studio.empty_request())
    assert take("somebody", shot=shot) is None


# --- unchecked-is-not-passed -----------------------------------------------------------------------------------------


def test_unchecked_is_not_passed_a_screen_that_did_not_report_is_unchecked() -> None:
    assert set(results_of(()).values()) == {"unchecked"}
    assert set(results_of(())) == set(SCREENS)
    assert verdict((), may_show_a_person=True) == "review"


def test_unchecked_is_not_passed_in_any_combination_of_results() -> None:
    chance, seen = random.Random(3), set()
    for _ in range(2_000):
        results = {screen: chance.choice(("pass", "pass", "unchecked", "fail")) for screen in SCREENS}
        findings = [
            unchecked(screen, "")
            if result == "unchecked"
            else of_matches(screen, [Match(asset=new_id(), distance=0)] if result == "fail" else [])
            for screen, result in results.items()
        ]
        person = chance.random() < 0.5
        answer = verdict(findings, may_show_a_person=person)
        seen.add((answer, person))
        if "fail" in results.values():
            assert answer == "quarantine"
        elif person and "unchecked" in {results[screen] for screen in OF_PEOPLE}:
            assert answer == "review"
        else:
            assert answer == "pass"
    assert seen == {(answer, person) for answer in ("quarantine", "pass") for person in (True, False)} | {
        ("review", True)
    }


def test_unchecked_is_not_passed_the_threshold_is_part_of_the_verdict() -> None:
    assert of_matches(NEAR_COPY, [Match(asset=new_id(), distance=31)]).result == "fail"
    assert of_matches(NEAR_COPY, [Match(asset=new_id(), distance=32)]).result == "pass"
    assert {LOOKALIKE, LABELS} == OF_PEOPLE


def test_unchecked_is_not_passed_no_release_without_the_review_that_is_due(studio: Studio) -> None:
    """Somebody with access to the database pushes the shot past its reviewer; the release asks once more."""
    shot = studio.queued()
    studio.work(shot)
    Shot.objects.filter(id=shot).update(todo=RELEASE)
    lease = take("eager", shot=shot)
    assert lease is not None
    assert release(lease) == "pending"
    studio.work(shot)
    assert (state_of(shot), Release.objects.count()) == ("awaiting_approval", 0)


# --- append-only -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["UPDATE generation_shotevent SET event = 'x'", "DELETE FROM generation_shotevent"])
def test_append_only_postgresql_refuses_to_change_what_was_told(studio: Studio, change: str) -> None:
    studio.queued()
    assert ShotEvent.objects.exists()
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db(transaction=True)
def test_append_only_everything_about_rights_can_be_rebuilt_from_the_statements(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings)
    studio.released()
    studio.post(f"/shots/{studio.queued()}/cancel")
    shot = studio.queued()
    studio.revoke()
    studio.work(shot)
    assert state_of(shot) == "aborted"
    studio.world.publish()
    assert list(fsck.run().findings) == []


# --- the life of a shot ----------------------------------------------------------------------------------------------


def test_every_state_is_reached_and_what_is_over_stays_over() -> None:
    reached, todo = {"requested"}, ["requested"]
    while todo:
        for then in TRANSITIONS[todo.pop()]:  # type: ignore[index]  # a state of the table
            if then not in reached:
                reached.add(then)
                todo.append(then)
    assert reached == STATES
    assert OPEN | OVER | {"requested"} == STATES
    for state in OVER - {"released"}:
        assert TRANSITIONS[state] == frozenset()
    for state in OPEN:
        assert "aborted" in TRANSITIONS[state]


def test_a_step_that_the_table_does_not_have_is_refused() -> None:
    assert step("screening", "released") == "released"
    for now, then in (("queued", "released"), ("running", "released"), ("released", "aborted"), ("refused", "queued")):
        with pytest.raises(WrongState):
            step(now, then)  # type: ignore[arg-type]  # both are states


# --- what is stored is what was asked --------------------------------------------------------------------------------


def test_a_stored_request_reads_back_as_itself_and_as_a_decisions_request(studio: Studio) -> None:
    chance, expanded = random.Random(8), 0
    for _ in range(60):
        body = some_request(studio, chance)
        spec = ShotSpec.parse(copy.deepcopy(body))
        assert ShotSpec.parse(spec.format()) == spec
        expanded += spec.format()["use"]["territories"] != sorted(body["use"]["territories"])  # type: ignore[index,call-overload]  # an object
        sha256s = {reference.asset: "a" * 64 for reference in spec.references}
        asked = to_request(spec, shot=new_id(), weights="b" * 64, sha256s=sha256s, salt="A" * 22 + "==")
        read = Request.parse(asked)
        assert [reference.role for reference in read.references] == [reference.role for reference in spec.references]
        assert set(read.by_performer) == set(spec.use.by_performer)
    assert 10 < expanded < 60


def some_request(studio: Studio, chance: random.Random) -> dict[str, Any]:
    """A request that is in order, of any shape."""
    territories = chance.sample(["FR", "CA", "BENELUX", "DACH", "JP", "EU"], chance.randint(1, 4))
    use = studio.use(
        territories=territories,
        languages=chance.sample(["fr", "en-GB", "zxx", "de"], chance.randint(1, 3)),
        media=chance.sample(["svod", "theatrical", "social"], chance.randint(1, 3)),
        window=["2027-01-01T00:00:00Z", chance.choice([None, "2028-01-01T00:00:00Z"])],
        scene=chance.sample(["violence", "alcohol"], chance.randint(0, 2)),
        scenes=chance.sample(["12", "13A"], chance.randint(0, 2)),
        description=chance.choice([None, "a walk"]),
    )
    camera = [
        {"t": k / 4, "x": round(chance.uniform(-1, 1), 3), "y": 0, "zoom": 1.25} for k in range(chance.randint(0, 4))
    ]
    path = [{"t": k / 3, "x": chance.random(), "y": 0.5} for k in range(1, 4)]
    paths = [{"points": path}, {"performer": studio.ada.id, "points": path}, {"reference": 0, "points": path}]
    frames = [{"asset": studio.ridge.id, "role": "keyframe", "at": k, "depicted_age": None} for k in range(2)]
    return studio.request(
        seed=chance.choice([0, 1, 2**53 - 1]),
        take=chance.randint(1, 9),
        negative_prompt=chance.choice(["", "rain"]),
        references=studio.request()["references"][:1] + chance.sample(frames, chance.randint(0, 2)),
        controls={"camera": camera, "trajectories": chance.sample(paths, chance.randint(0, 3)), "guidance": 1.5},
        use=use,
    )
