"""Faults planted in what settles consents and asks the rules, as in ``tests.planted_licences``."""

GRANTS = "test_decision_grants"
CONSENTS = "test_decision_consents"
NOTICES = "test_decision_withdrawals"
MINORS = "test_decision_minors"
KEYS = "test_decision_keys"
RULES = "test_decision_rules"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    "test_decision_release.test_a_withdrawal_of_what_the_shot_was_not_made_from_lets_it_be_released": [
        ("decision", "acts & _CONDITION and from_s", "from_s"),
    ],
    f"{GRANTS}.test_a_consent_to_another_grantee_replaces_nothing": [
        ("replacing", "if old in said and _same_people(said[old], consent):", "if old in said:"),
    ],
    f"{GRANTS}.test_a_contract_is_an_offer_until_the_grantee_itself_accepts_it": [
        ("consents", 'if consent.basis == "contract" and not recorded and accepted is None:', "if False:"),
    ],
    f"{GRANTS}.test_a_narrower_replacement_narrows_at_commit": [
        ("replacing", "        return []\n    return [met for", "        return []\n    return [old] or [met for"),
        ("replacing", "if (met := _both(old, grant)) is not None", "if (met := _both(old, grant)) is None"),
    ],
    "test_decision_release.test_a_ground_that_was_replaced_is_withdrawn_with_itself_or_with_whichever_took_its_place": [
        ("decision", "facts.replaced, ", ""),
        ("replacing", "for grant in (old, *new) for part", "for grant in (old,) for part"),
        ("replacing", "yield from _after(digest, later)", "yield from ()"),
    ],
    f"{GRANTS}.test_a_wider_replacement_widens_only_under_the_checkpoint": [
        ("replacing", "any(grant.logged and grant.authorised", "any(grant.authorised"),
    ],
    f"{GRANTS}.test_a_consent_that_the_registry_does_not_vouch_to_stand_is_withdrawn": [
        ("withdrawals", "in self._settling.vouched.no_revocation_of else _EVERYTHING", "else ()"),
    ],
    f"{GRANTS}.test_nobody_else_can_revoke_a_performers_consent": [
        ("withdrawals", "return s.issuer == performer or self", "return True or self"),
    ],
    f"{GRANTS}.test_notice_lets_a_consent_stand_until_it_has_run_from_the_revocation": [
        ("withdrawals", "+ hours * HOUR_S", ""),
    ],
    f"{NOTICES}.test_a_window_that_runs_beyond_a_notice_is_not_covered_where_the_tail_pulls": [
        ("asking_people", "if not wanted.acts & DISTRIBUTE or not any(grant.withdrawn for grant in held):", "if True:"),
        ("withdrawals", 'grant.tail.get("distribute", "pull")', 'grant.tail.get("condition", "pull")'),
    ],
    f"{NOTICES}.test_a_tail_that_lets_what_was_released_stay_lets_its_window_run_on": [
        ("withdrawals", "if not ends or tail_of(grant) in STAYS:", "if not ends:"),
        ("withdrawals", 'STAYS: Final = frozenset({"keep", "finish"})', 'STAYS: Final = frozenset({"keep"})'),
    ],
    f"{NOTICES}.test_once_the_notice_has_run_nothing_else_is_said_of_the_consent": [
        ("withdrawals", "if acts & DISTRIBUTE and from_s > at_s]", "if acts & DISTRIBUTE]"),
    ],
    f"{NOTICES}.test_conditioning_goes_on_until_the_notice_has_run": [
        ("asking_people", "if not wanted.acts & DISTRIBUTE or not any", "if not any"),
    ],
    f"{NOTICES}.test_of_several_notices_the_first_to_end_counts": [
        ("withdrawals", "(-FOREVER_S, min(ends))", "(-FOREVER_S, max(ends))"),
    ],
    f"{NOTICES}.test_during_a_strike_a_consent_that_continues_helps_until_its_notice_has_run": [
        ("asking_people", "grants = [narrowed(grant, wanted) for grant in grants]", "pass"),
    ],
    f"{CONSENTS}.test_an_offer_that_its_grantee_countered_is_not_accepted_afterwards": [
        ("consents", "and counter.order < accepted.order", ""),
        ("consents", "and not self._is_countered(s, accepted)", ""),
    ],
    f"{CONSENTS}.test_a_counter_offer_counts_at_commit_and_only_by_the_grantee": [
        ("consents", "counter.issuer == offer.record.grantee and", ""),
    ],
    f"{CONSENTS}.test_a_consent_recorded_from_paper_serves_to_store_alone": [
        ("consents", "scopes=_stored(boxes) if recorded else boxes", "scopes=boxes"),
    ],
    f"{CONSENTS}.test_a_paper_is_its_grantees_word": [
        ("consents", "return OWN_WORD if s.authorised and s.issuer == consent.grantee else None", "return OWN_WORD"),
    ],
    f"{CONSENTS}.test_nothing_is_made_before_the_cooling_off_is_over": [
        ("consent_boxes", "if consent.cooling_off_until is not None:", "if False:"),
    ],
    f"{CONSENTS}.test_scanning_and_storing_begin_before_it": [
        ("consent_boxes", "_between(boxes, ~KEPT, start_s", "_between(boxes, ACTS.all, start_s"),
    ],
    f"{CONSENTS}.test_copies_are_kept_until_the_day_that_was_said": [
        ("consent_boxes", "if consent.retention_until is not None:", "if False:"),
    ],
    f"{CONSENTS}.test_before_the_cooling_off_is_over_it_is_withdrawn_at_will": [
        ("withdrawals", "s.issued_at < consent.cooling_off_until", "s.issued_at <= consent.cooling_off_until"),
        ("withdrawals", "if not binds or cooling or", "if not binds or"),
    ],
    f"{CONSENTS}.test_a_consent_is_taken_back_as_it_says": [
        ("withdrawals", 'and s.record.cause == "breach"', ""),
        ("withdrawals", 'if consent.revocation.kind == "for_breach"', 'if consent.revocation.kind != "on_notice"'),
    ],
    f"{CONSENTS}.test_biometric_templates_are_always_withdrawn_at_will": [
        ("withdrawals", "        return BIOMETRIC\n", "        return 0\n"),
    ],
    f"{CONSENTS}.test_an_offer_that_was_withdrawn_before_it_was_accepted_is_none": [
        ("withdrawals", "and accepted.order < s.order", ""),
    ],
    f"{CONSENTS}.test_a_disputed_withdrawal_for_breach_stands_until_the_performer_concedes": [
        ("withdrawals", "and not self._fails(s, consent)", ""),
        ("withdrawals", "lambda party: party == consent.performer", "lambda party: True"),
        ("disputes", 'upheld = upheld or outcome == "upheld"', "upheld = True"),
    ],
    f"{CONSENTS}.test_a_node_that_is_not_to_be_followed_stands_for_itself": [
        ("consent_boxes", "for node in nodes & box.projects", "for node in box.projects"),
    ],
    f"{CONSENTS}.test_only_the_box_that_names_the_node_reaches_below_it": [
        ("consent_boxes", "for node in nodes & box.projects", "for node in nodes"),
    ],
    f"{CONSENTS}.test_a_consent_that_is_not_assignable_stays_where_it_is": [
        ("consents", "lambda assigned: consent.assignable", "lambda assigned: True"),
    ],
    f"{CONSENTS}.test_an_assignment_takes_effect_on_its_day": [
        ("consents", "_held_by(boxes_of(consent, known), held)", "boxes_of(consent, known)"),
    ],
    f"{CONSENTS}.test_the_old_grantee_is_out_at_commit_and_the_new_one_in_under_the_checkpoint": [
        ("consents", "logged=logged and held.logged", "logged=logged"),
    ],
    f"{CONSENTS}.test_who_vouches_is_independent_of_the_new_grantee_too": [
        (
            "consents",
            "identities.stands(consent.performer, held.holder)",
            "identities.stands(consent.performer, consent.grantee)",
        ),
    ],
    f"{MINORS}.test_somebody_under_age_consents_with_a_guardian_and_not_without": [
        ("consents", "if self._is_under_age(s) or", "if"),
    ],
    f"{MINORS}.test_a_consent_of_somebody_under_age_says_so": [
        ("consents", "        if consent.minor is None:\n            return None\n", ""),
    ],
    f"{MINORS}.test_of_somebody_of_age_a_consent_may_not_say_that_they_are_a_minor": [
        ("consents", "return None if consent.minor is not None else self", "return self"),
    ],
    f"{MINORS}.test_the_age_at_which_it_was_signed_says_who_signs": [
        ("ages", "((day.month, day.day) < (born.month, born.day))", "0"),
    ],
    f"{MINORS}.test_no_other_authority_does_for_a_guardians": [
        ("standing", 'if granted.role != "guardian" or', "if"),
    ],
    f"{MINORS}.test_one_guardian_signs_or_all": [
        ("standing", "len(granted.agents) if all_of_them else granted.required", "granted.required"),
    ],
    f"{MINORS}.test_a_guardian_grants_within_their_authority": [
        ("standing", 'or "grant" not in granted.powers', ""),
        ("standing", "or acts & ~granted.acts:", ":"),
    ],
    f"{MINORS}.test_who_attests_to_a_guardian_is_not_whom_it_is_passed_on_to_either": [
        ("consents", "            grantee=holder,\n", "            grantee=consent.grantee,\n"),
    ],
    f"{MINORS}.test_a_minor_whose_age_nobody_stated_is_taken_to_have_come_of_age_long_ago": [
        ("consents", "return AT_ONCE  #", "return None  #"),
    ],
    f"{MINORS}.test_a_consent_that_ends_at_majority_covers_nothing_from_that_midnight_on": [
        ("consent_boxes", "(known.majority_s, known.died_s)", "(known.died_s,)"),
        ("ages", "year = born.year + OF_AGE", "year = born.year + OF_AGE + 1"),
    ],
    f"{MINORS}.test_nobody_else_ratifies_nor_before_majority_nor_before_it_is_logged": [
        ("consents", "ratification.issuer == consent.performer", "True"),
        ("consents", "and ratification.authorised", ""),
        ("consents", "and ratification.logged", ""),
        ("consents", "and to_epoch_s(ratification.issued_at) >= of_age_s", ""),
    ],
    f"{MINORS}.test_what_ends_at_majority_is_not_ratified": [
        ("consents", 'ratified = consent.minor.at_majority == "to_be_ratified" and any', "ratified = any"),
    ],
    f"{MINORS}.test_who_is_born_on_29_february_comes_of_age_on_1_march": [
        ("ages", "datetime(year, 3, 1, tzinfo=UTC)", "datetime(year, 2, 28, tzinfo=UTC)"),
    ],
    f"{MINORS}.test_a_consent_ends_with_its_performers_death_unless_it_survives_it": [
        ("consents", "if before_death and not consent.survives_death else None", "if before_death else None"),
        ("consents", "died_s if before_death and not consent.survives_death else None", "None"),
    ],
    f"{MINORS}.test_the_earliest_day_that_was_said_counts": [
        ("happenings", "return min(self._deaths(", "return max(self._deaths("),
    ],
    f"{MINORS}.test_after_death_the_estate_consents_and_nobody_else_does": [
        ("consents", "roles=_OF_THE_DEAD)", "roles=ROLES)"),
    ],
    f"{MINORS}.test_an_estate_signs_for_nobody_who_lives": [
        ("consents", "frozenset(ROLES) - _OF_THE_DEAD", "frozenset(ROLES)"),
    ],
    f"{MINORS}.test_an_estate_never_trains_whatever_key_signs_beside_it": [
        (
            "consents",
            "in_person=(lives and consent.performer in s.signers)",
            "in_person=(consent.performer in s.signers)",
        ),
    ],
    f"{RULES}.test_a_vague_clause_that_replaces_work_without_counsel_is_refused_in_california": [
        ("gathering", "return len(words) >= SPECIFIC_CHARS and", "return True or"),
        ("asking", "if self.rulings.asks(subject[0], act):", "if False:"),
    ],
    f"{RULES}.test_grounds_that_say_different_things_are_each_asked": [
        (
            "inquiry",
            "if said not in self._known:",
            "if not self._known or self._known.setdefault(said, next(iter(self._known.values()))) is None:",
        ),
        ("inquiry", "self._context.of_grant(grant_facts(grant, at_s=self._at_s))", "self._context"),
        ("inquiry", "{key: self._of(grant) for key", "{key: self._of(grants[0]) for key"),
    ],
    f"{RULES}.test_the_agreement_of_a_series_governs_its_episodes": [
        ("ruling", "agreement=next((node.agreement", "agreement=None and next((node.agreement"),
    ],
    f"{RULES}.test_a_decision_that_other_rules_were_asked_for_cannot_be_made_with_these": [
        ("ruling", "if told is not None and told != installed().sha256:", "if False:"),
    ],
    f"{RULES}.test_the_day_after_the_agreement_ends_its_rules_are_not_asked_any_more": [
        ("rules", "return self.in_force(self._edges[era - 1]) if era else ()", "return self.in_force(self._edges[0])"),
    ],
    f"{KEYS}.test_a_consent_needs_the_performers_own_key_and_no_key_that_nobody_knows": [
        ("reading", "authorised=statement.issuer in signers", "authorised=bool(signers)"),
    ],
}
