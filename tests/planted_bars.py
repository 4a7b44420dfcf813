"""Faults planted in authorities, bars, policies and approvals, as in ``tests.planted_licences``."""

AUTHORITY = "test_decision_authority"
VENDORS = "test_decision_vendors"
BARS = "test_decision_bars"
SUSPENSIONS = "test_decision_suspensions"
APPROVALS = "test_decision_approvals"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{AUTHORITY}.test_who_may_negotiate_for_the_grantee_accepts_an_offer": [
        ("consents", "if self._may_accept(accepted, consent) and not", "if not"),
    ],
    f"{AUTHORITY}.test_nobody_appoints_a_guardian_of_their_own_to_revoke": [
        ("standing", "return s.issuer != granted.principal and", "return"),
    ],
    f"{AUTHORITY}.test_granting_takes_the_power_to_grant": [
        ("standing", "if power in held.record.powers and self", "if self"),
    ],
    f"{AUTHORITY}.test_every_act_of_the_boxes_is_in_the_authority": [
        ("standing", "word.role in roles and not acts & ~word.acts)", "word.role in roles)"),
    ],
    f"{AUTHORITY}.test_the_statement_is_issued_within_the_window_of_the_authority": [
        ("standing", "s.issued_at < granted.end", "s.issued_at <= granted.end"),
        ("standing", "return granted.start <= s.issued_at and", "return"),
    ],
    f"{AUTHORITY}.test_as_many_agents_sign_together_as_the_authority_requires": [
        ("standing", "if s.issuer not in signed or len(signed) < granted.required:", "if s.issuer not in signed:"),
        ("standing", "signed = s.signers & frozenset(granted.agents)\n        if", "signed = s.signers\n        if"),
    ],
    f"{AUTHORITY}.test_an_authority_comes_before_what_is_signed_under_it": [
        ("standing", "held.order >= s.order or not", "not"),
    ],
    f"{AUTHORITY}.test_an_authority_counts_under_the_checkpoint_and_signed_by_the_principal_alone": [
        ("standing", "AuthorityGranted) and s.authorised and s.logged and", "AuthorityGranted) and s.logged and"),
        ("standing", "return s.issuer == granted.principal\n", "return True\n"),
    ],
    f"{AUTHORITY}.test_an_authority_ends_for_what_comes_after": [
        ("standing", "return any(end.order <= s.order for", "return any(True for"),
        ("standing", "if _concerns(end.issuer, held)]", "]"),
    ],
    f"{AUTHORITY}.test_a_guardian_or_an_estate_is_attested_by_somebody_else": [
        ("standing", "and s.issuer not in granted.agents\n", "\n"),
    ],
    f"{AUTHORITY}.test_who_attests_is_independent_of_the_grantee": [
        ("standing", "return grantee is None or self", "return True or self"),
    ],
    f"{AUTHORITY}.test_whoever_acts_for_the_grantee_or_its_affiliate_vouches_for_nobody": [
        ("settling", "(grantee, *named[grantee])", "(grantee,)"),
        ("settling", "if ended.isdisjoint(over):", "if True:"),
        (
            "settling",
            "in counting(statements, AuthorityEnded)}",
            "in statements if isinstance(s.record, AuthorityEnded)}",
        ),
    ],
    f"{AUTHORITY}.test_no_authority_signs_for_training": [
        ("consent_boxes", "acts=box.acts & ~TRAINED,", "acts=box.acts,"),
    ],
    f"{AUTHORITY}.test_no_authority_signs_for_nudity_or_sexual_content": [
        ("consent_boxes", "scene=box.scene & ~SEXUAL", "scene=box.scene"),
        ("consent_boxes", "depicts=box.depicts & ~SEXUAL", "depicts=box.depicts"),
        ("consent_boxes", "if not known.in_person:", "if True:"),
    ],
    f"{AUTHORITY}.test_while_an_authority_is_disputed_nothing_signed_under_it_counts": [
        ("conditions", "or at_s < grant.contested_until_s", ""),
        ("consents", "0 if word is None else word.contested_until_s", "0"),
    ],
    f"{AUTHORITY}.test_a_dispute_that_nobody_renews_lapses_after_180_days": [
        ("disputes", "to_epoch_s(s.issued_at) + DISPUTE_LAPSES_S", "1 << 62"),
        ("disputes", "open_until_s = max(", "open_until_s = min("),
    ],
    f"{AUTHORITY}.test_who_disputes_withdraws_and_a_court_decides": [
        ("disputes", "return outcome in _BY_COURT", "return True"),
        ("disputes", "return outcome in _BY_DISPUTER", "return True"),
        ("disputes", "if s.issuer == dispute.issuer:", "if True:"),
    ],
    f"{AUTHORITY}.test_a_resolution_counts_under_the_checkpoint_and_rightly_signed": [
        ("disputes", "TitleResolved) and s.authorised and s.logged:", "TitleResolved) and s.authorised:"),
        ("disputes", "TitleResolved) and s.authorised and s.logged:", "TitleResolved) and s.logged:"),
    ],
    f"{AUTHORITY}.test_a_dispute_that_was_upheld_ends_the_authority_from_the_start_and_for_good": [
        ("disputes", "(s.issuer in self._officers, s.order, s.digest)", "(s.order, s.digest)"),
    ],
    f"{AUTHORITY}.test_only_the_registry_names_officers_of_a_court": [
        ("disputes", "and s.issuer == registry and", "and"),
    ],
    f"{AUTHORITY}.test_another_authority_that_nobody_disputes_serves_instead": [
        ("standing", "return min(reaching, key", "return max(reaching, key"),
    ],
    f"{VENDORS}.test_a_vendor_acts_within_its_authority": [
        ("asking", "and (grant.grantee == self.request.for_ or any(", "and (True or any("),
        ("vendors", "return not acts & ~self.acts and", "return"),
        ("vendors", "and self.start_s <= at_s < self.end_s", ""),
        (
            "vendors",
            'standing(principal, role="vendor")',
            'standing(principal, role="vendor") + settling.authorities.standing(principal, role="agent")',
        ),
    ],
    f"{VENDORS}.test_several_who_must_act_together_cannot_ask_alone": [
        ("vendors", "if granted.required > 1:", "if False:"),
    ],
    f"{VENDORS}.test_a_vendors_authority_ends_at_once_and_counts_under_the_checkpoint": [
        ("standing", "return upheld or bool(self._endings(held))", "return upheld"),
        ("standing", "AuthorityGranted) and s.authorised and s.logged and", "AuthorityGranted) and s.authorised and"),
    ],
    f"{VENDORS}.test_a_policy_asks_more_at_commit_and_less_under_the_checkpoint": [
        ("policies", "if s.authorised and s.logged), default=0)", "), default=0)"),
        ("policies", "for s in row[last:]:", "for s in row[last : last + 1]:"),
    ],
    f"{VENDORS}.test_the_newest_policy_holds": [
        ("policies", "for s in row[last:]:", "for s in row:"),
    ],
    f"{VENDORS}.test_nobody_sets_the_policy_of_another_or_with_another_key_makes_it_milder": [
        ("policies", "and s.issuer == s.record.party:", ":"),
    ],
    f"{VENDORS}.test_training_needs_a_confirmed_licence_whatever_the_policy": [
        ("asking", "if RANK[one.assurance] < least:", "if False:"),
    ],
    f"{VENDORS}.test_the_policy_of_a_projects_producer_binds_whoever_works_on_it": [
        ("asking", "parties.add(self.facts.projects[self.request.project].producer)", "pass"),
    ],
    f"{BARS}.test_a_restriction_that_names_content_speaks_of_what_shows_some_of_it": [
        ("bars", "if labelled and not", "if not"),
        ("bars", "box.depicts & wanted.depicts or", "box.depicts & wanted.scene or"),
    ],
    f"{BARS}.test_a_restriction_counts_at_commit_and_its_lifting_under_the_checkpoint": [
        ("bars", "RestrictionLifted) and s.authorised and s.logged:", "RestrictionLifted) and s.authorised:"),
    ],
    f"{BARS}.test_a_lifting_signed_with_another_key_lifts_nothing": [
        ("bars", "RestrictionLifted) and s.authorised and s.logged:", "RestrictionLifted) and s.logged:"),
    ],
    f"{BARS}.test_no_agent_guardian_or_stranger_lifts_a_restriction": [
        ("bars", "if any(lifting.issuer == record.performer for", "if any(True for"),
    ],
    f"{BARS}.test_the_window_of_a_bar_that_follows_an_event_is_read_so_that_it_lasts_longest": [
        ("bars", 'to_epoch_s(s.issued_at), "bars")', "to_epoch_s(s.issued_at))"),
    ],
    f"{BARS}.test_what_is_barred_is_named_in_all_its_parts": [
        ("placing", "        missing=missing,\n", "        missing=(),\n"),
    ],
    f"{SUSPENSIONS}.test_a_strike_suspends_every_member_in_one_statement_and_nobody_else": [
        ("bars", "_within(found.get((UNION, union), []), stretch)", "[]"),
    ],
    f"{SUSPENSIONS}.test_a_member_is_who_says_so_or_who_gave_the_union_authority": [
        ("bars", "in counting(statements, AuthorityEnded)}", "in statements if isinstance(s.record, AuthorityEnded)}"),
        ("bars", "in counting(statements, AuthorityEnded)}", "in ()}"),
    ],
    f"{SUSPENSIONS}.test_an_authority_of_another_role_makes_nobody_a_member": [
        ("bars", "and s.record.role == UNION:", ":"),
    ],
    f"{SUSPENSIONS}.test_whoever_is_in_the_union_for_a_time_is_bound_for_that_time": [
        ("bars", "bar if stretch == ALWAYS else", "bar if True else"),
    ],
    f"{SUSPENSIONS}.test_a_consent_that_continues_during_strikes_still_serves": [
        ("consents", 'strike_suspends=consent.strike == "suspends"', "strike_suspends=True"),
    ],
    f"{SUSPENSIONS}.test_a_strike_binds_projects_under_the_agreements_it_names": [
        ("bars", "if self.agreements and project.agreement not in self.agreements:", "if False:"),
        ("bars", "if self.agreements and project.agreement not", "if project.agreement not"),
    ],
    f"{SUSPENSIONS}.test_an_agreement_is_the_same_however_it_is_spelled_and_whatever_its_year": [
        ("bars", "frozenset(map(agreement_key, record.agreements))", "record.agreements"),
        ("placing", "else agreement_key(agreement))", "else agreement)"),
    ],
    f"{SUSPENSIONS}.test_a_strike_excepts_projects_with_all_below_them": [
        ("bars", "if not self.spared.isdisjoint(project.row):", "if project.row and project.row[0] in self.spared:"),
    ],
    f"{SUSPENSIONS}.test_a_part_is_lifted_and_the_rest_stays": [
        ("bars", "if any(lifting.record.scopes is None and lifting", "if any(lifting"),
    ],
    f"{SUSPENSIONS}.test_a_part_is_lifted_for_some_projects_alone": [
        ("bars", "return boxes if projects is None else", "return boxes if True else"),
        ("bars", "for lifting in said if lifting.record.scopes is None)", "for lifting in said)"),
    ],
    f"{SUSPENSIONS}.test_what_is_lifted_for_some_content_stays_for_other_content": [
        ("bars", "for box in self.lifted if _lifts(box, wanted)]", "for box in self.lifted]"),
    ],
    f"{SUSPENSIONS}.test_nobody_else_lifts_a_strike": [
        (
            "bars",
            "return None if word is None else word.contested_until_s",
            "return 0",
        ),
    ],
    f"{SUSPENSIONS}.test_another_officer_of_a_court_lifts_what_a_court_ordered": [
        ("bars", "or self._settling.disputes.is_officer(lifting.issuer)", ""),
    ],
    f"{SUSPENSIONS}.test_a_personal_not_now_that_an_agent_declared_is_the_persons_to_lift": [
        ("bars", 'person = s.record.on.id if s.record.kind == "personal" else s.issuer', "person = s.issuer"),
    ],
    f"{SUSPENSIONS}.test_a_lifting_under_an_authority_that_is_disputed_does_not_count_while_it_is": [
        ("bars", "return None if word is None else word.contested_until_s", "return None if word is None else 0"),
        ("placing", "if asked.at_s < bar.until_s and (", "if ("),
    ],
    f"{SUSPENSIONS}.test_what_a_vendor_uses_of_a_suspended_grantee_is_suspended_too": [
        ("placing", "for grantee in sorted(asked.grantees)]", "for grantee in [asked.request.for_]]"),
        ("asking_demands", "return obstacles + barred_grantees(asked, demand)", "return obstacles"),
    ],
    f"{SUSPENSIONS}.test_a_holder_holds_back_an_asset_or_a_work": [
        ("bars", 'code="holdback" if record.kind == "holdback" else "suspended"', 'code="suspended"'),
        ("asking_titles", "barred_by(asked, subject.claimed, demand.wanted)", "()"),
    ],
    f"{APPROVALS}.test_a_no_counts_at_commit_and_a_yes_under_the_checkpoint": [
        ("approvals", "if given and not (s.authorised and s.logged):", "if given and not s.authorised:"),
        ("approvals", "if given and not (s.authorised and s.logged):", "if not (s.authorised and s.logged):"),
    ],
    f"{APPROVALS}.test_a_yes_with_another_key_counts_for_nothing": [
        ("approvals", "if given and not (s.authorised and s.logged):", "if given and not s.logged:"),
    ],
    f"{APPROVALS}.test_the_last_word_of_an_approver_holds": [
        ("approvals", "for one in reversed(answers):", "for one in answers:"),
    ],
    f"{APPROVALS}.test_an_approval_is_asked_for_the_acts_that_it_names": [
        ("approvals", "if term.acts & ACTS.mask((act,)):", "if True:"),
    ],
    f"{APPROVALS}.test_a_word_is_about_one_shot_one_ground_and_the_spec_or_the_result": [
        (
            "approvals",
            "found[s.record.shot, s.record.grant, s.record.on]",
            'found[s.record.shot, s.record.grant, "spec"]',
        ),
    ],
    f"{APPROVALS}.test_nobody_elses_yes_or_no_counts": [
        ("approvals", "voice.principal == party\n", "True\n"),
    ],
    f"{APPROVALS}.test_an_authority_that_is_disputed_approves_nothing": [
        ("approvals", "and voice.from_s <= at_s", ""),
    ],
    f"{APPROVALS}.test_an_authority_approves_the_acts_that_it_names": [
        ("approvals", "(voice.acts & act and voice", "(voice"),
    ],
    f"{APPROVALS}.test_a_licence_asks_every_performer_in_the_asset_it_licenses": [
        ("approvals", 'if grant.kind == "consent" or term.by == "licensor" else shown', ""),
    ],
    f"{APPROVALS}.test_an_estates_word_is_the_estates_alone": [
        ("approvals", "and (voice.estate or not estate)", ""),
    ],
    f"{APPROVALS}.test_silence_answers_once_the_hours_have_run_since_it_was_asked": [
        ("approvals", "due_s <= at_s:", "due_s < at_s:"),
        ("approvals", '"given" if term.on_silence == "approved" else "declined"', '"given"'),
    ],
    f"{APPROVALS}.test_in_training_nobody_can_be_asked_so_that_a_grant_that_asks_refuses": [
        ("asking", "or (one.answer is None and not self._shot)", ""),
    ],
    f"{APPROVALS}.test_who_holds_a_moral_right_is_asked_before_anything_is_altered": [
        ("asking_titles", "obstacles += asked.author(claim.digest, claim.title.claimant)", "pass"),
    ],
    f"{APPROVALS}.test_a_release_waits_for_the_yes_that_making_the_shot_needed": [
        ("decision", "obstacles += ask_made(asked, request, facts)", "pass"),
        ("asking_made", 'or request.kind != "release"', ""),
        ("asking_made", "if ground.digest in rests_on:", "if True:"),
    ],
    f"{APPROVALS}.test_a_release_waits_for_who_holds_a_moral_right_in_what_was_altered": [
        ("asking_made", "yield from ask_authors(asked, demand.wanted, subject)", "pass"),
    ],
    f"{APPROVALS}.test_a_replacement_keeps_what_either_asks_at_commit": [
        ("replacing", "(*old.approvals, *new.approvals)", "new.approvals"),
    ],
}
