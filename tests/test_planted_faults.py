"""
Faults planted in the core are caught: a checker that never fails proves nothing.

Each fault is one change of source text, under the test that must notice it. A child process loads the core with the
fault and runs that test; the fault that it lets pass fails here, and so does one that no longer fits the source.
"""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import consent.core
from tests import (
    planted_bars,
    planted_consents,
    planted_erasure,
    planted_identity,
    planted_keys,
    planted_licences,
    planted_log,
    planted_registry,
    planted_unsure,
)

CAUGHT, SURVIVED, BROKEN = 0, 1, 2
CORE = Path(consent.core.__file__).parent
MODULES = {
    path.stem: ".".join(("consent", "core", *path.relative_to(CORE).with_suffix("").parts))
    for path in CORE.rglob("*.py")
    if path.stem != "__init__"
}


OF_THE_LOG = {"checkpoint", "cosignature", "lines", "note", "quorum", "resealing", "submission"}
OF_WITNESSES = {"witness", "witness_state"}


class Fault(NamedTuple):
    module: str  # of consent.core, or with its whole name
    text: str
    instead: str

    @property
    def name(self) -> str:
        return self.module if "." in self.module else MODULES[self.module]


FAULTS: dict[str, list[Fault]] = {
    "test_decision.test_a_box_that_falls_short_along_one_dimension_is_named_by_it": [
        Fault("covering", "and (wanted_projects <= projects or ALL in projects)", ""),
    ],
    "test_decision.test_a_cap_that_others_have_used_up_is_exhausted": [
        Fault("conditions", "drawn + asked > cap", "drawn > cap"),
        Fault("grants", "bound = self.caps or", "bound ="),
    ],
    "test_decision_training.test_a_licence_recorded_from_paper_may_serve_a_shot_but_training_only_once_confirmed": [
        Fault("asking", "least = self._least(act)\n", "least = 0\n"),
    ],
    "test_decision.test_a_likeness_names_a_performer_who_is_recorded_where_it_is_taken": [
        Fault(
            "decision",
            "a.performer == reference.performer and a.aspects & wanted",
            "a.performer == reference.performer",
        ),
    ],
    "test_decision.test_dialogue_is_asked_of_the_voice_alone": [
        Fault("asking_people", "return [wanted] if len(parts) == 1 else", "return [wanted] if parts else"),
    ],
    "test_decision_training.test_only_the_licensor_itself_confirms_a_recorded_licence": [
        Fault("licences", "and settling.confirmed_by(s, recorded[s.record.licence]) is not None", ""),
    ],
    "test_decision.test_other_bytes_under_the_same_asset_are_refused": [
        Fault("demands", "elif found.asset.sha256 != sha256:", "elif False:"),
    ],
    "test_decision.test_scenes_beyond_those_listed_are_not_covered": [
        Fault("conditions", "(request.scenes and request.scenes <= grant.scenes)", "(request.scenes & grant.scenes)"),
    ],
    "test_decision.test_words_beyond_those_agreed_are_not_covered_where_the_voice_is_taken": [
        Fault("conditions", "return wanted.kind not in _SCRIPTED or", "return wanted.kind not in _SCRIPTED and"),
    ],
    "test_decision_grants.test_a_grant_that_does_not_apply_is_left_aside_where_grants_cut_across_too": [
        Fault(
            "asking",
            "for grant in self._own(held) if not of_request(grant, self.request, shown)",
            "for grant in self._own(held)",
        ),
    ],
    "test_decision_grants.test_a_grant_that_does_not_apply_is_no_ground_though_it_comes_first": [
        Fault("conditions", "if grant.role is not None and", "if False and"),
    ],
    "test_decision_release.test_a_release_that_rests_on_what_the_facts_do_not_hold_is_refused": [
        Fault("decision", "if digest not in facts.digests", "if False"),
    ],
    "test_decision_grants.test_a_revocation_of_everything_bars_a_consent_signed_before_it_and_sent_after": [
        Fault("withdrawals", "everything.issued_at >= grant.issued_at or", ""),
    ],
    "test_decision_grants.test_a_revocation_of_everything_ends_a_consent_dated_ahead_of_it": [
        Fault("withdrawals", "or everything.order > grant.order", ""),
    ],
    "test_decision_release.test_a_revocation_stops_a_release_unless_the_tail_says_finish": [
        Fault("decision", "obstacles += _withdrawn(request, facts, at_s)", ""),
        Fault(
            "conditions", 'return grant.digest in request.rests_on and grant.tail.get(act) == "finish"', "return True"
        ),
    ],
    "test_decision_grants.test_a_wider_replacement_widens_only_under_the_checkpoint": [
        Fault("grants", "stands = self.logged and", "stands ="),
    ],
    "test_decision_release.test_an_affiliate_of_the_grantee_either_way_round_is_not_independent": [
        Fault("settling", "return voucher in named[grantee] or", "return"),
        Fault("settling", "or grantee in named[voucher]", ""),
    ],
    "test_decision_release.test_an_identity_is_checked_by_a_document_or_in_person": [
        Fault("identities", "and s.record.level in SERVING_LEVELS", ""),
    ],
    "test_decision_grants.test_at_commit_the_old_consent_keeps_no_condition_that_the_new_one_narrows": [
        Fault("conditions", "shown.replica_use not in grant.replica_use", "False"),
    ],
    "test_decision_grants.test_notice_lets_a_consent_stand_until_it_has_run_from_the_revocation": [
        Fault("conditions", "and from_s <= at_s for", "and from_s < at_s for"),
    ],
    "test_decision_grants.test_several_boxes_of_one_consent_cover_one_demand_together": [
        Fault("covering", "and end_s <= box.end_s", ""),
    ],
    "test_decision_release.test_the_grantee_cannot_vouch_for_the_performer_itself": [
        Fault("settling", "if voucher in (performer, grantee) or", "if"),
    ],
    "test_decision_grants.test_the_nearest_grant_fails_the_fewest_conditions_and_names_the_first": [
        Fault("asking", "*_, nearest, codes = min(failures)", "*_, nearest, codes = max(failures)"),
    ],
    "test_decision_grants.test_what_is_missing_is_what_no_grant_covers_and_the_remedy_asks_its_owner_for_that": [
        Fault("covering", "left = left & others | lacking", "left = left & others | lacking & -lacking"),
    ],
    "test_decision_keys.test_a_consent_needs_the_performers_own_key_and_no_key_that_nobody_knows": [
        Fault("keyring", "if not all(entry and _signed(envelope, entry.key) for entry in known):", "if False:"),
    ],
    "test_decision_keys.test_a_key_added_with_a_standing_one_signs_and_an_ended_one_no_longer_adds": [
        Fault("keyring", "return any(entry.party == party for entry in self.keys.values())", "return False"),
    ],
    "test_decision_keys.test_a_key_counts_for_nothing_after_its_revocation_in_the_log": [
        Fault("keyring", "return ended is None or place < ended or", "return True or"),
    ],
    "test_decision_keys.test_a_key_signs_for_nothing_before_it_was_enrolled": [
        Fault("keyring", "if place < entry.since:", "if False:"),
    ],
    "test_decision_keys.test_a_key_that_one_party_holds_does_not_move_to_another": [
        Fault("keyring", "keys.setdefault(brought.keyid, ", "keys.__setitem__(brought.keyid, "),
    ],
    "test_decision_keys.test_nobody_else_can_end_a_key_and_so_void_a_rival_claim": [
        Fault("keyring", "return own and self.vouches_for(statement, envelope)", "return True"),
    ],
    "test_decision_roles.test_a_claim_is_settled_by_an_appearance_that_registrant_or_performer_records_after_it": [
        Fault("contents", "and s.order > claim.order", ""),
    ],
    "test_decision_roles.test_a_claimed_appearance_stops_only_the_frames_and_aspects_it_claims": [
        Fault("demands", "for refusal in _refusals_of_contents(one, facts)", "for refusal in ()"),
    ],
    "test_decision_roles.test_a_component_and_whoever_is_in_it_are_asked_where_aspects_and_frames_meet": [
        Fault("demands", "and spans_meet(c.spans, taken.spans)", ""),
    ],
    "test_decision_roles.test_a_component_that_is_not_yet_logged_does_not_serve": [
        Fault("demands", "if inner is None or not inner.logged:", "if inner is None:"),
    ],
    "test_decision_roles.test_a_corrected_inventory_counts_from_its_place_in_the_log_and_only_the_registrants": [
        Fault("contents", "later = [s for s in declared if s.issuer == registered.issuer]", "later = declared"),
    ],
    "test_decision_roles.test_a_performer_whom_the_prompt_names_is_asked_for_name_and_face": [
        Fault("asking_people", "if isinstance(asked.request, Request) and shown is None:", "if False:"),
        Fault("demands", "for performer in facts.vouched.prompt_matches:", "for performer in ():"),
    ],
    "test_decision_roles.test_a_role_asks_for_its_row_of_the_table_and_for_nothing_else": [
        Fault(
            "demands",
            'return ("condition", "distribute") if extra is None else',
            'return ("condition", "distribute") if True else',
        ),
    ],
    "test_decision_roles.test_conditioning_is_asked_for_the_clearance_and_distribution_for_the_use": [
        Fault("demands", "start_s=request.start_s if distributing else at_s,", "start_s=at_s,"),
    ],
    "test_decision_roles.test_no_other_word_settles_a_claim": [
        Fault("contents", "return s.authorised and s.logged and s.issuer in recorders", "return True"),
    ],
    "test_decision_roles.test_of_a_performer_no_more_is_asked_than_she_gave_to_the_asset": [
        Fault("demands", "appearance.aspects & one.of_performers)", "one.of_performers)"),
    ],
    "test_decision_roles.test_one_still_of_a_long_episode_asks_only_who_is_in_it": [
        Fault("demands", "if spans_meet(appearance.spans, one.spans):", "if True:"),
    ],
    "test_decision_roles.test_training_asks_for_every_aspect_of_asset_and_performer_in_its_own_box": [
        Fault("demands", 'projects=frozenset({"*"}),', "projects=frozenset({request.for_}),"),
    ],
    "test_decision_title.test_a_moral_right_is_no_title_and_disputes_none": [
        Fault("asking_titles", 'and claim.title.nature == "economic"', ""),
    ],
    "test_decision_title.test_an_asset_logged_after_the_licence_of_its_work_is_reached_only_with_new_assets": [
        Fault("asking_titles", "(before is None or place < before)", "True"),
    ],
    "test_decision_title.test_each_co_holder_must_grant_and_is_asked_by_name": [
        Fault("asking_titles", "if asked.stands_for(holder, piece.acts):", "if True:"),
    ],
    "test_decision_title.test_each_right_that_an_aspect_needs_is_needed": [
        Fault("asking_titles", "if claim.title.right == right and", "if"),
    ],
    "test_decision_title.test_two_co_holders_who_granted_nothing_are_two_obstacles_in_a_fixed_order": [
        Fault("obstacles", 'canonical([self.act or "", self.aspect or "", self.format()])', 'b""'),
    ],
    "test_decision_title.test_where_the_shares_do_not_add_up_to_the_whole_an_owner_is_unknown": [
        Fault("asking_titles", "elif share < WHOLE or", "elif"),
    ],
    "test_decision_title.test_where_the_shares_exceed_the_whole_title_is_disputed": [
        Fault("asking_titles", "or share > WHOLE:", "or False:"),
    ],
    "test_laws_core.test_default_deny_without_any_one_statement_the_case_is_refused": [
        Fault("decision", "obstacles += _of_request(request, facts)", ""),
        Fault("decision", "if request.project not in facts.projects:", "if False:"),
        Fault("decision", "if request.weights not in facts.weights:", "if False:"),
        Fault("conditions", "if not grant.identity_stands:", "if False:"),
        Fault("conditions", "if not grant.authorised or", "if"),
        Fault("facts", 's.type == "weights.trained" and s.authorised', 's.type == "weights.trained"'),
        Fault("asking", "((grant.sound and usual) or not self._of_grant(grant, act))", "True"),
    ],
    "test_laws_core.test_never_allowed_a_person_under_eighteen_whatever_was_granted": [
        Fault("decision", "obstacles += never_allowed(request, facts, taken, at)", ""),
    ],
    "test_laws_core.test_never_allowed_an_age_that_is_changed_to_nobody_says_which": [
        Fault("minors", 'r.role == "age_change" and r.depicted_age is None', "False"),
    ],
    "test_laws_core.test_never_allowed_spares_frames_in_which_the_child_is_not": [
        Fault("minors", "if spans_meet(a.spans, one.spans)", ""),
    ],
    "test_laws_core.test_never_allowed_up_to_the_eighteenth_birthday_and_where_nobody_stated_an_age": [
        Fault("minors", "age_on(party.born, at.date()) < OF_AGE", "age_on(party.born, at.date()) <= OF_AGE"),
        Fault(
            "minors",
            "return party is None or party.born is None or",
            "return party is not None and party.born is not None and",
        ),
    ],
    "test_laws_core.test_signed_by_its_owner_nothing_that_permits_counts_under_another_key": [
        Fault(
            "read",
            "isinstance(s.record, kind) and s.authorised and s.logged",
            "isinstance(s.record, kind) and s.logged",
        ),
    ],
    "test_laws_core.test_slow_to_permit_what_widens_waits_for_the_checkpoint": [
        Fault("conditions", "if not grant.logged:", "if False:"),
        Fault(
            "read",
            "isinstance(s.record, kind) and s.authorised and s.logged",
            "isinstance(s.record, kind) and s.authorised",
        ),
    ],
}

