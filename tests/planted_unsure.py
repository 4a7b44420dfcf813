"""Faults planted in what does not count yet and in what is held, as in ``tests.planted_licences``."""

UNSURE = "test_decision_licences_unsure"
HOLDING = "test_decision_holding"
LICENCES = "test_decision_licences"
HELD = "test_decision_licences_holders"
MINORS = "test_decision_minors"
TITLE = "test_decision_title_holders"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{HOLDING}.test_what_was_taken_from_a_person_is_held": [
        ("holding", 'frozenset({"scan", "voice", "replica"})', 'frozenset({"scan", "voice"})'),
    ],
    f"{HOLDING}.test_other_files_need_no_leave_to_be_kept": [
        ("holding", "if one.facts.asset.kind in HELD_KINDS", ""),
    ],
    f"{HOLDING}.test_each_of_scan_and_store_has_to_be_allowed": [
        ("holding", '("scan", "store")', '("store",)'),
        ("holding", '("scan", "store")', '("scan",)'),
        ("holding", "if box.acts & served and", "if"),
    ],
    f"{HOLDING}.test_it_is_asked_for_all_that_the_file_shows_of_the_person": [
        ("holding", "if aspects & ~_kept(", "if not _kept("),
    ],
    f"{HOLDING}.test_it_is_asked_for_today": [
        ("holding", "and box.start_s <= at_s < box.end_s", "and at_s < box.end_s"),
    ],
    f"{HOLDING}.test_another_persons_consent_or_one_to_somebody_else_keeps_nothing": [
        ("holding", "if grant.grantee in keepers and", "if"),
    ],
    f"{HOLDING}.test_what_was_withdrawn_is_kept_no_longer": [
        ("holding", "return grant.sound or not", "return True or not"),
    ],
    f"{HOLDING}.test_a_vendor_keeps_what_its_principal_may_keep": [
        ("holding", "for one in vendors if one.serves(served, at_s)", "for one in vendors"),
        ("holding", "for one in vendors if one.serves(served, at_s)", "for one in ()"),
    ],
    f"{UNSURE}.test_a_termination_that_does_not_count_frees_nobody": [
        ("licences", "if stands and not ending.sure and", "if stands and not ending and"),
        ("endings", "any(s.authorised and s.logged for", "any(s.logged for"),
        ("endings", "any(s.authorised and s.logged for", "any(s.authorised for"),
    ],
    f"{UNSURE}.test_a_change_of_control_that_does_not_count_frees_nobody": [
        ("licences", "_ended_s(keeping, control.counted,", "_ended_s(keeping, control.said,"),
    ],
    f"{UNSURE}.test_an_amendment_that_does_not_count_frees_nobody": [
        ("versions", "return self.terms if self.given is None else", "return self.terms if True else"),
    ],
    f"{UNSURE}.test_an_assignment_that_does_not_count_spares_nobody": [
        ("licences", "spares=held.holder if held.sure else None", "spares=held.holder"),
        ("assignments", "return self.logged and self.authorised", "return self.logged"),
        ("assignments", "return self.logged and self.authorised", "return self.authorised"),
        ("assignments", "authorised=last.authorised and s.authorised,", "authorised=True,"),
    ],
    f"{UNSURE}.test_a_licence_that_may_lapse_frees_others_unless_what_it_waits_for_counts": [
        ("windows", "self.happened(ends.event).counted)", "self.happened(ends.event).said)"),
    ],
    f"{UNSURE}.test_a_sublicence_keeps_others_out_until_what_ends_its_parent_counts": [
        ("licences", "_endings.of(parent, licence.licensor).sure", "_endings.of(parent, licence.licensor)"),
        ("licences", "stands = stands and not", "stands = True or not"),
    ],
    f"{UNSURE}.test_who_is_said_to_be_tied_to_the_licensee_still_narrows_until_the_tie_counts": [
        ("happenings", "grantees, self._untied)]", "grantees, self._independent)]"),
        (
            "settling",
            "self._apart(voucher, performer, grantee, self._sure)",
            "self.independent(voucher, performer, grantee)",
        ),
    ],
    f"{UNSURE}.test_who_is_said_to_be_tied_to_the_licensee_opens_nothing": [
        ("happenings", "and self._may_say(s, grantor, grantees, self._independent)]", "]"),
    ],
    f"{LICENCES}.test_who_registered_the_work_may_record_its_events": [
        ("happenings", "or s.issuer == self._speakers.get(event.subject)", ""),
    ],
    f"{HELD}.test_a_change_of_control_ends_a_licence_unless_it_continues": [
        ("licences", "_ended_s(version.terms, control.said,", "_ended_s(version.terms, control.counted,"),
        ("happenings", "if event.event == CONTROL and s.issuer in (party, *grantees):", "if False:"),
    ],
    f"{MINORS}.test_a_death_counts_as_it_is_recorded_by_somebody_independent_of_the_grantee": [
        ("happenings", "if event.event == CONTROL and s.issuer in", "if s.issuer in"),
    ],
    f"{MINORS}.test_an_estate_signs_once_the_death_counts": [
        ("happenings", "self._deaths(person, grantee).counted)", "self._deaths(person, grantee).said)"),
    ],
    f"{MINORS}.test_nobody_tells_of_their_own_death": [
        ("happenings", "if s.issuer != person]", "]"),
    ],
    f"{TITLE}.test_an_assignment_not_yet_logged_leaves_nobody_to_grant": [
        ("asking_titles", "or not all(claims[number].sure for", "or not all(True for"),
    ],
}
