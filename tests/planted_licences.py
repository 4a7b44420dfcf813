"""Faults planted in what settles licences and title, for ``tests.test_planted_faults``: module, text, what instead."""

LICENCES = "test_decision_licences"
HELD = "test_decision_licences_holders"
CHAINS = "test_decision_licences_chains"
KEPT = "test_decision_licences_exclusive"
TITLE = "test_decision_title_holders"
AGENTS = "test_decision_title_agents"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{LICENCES}.test_a_start_counts_from_the_logged_and_signed_event_alone": [
        ("happenings", "for s in said if s.authorised and s.logged and", "for s in said if"),
    ],
    f"{LICENCES}.test_an_event_of_another_territory_or_work_opens_nothing": [
        ("happenings", "if s.record.territory == following.territory", ""),
    ],
    f"{LICENCES}.test_the_licensor_s_word_opens_a_window_the_licensee_s_does_not": [
        ("happenings", "if s.issuer == grantor or", "if True or"),
    ],
    f"{LICENCES}.test_a_party_s_events_are_told_by_somebody_independent_of_the_licensee": [
        ("happenings", "all(independent(s.issuer, party, grantee) for grantee in grantees)", "True"),
    ],
    f"{LICENCES}.test_from_its_day_on_an_amendment_holds_and_before_it_the_earlier_terms": [
        ("versions", "order=order, start_s=from_s, word=word)", "order=order, word=word)"),
    ],
    f"{LICENCES}.test_of_several_amendments_the_latest_day_holds_then_the_later_in_the_log": [
        ("versions", "key=lambda s: (s.record.effective_from, s.order, s.digest)", "key=lambda s: (s.order, s.digest)"),
    ],
    f"{LICENCES}.test_an_amendment_not_yet_logged_already_shrinks_and_never_widens": [
        ("versions", "            if s.authorised and s.logged:", "            if True:"),
        ("versions", "if not (s.authorised and s.logged):", "if False:"),
        ("windows", "for terms in version.shrunk_to:", "for terms in ():"),
    ],
    f"{LICENCES}.test_only_the_licensor_amends": [
        ("versions", "return same and said and", "return same and"),
    ],
    f"{LICENCES}.test_an_amendment_changes_neither_the_parties_nor_the_chain": [
        ("versions", "return same and said", "return said"),
    ],
    f"{LICENCES}.test_an_amendment_from_before_its_licence_changes_nothing": [
        ("versions", " and s.record.effective_from >= given_at(first)", ""),
    ],
    f"{LICENCES}.test_a_recorded_licence_may_be_amended_from_the_day_of_its_paper": [
        ("versions", 'first.type != "licence.recorded" or signed_on is None', "True"),
    ],
    f"{LICENCES}.test_an_amendment_s_digest_is_the_ground_and_its_caps_are_counted_under_the_licence": [
        ("licences", "counted_as=None if version.read is s else s.digest", "counted_as=None"),
        ("licences", "digest=version.read.digest", "digest=s.digest"),
    ],
    f"{LICENCES}.test_an_option_is_exercised_within_its_dates": [
        ("licences", "first <= exercised.issued_at < last", "exercised.issued_at < last"),
        ("licences", "first <= exercised.issued_at < last", "first <= exercised.issued_at <= last"),
    ],
    f"{LICENCES}.test_an_option_is_the_licensee_s_to_exercise_signed_and_logged": [
        ("licences", "any(h.holder == exercised.issuer and", "any("),
        ("licences", "isinstance(s.record, OptionExercised) and s.authorised", "isinstance(s.record, OptionExercised)"),
    ],
    f"{LICENCES}.test_an_option_of_another_name_covers_nothing": [
        ("licences", "option.option == exercised.record.option and", ""),
    ],
    f"{LICENCES}.test_a_licence_ends_unless_what_it_waits_for_happens_by_its_day": [
        ("windows", "None if counted and max(said) <= by_s else", "None if counted else"),
        ("windows", "None if counted and max(said)", "None if said and max(said)"),
    ],
    f"{LICENCES}.test_a_terminated_licence_no_longer_counts": [
        ("endings", "if self._may_end(s, licensor)", ""),
        ("licences", "stands = not ending and", "stands ="),
    ],
    f"{LICENCES}.test_what_was_released_is_sold_off_for_so_many_days_after_the_end": [
        ("conditions", "return not {grant.digest, grant.account}.isdisjoint(request.rests_on)", "return True"),
        ("conditions", 'request.kind != "use" or act', "act"),
        ("selling_off", "end_s=box.end_s + period_s", "end_s=box.end_s + period_s + 86_400"),
    ],
    f"{LICENCES}.test_a_denied_licence_is_not_sold_off": [
        ("endings", "if self.denied or not self.terminations:", "if not self.terminations:"),
    ],
    f"{HELD}.test_an_assignee_stands_in_the_licensee_s_place_from_its_day_on": [
        ("assignments", "end_s=from_s,", "end_s=last.end_s,"),
        ("licences", "grantee=held.holder", "grantee=terms.licensee"),
    ],
    f"{HELD}.test_an_assignment_not_yet_logged_ends_the_old_place_and_opens_none": [
        ("assignments", "logged=last.logged and s.logged", "logged=True"),
    ],
    f"{HELD}.test_only_what_is_assignable_is_assigned_and_only_by_who_holds_it": [
        ("assignments", "s.issuer != last.holder or", ""),
        ("assignments", "or not may(s)", ""),
    ],
    f"{HELD}.test_a_change_of_control_ends_a_licence_unless_it_continues": [
        ("licences", 'if terms.change_of_control == "ends" else', "if False else"),
        ("licences", 'if terms.change_of_control == "ends" else', "if True else"),
    ],
    f"{HELD}.test_a_change_of_control_from_before_a_licence_was_held_ends_nothing": [
        ("licences", "for moment in changes if moment >= given_s", "for moment in changes"),
        ("licences", "max(to_epoch_s(given_at(s)), held.start_s)", "held.start_s"),
        ("licences", "max(to_epoch_s(given_at(s)), held.start_s)", "to_epoch_s(given_at(s))"),
    ],
    f"{HELD}.test_what_is_assignable_is_said_by_the_terms_of_the_day_on_which_it_passes": [
        ("licences", "a.record.effective_from).assignable", "a.issued_at).assignable"),
    ],
    f"{AGENTS}.test_an_agent_amends_in_its_principal_s_name_what_it_may_grant": [
        ("versions", "or self._licensed_by(s, licence.licensor) is not None", ""),
        ("settling", "s.record.terms if isinstance(s.record, LicenceAmended) else", "s.record.terms if False else"),
        ("licences", "for one in (version.word, word)", "for one in (word,)"),
    ],
    f"{AGENTS}.test_an_agent_speaks_of_options_within_its_acts_too": [
        ("settling", 'power="grant", acts=terms.every_act)', 'power="grant", acts=0)'),
    ],
    f"{AGENTS}.test_who_may_grant_denies_and_who_may_revoke_terminates": [
        ("settling", "if isinstance(s.record, LicenceDenied) else", "if True else"),
        ("settling", "if isinstance(s.record, LicenceDenied) else", "if False else"),
    ],
    f"{CHAINS}.test_a_sublicence_covers_and_rests_on_every_licence_above_it": [
        ("grants", "yield link.digest, link.assurance", "yield self.digest, self.assurance"),
    ],
    f"{CHAINS}.test_what_was_sublicensed_before_the_parent_was_assigned_goes_on": [
        ("chains", "and grant.order < place for", "for"),
        ("chains", "party == grant.grantor and grant.order", "grant.order"),
        ("licences", "passed_on=passed_on", "passed_on=()"),
    ],
    f"{CHAINS}.test_it_covers_at_most_what_those_above_it_cover": [
        ("chains", "scopes=tuple(dict.fromkeys(box for box in pairs if box is not None))", "scopes=grant.scopes"),
        ("conditions", "for link in grant.under:", "for link in ():"),
    ],
    f"{CHAINS}.test_only_what_is_sublicensable_is_sublicensed_and_only_by_its_licensee": [
        ("chains", "terms.sublicensable and", ""),
        ("chains", "and terms.sublicensable and holds", "and terms.sublicensable"),
    ],
    f"{CHAINS}.test_each_condition_of_a_parent_binds": [
        ("asking", "for one in (grant, *grant.under):", "for one in (grant,):"),
        ("grants", "chain = all(link.sound for link in self.under)", "chain = True"),
    ],
    f"{CHAINS}.test_a_parent_of_another_asset_does_not_reach": [
        ("asking_titles", "for subjects, before in grant.named:", "for subjects, before in grant.named[:1]:"),
    ],
    f"{CHAINS}.test_an_asset_logged_after_any_licence_of_a_chain_is_reached_only_if_that_one_gives_new_assets": [
        ("grants", "before if known is None else known if before is None else min(before, known)", "before"),
        ("grants", "before if known is None", "None if known is None"),
    ],
    f"{CHAINS}.test_an_asset_logged_between_two_licences_of_a_chain_is_not_reached": [
        ("grants", "else known if before is None else min(before, known)", "else known"),
    ],
    f"{CHAINS}.test_an_amended_parent_binds_from_its_day_on": [
        ("versions", "else [replace(last, end_s=from_s)]", "else [last]"),
    ],
    f"{CHAINS}.test_a_chain_has_at_most_eight_licences": [
        ("chains", "links_left - 1", "links_left"),
    ],
    f"{KEPT}.test_an_exclusive_licence_keeps_later_ones_out_of_exactly_what_it_covers": [
        ("exclusivity", "yield part, barrier.code", "yield _every_label(wanted), barrier.code"),
        (
            "exclusivity",
            "left = dict.fromkeys(piece for part in parts for piece in residual(part, taken))",
            "left = parts",
        ),
    ],
    f"{KEPT}.test_what_was_licensed_before_stays": [
        (
            "exclusivity",
            "    if rank(given):\n        return given.order < other.order",
            "    if rank(given):\n        return True",
        ),
    ],
    f"{KEPT}.test_the_exclusive_licensee_itself_is_not_kept_out": [
        ("exclusivity", "and barrier.spares not in requesters", ""),
    ],
    f"{KEPT}.test_boxes_that_do_not_meet_keep_nobody_out": [
        (
            "exclusivity",
            "_every_label(replace(both, projects=wanted.projects))",
            "replace(both, projects=wanted.projects)",
        ),
    ],
    f"{KEPT}.test_exclusivity_in_another_asset_keeps_nobody_out": [
        ("asking_titles", "if subject.is_reached(b.grant)", ""),
    ],
    f"{KEPT}.test_exclusivity_ends_with_its_licence": [
        ("licences", "if stands and not ending.sure and", "if stands and"),
        ("licences", "if stands and not ending.sure and", "if stands and not grant.withdrawn and"),
    ],
    f"{KEPT}.test_an_exclusive_window_that_follows_an_event_bars_from_the_start_until_it_is_known": [
        ("windows", 'self._resolved(terms, issued_s, "bars")', 'self._resolved(terms, issued_s, "grants")'),
    ],
    f"{KEPT}.test_an_exclusive_licence_that_may_lapse_bars_what_lies_beyond_until_it_does": [
        ("exclusivity", "(barrier.lapses_s is None or at_s < barrier.lapses_s)", "True"),
        ("exclusivity", "(barrier.lapses_s is None or at_s < barrier.lapses_s)", "barrier.lapses_s is None"),
    ],
    f"{KEPT}.test_an_amendment_that_makes_exclusive_counts_from_its_own_place": [
        ("versions", "s.order[0] if _gives_more(terms, last.terms) else last.order", "last.order"),
    ],
    f"{KEPT}.test_an_amendment_that_gives_no_more_loses_no_place": [
        ("versions", "s.order[0] if _gives_more(terms, last.terms) else last.order", "s.order[0]"),
    ],
    f"{KEPT}.test_a_recorded_exclusive_never_blocks_a_signed_licence_nor_its_own_licensor": [
        ("exclusivity", "        return rank(given) > rank(other)", "        return True"),
        ("exclusivity", "return bool(barrier.rank) and (", "return ("),
    ],
    f"{KEPT}.test_a_signed_exclusive_blocks_a_recorded_licence_whichever_came_first": [
        ("exclusivity", "        return rank(given) > rank(other)", "        return given.order < other.order"),
    ],
    f"{KEPT}.test_of_two_recorded_exclusives_neither_serves_where_they_meet": [
        ("exclusivity", 'if other.exclusivity != "none" or given.signed_on', "if given.signed_on"),
    ],
    f"{KEPT}.test_a_recorded_exclusive_goes_before_recorded_paper_that_is_not_older": [
        ("exclusivity", "given.signed_on <= other.signed_on", "given.signed_on < other.signed_on"),
    ],
    f"{KEPT}.test_an_exclusive_licence_that_was_not_rightly_signed_keeps_nobody_out": [
        ("licences", "and self._word(s) is not None:", ":"),
    ],
    f"{KEPT}.test_a_holder_is_kept_out_of_what_it_gave_exclusively_and_not_of_a_sole_licence": [
        ("exclusivity", 'barrier.grant.exclusivity == "exclusive")', "True)"),
        ("asking_titles", "obstacles = _own(piece, _kept(asked, line, subject), subject)", "obstacles = []"),
    ],
    f"{KEPT}.test_a_licensee_who_sublicensed_exclusively_is_kept_out_itself": [
        ("exclusivity", "link.account in barrier.above:", "False:"),
    ],
    f"{KEPT}.test_who_stands_under_an_exclusive_licence_is_not_kept_out_by_it": [
        ("exclusivity", "barrier.grant.account not in chain and", ""),
    ],
    f"{KEPT}.test_a_licence_for_some_products_advertises_those_alone": [
        ("exclusivity", "self._categories and self._categories <= link", "self._categories <= link"),
        ("exclusivity", "is not None and wanted.purposes & ADVERTISING:", "is not None:"),
    ],
    f"{KEPT}.test_where_a_shot_is_for_the_work_and_for_advertising_only_the_latter_is_refused": [
        ("exclusivity", "replace(wanted, purposes=wanted.purposes & ADVERTISING)", "wanted"),
    ],
    f"{KEPT}.test_the_categories_of_a_parent_bind": [
        ("exclusivity", "yield from self._own_bars(link, wanted)", "yield from self._own_bars(grant, wanted)"),
    ],
    f"{KEPT}.test_exclusivity_in_some_products_bites_in_advertising_for_those_alone": [
        ("exclusivity", "if not self._categories or not self._categories", "if not self._categories"),
        ("exclusivity", "others = part.purposes & ~ADVERTISING", "others = 0"),
    ],
    f"{KEPT}.test_a_holdback_that_names_labels_speaks_of_what_shows_them": [
        ("exclusivity", "if _shows(box, wanted) and (part", "if (part"),
    ],
    f"{KEPT}.test_a_licensor_and_its_later_licensees_keep_what_it_promised_to_hold_back": [
        ("exclusivity", "rank(given) >= rank(other) and given.order < other.order", "rank(given) >= rank(other)"),
        ("exclusivity", '(barrier.code == "holdback" or barrier', "(barrier"),
    ],
    f"{KEPT}.test_a_recorded_holdback_binds_neither_the_licensor_nor_a_signed_licence": [
        ("exclusivity", "rank(given) >= rank(other) and given.order < other.order", "given.order < other.order"),
    ],
    f"{TITLE}.test_what_was_licensed_before_the_assignment_keeps_serving": [
        ("asking_titles", "if _top(grant).order < before and", "if"),
        ("titles", "earlier=earlier(row, number)", "earlier=()"),
    ],
    f"{TITLE}.test_from_its_day_on_the_new_holder_licenses": [
        ("titles", "cut(title.scopes, (held.start_s, held.end_s))", "title.scopes"),
    ],
    f"{TITLE}.test_what_the_earlier_holder_gave_exclusively_binds_the_new_one": [
        ("exclusivity", "            and self._is_in_time(barrier)\n", ""),
    ],
    f"{TITLE}.test_an_assignment_not_yet_logged_leaves_nobody_to_grant": [
        ("titles", "sure=held.sure", "sure=True"),
    ],
    f"{TITLE}.test_an_open_dispute_refuses_as_soon_as_it_is_read": [
        ("asking_titles", "claims[number].disputed_until_s > asked.at_s for number", "False for number"),
    ],
    f"{TITLE}.test_a_dispute_lapses_after_180_days_unless_another_renews_it": [
        ("disputes", "to_epoch_s(s.issued_at) + DISPUTE_LAPSES_S", "1 << 62"),
        (
            "asking_titles",
            "claims[number].disputed_until_s > asked.at_s for",
            "claims[number].disputed_until_s >= asked.at_s for",
        ),
    ],
    f"{TITLE}.test_each_party_resolves_as_it_may": [
        ("titles", "if not standing.upheld:", "if True:"),
        (
            "disputes",
            "isinstance(s.record, TitleResolved) and s.authorised and s.logged",
            "isinstance(s.record, TitleResolved)",
        ),
        ("disputes", 'return outcome == "upheld" and may_concede(s.issuer)', 'return outcome == "upheld"'),
        ("disputes", "return outcome in _BY_DISPUTER", "return True"),
    ],
    f"{TITLE}.test_no_licence_answers_for_the_author_and_the_author_asks_nobody": [
        ("asking_titles", "elif claim.title.claimant != asked.request.for_:", "else:"),
    ],
    f"{TITLE}.test_a_moral_right_within_other_bounds_is_not_asked": [
        ("asking_titles", " or all(overlap(box, wanted) is None for box in claim.title.scopes)", ""),
    ],
    f"{TITLE}.test_a_moral_right_in_the_work_is_asked_too_and_is_not_assigned": [
        ("titles", 'if title.nature == "moral" else', "if False else"),
    ],
    f"{TITLE}.test_a_disputed_moral_right_refuses_the_alteration": [
        ("asking_titles", "        if claim.disputed_until_s > asked.at_s:", "        if False:"),
    ],
    f"{TITLE}.test_what_is_added_later_is_reached_only_with_new_assets": [
        ("asking_titles", "place = max(since, logged_at)", "place = logged_at"),
    ],
    f"{TITLE}.test_a_catalogue_holds_the_assets_of_its_works": [
        ("asking_titles", "place = max(since, logged_at)", "place = since"),
    ],
    f"{TITLE}.test_only_its_owner_adds_to_a_catalogue_and_nothing_is_taken_away": [
        ("titles", "if owners.setdefault(record.catalogue, s.issuer) != s.issuer:", "if False:"),
    ],
    f"{TITLE}.test_a_catalogue_counts_signed_and_logged": [
        ("titles", "or s.issuer != record.owner:", ":"),
        (
            "titles",
            "not isinstance(record, CatalogueRegistered) or not (s.authorised and s.logged)",
            "not isinstance(record, CatalogueRegistered)",
        ),
    ],
    f"{AGENTS}.test_a_society_needs_the_power_to_grant_and_every_act_that_it_licenses": [
        ("settling", "acts=acts, roles=ADMINISTRATORS)", "roles=ADMINISTRATORS)"),
    ],
    f"{AGENTS}.test_other_roles_administer_nothing": [
        ("settling", "acts=acts, roles=ADMINISTRATORS)", "acts=acts)"),
    ],
    f"{AGENTS}.test_a_society_under_dispute_licenses_nothing": [
        ("licences", "max(grant.contested_until_s, word.contested_until_s)", "grant.contested_until_s"),
    ],
    f"{AGENTS}.test_what_a_society_gave_exclusively_keeps_the_holder_and_its_licensees_out": [
        ("licences", "frozenset({licence.licensor, *self.mandates(s.digest)})", "frozenset({licence.licensor})"),
        ("exclusivity", "or (top and self._is_of_line(barrier))", ""),
    ],
    f"{AGENTS}.test_an_exclusive_licence_of_the_principal_does_not_keep_its_vendor_out": [
        ("asking_titles", "asked.requesters, line, barriers", "frozenset({asked.request.for_}), line, barriers"),
    ],
    f"{AGENTS}.test_a_vendor_uses_what_its_principal_itself_holds": [
        ("asking", "one.principal == party and one.serves(acts, self.at_s)", "one.principal == party"),
    ],
}
