"""Faults planted in what the registry's core says of windows and title, as in ``tests.planted_licences``."""

TITLE = "test_decision_title"
EVENTS = "test_core_events"
OF_TITLE = "registry.core.title"
OF_EVENTS = "registry.core.events"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{TITLE}.test_each_right_that_an_aspect_needs_is_needed": [
        (OF_TITLE, 'or asset.kind == "music":', ":"),
        (OF_TITLE, 'if inventory["music"] != "none" or', "if"),
        (OF_TITLE, '"artwork" if asset.kind == "artwork" else "picture"', '"picture"'),
    ],
    f"{TITLE}.test_title_split_by_territory_asks_each_holder_for_its_own": [
        (OF_TITLE, "inside = residual(piece, outside)", "inside = [piece]"),
    ],
    f"{TITLE}.test_where_claims_leave_a_territory_out_exactly_that_has_no_title": [
        (OF_TITLE, "cut += [(part, held_by) for part in outside] +", "cut +="),
    ],
    f"{TITLE}.test_each_co_holder_must_grant_and_is_asked_by_name": [
        (OF_TITLE, "(*held_by, number)", "(number,)"),
    ],
    f"{TITLE}.test_where_the_shares_do_not_add_up_to_the_whole_an_owner_is_unknown": [
        (OF_TITLE, "if claims[0].share == (1, 1) else", "if True else"),
    ],
    f"{TITLE}.test_a_holder_who_claims_the_whole_of_work_and_asset_does_not_dispute_itself": [
        (OF_TITLE, "min(share, Fraction(WHOLE)) for share", "share for share"),
    ],
    f"{TITLE}.test_shares_of_one_holder_add_up": [
        (OF_TITLE, "held[claim.claimant] +=", "held[claim.claimant] ="),
    ],
    f"{EVENTS}.test_a_start_that_did_not_happen_has_not_started_and_of_several_the_latest_counts": [
        (OF_EVENTS, "start_s = max(said) if", "start_s = min(said) if"),
        (OF_EVENTS, "return not isinstance(self.start, Following) or", "return True or"),
    ],
    f"{EVENTS}.test_an_end_that_did_not_happen_is_read_as_if_it_had_when_the_grant_was_issued": [
        (OF_EVENTS, "later(issued_s, self.end.plus)", "FOREVER_S"),
        (OF_EVENTS, "start_s is None or start_s >= end_s", "start_s is None"),
    ],
    f"{EVENTS}.test_a_bar_is_read_the_other_way_round": [
        (OF_EVENTS, 'if reading == "grants":', "if True:"),
        (OF_EVENTS, "start_s = min(said) if", "start_s = max(said) if"),
        (OF_EVENTS, "start_s, max(said) if", "start_s, min(said) if"),
    ],
    f"{EVENTS}.test_what_is_recorded_and_does_not_count_yet_makes_a_reading_stricter_alone": [
        (OF_EVENTS, "max(said) if counted else None", "max(said) if said else None"),
        (OF_EVENTS, "start_s = max(said) if", "start_s = max(counted) if"),
        (OF_EVENTS, "min(said if counted else", "min(said if said else"),
        (OF_EVENTS, "min(said if counted else", "min(counted if counted else"),
        (OF_EVENTS, "(*said, later(", "(later("),
        (OF_EVENTS, "min(said) if counted else 0", "min(said) if said else 0"),
        (OF_EVENTS, "max(said) if counted else FOREVER_S", "max(said) if said else FOREVER_S"),
        (OF_EVENTS, "bool(happened(self.start).counted)", "bool(happened(self.start).said)"),
    ],
    f"{EVENTS}.test_the_moment_is_midnight_where_it_happened": [
        (OF_EVENTS, "- self.utc_offset * 60", "+ self.utc_offset * 60"),
        (OF_EVENTS, "later_day(self.on, plus)", "later_day(self.on, (0, 0))"),
        (OF_EVENTS, "min(day.day, last)", "last"),
    ],
    f"{EVENTS}.test_months_count_first_and_end_with_the_month": [
        (OF_EVENTS, "min(day.day, last))", "min(day.day, 28))"),
        (OF_EVENTS, "+ timedelta(days=days)", ""),
        (OF_EVENTS, "+ moment_s % 86_400", ""),
    ],
    f"{EVENTS}.test_a_window_that_follows_one_event_twice_opens_or_is_refused": [
        (OF_EVENTS, "or start.key != end.key", ""),
        (OF_EVENTS, "return all((later_day", "return any((later_day"),
        (OF_EVENTS, ">= (later_day(day, end.plus)", "> (later_day(day, end.plus)"),
        (OF_EVENTS, "years * 12 + months", "years + months"),
    ],
    f"{EVENTS}.test_a_period_is_read_as_months_and_days": [
        (OF_EVENTS, "weeks * 7 + days", "weeks + days"),
    ],
    f"{EVENTS}.test_an_event_counts_for_its_own_work_and_its_own_territory": [
        (OF_EVENTS, "return given[0], held.uuid(given[0])", 'return "work", held.uuid(given[0])'),
        (OF_EVENTS, "    return territory\n", "    return None\n"),
    ],
}