for planted in (
    planted_licences,
    planted_consents,
    planted_bars,
    planted_unsure,
    planted_registry,
    planted_identity,
    planted_keys,
    planted_erasure,
    planted_log,
):
    for test, faults in planted.FAULTS.items():
        FAULTS.setdefault(test, []).extend(Fault(*fault) for fault in faults)
PLANTED = [(test, fault) for test, faults in FAULTS.items() for fault in faults]


@pytest.mark.parametrize(("test", "fault"), PLANTED, ids=[f"{fault.module} {fault.text[:50]}" for _, fault in PLANTED])
def test_a_planted_fault_is_caught(test: str, fault: Fault) -> None:
    assert _in_child([test], fault) == CAUGHT


@pytest.mark.slow
def test_without_a_fault_the_same_tests_pass() -> None:
    assert _in_child([*FAULTS], None) == SURVIVED


def test_there_are_faults_in_every_module_that_decides() -> None:
    modules = {*MODULES}
    parse = {"bodies", "record", "request", "vouched", "bar_bodies", "approval_bodies", "rulepacks"}
    hold = {"context", "pending"}
    beside = {"available", "cleared", "ends", "golden", "plain", "proposals", "steady", "supposing"}  # of decisions
    assert modules - {fault.module for _, fault in PLANTED} == parse | hold | beside
    names = {"events", "identifiers", "title"} | OF_THE_LOG
    registry = {f"registry.core.{name}" for name in names} | {f"registry.watch.{name}" for name in OF_WITNESSES}
    assert {fault.module for _, fault in PLANTED} - modules == registry
    assert len(PLANTED) >= 350


def _in_child(tests: list[str], fault: Fault | None) -> int:
    """Run tests in a fork, so that this process keeps its own core."""
    child = os.fork()
    if child == 0:
        outcome = BROKEN
        try:
            outcome = _outcome(tests, fault)
        finally:
            os._exit(outcome)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _outcome(tests: list[str], fault: Fault | None) -> int:
    cores = ("consent.core",) if fault is None else ("consent.core", fault.name.rpartition(".")[0])
    for name in [name for name in sys.modules if name.startswith((*cores, "tests.")) and name != __name__]:
        del sys.modules[name]
    if fault is not None:
        _load_with(fault)
    try:
        for test in tests:
            module, _, function = test.partition(".")
            for call in _calls_of(importlib.import_module(f"tests.{module}"), function):
                call()
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever a test raises, it noticed
        return CAUGHT
    return SURVIVED


def _source_of(name: str) -> str:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return spec.origin


def _load_with(fault: Fault) -> None:
    path = _source_of(fault.name)
    source = Path(path).read_text("utf-8")
    if source.count(fault.text) != 1:
        os._exit(BROKEN)
    package, _, name = fault.name.rpartition(".")
    module = ModuleType(fault.name)
    sys.modules[fault.name] = module
    setattr(sys.modules[package], name, module)
    exec(compile(source.replace(fault.text, fault.instead), path, "exec"), module.__dict__)  # noqa: S102 - the fault


def _calls_of(module: ModuleType, name: str) -> Iterator[Callable[[], object]]:
    """Yield one call for each combination of a test's parameters, with its fixtures made anew."""
    function = vars(module)[name]
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    for values in product(*(mark.args[1] for mark in marks)):
        given: dict[str, Any] = {}
        for mark, value in zip(marks, values, strict=True):
            names = mark.args[0]
            given |= {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))
        yield lambda given=given: function(**_with_fixtures(module, function, given))  # type: ignore[misc]  # a lambda


def _with_fixtures(module: ModuleType, function: Callable[..., object], given: dict[str, Any]) -> dict[str, Any]:
    arguments = dict(given)
    for name in inspect.signature(function).parameters:
        if name not in arguments:
            made = inspect.unwrap(vars(module)[name])
            arguments[name] = made(**_with_fixtures(module, made, {}))
    return arguments
