"""Faults planted in what is left of a person who was erased, as in ``tests.planted_licences``."""

ERASED = "test_erasure_decision"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{ERASED}.test_what_was_taken_back_under_a_signature_that_nobody_can_check_any_more_stays_taken_back": [
        ("keyring", "believed = self.believing or statement.type in NARROWING", "believed = self.believing"),
        ("decision", "{*decision.obstacles, *other.obstacles}, ", "{*decision.obstacles}, "),
        ("facts", "facts_of([*believed, *_stand_ins(believed)], vouched)", "facts_of(statements, vouched)"),
    ],
    f"{ERASED}.test_an_erasure_of_an_enrolled_person_brings_no_key_into_play": [
        ("decision", "= _decide(request, facts, at)", "= _decide(request, facts.believing or facts, at)"),
    ],
    f"{ERASED}.test_only_who_was_erased_is_still_known_where_their_word_is_believed": [
        ("facts", ' and s.record.cause == "asked"}', "}"),
    ],
    f"{ERASED}.test_what_is_changed_in_facts_is_changed_in_both_readings": [
        ("facts", "replace(changed, believing=change(self.believing))", "changed"),
    ],
    f"{ERASED}.test_an_erasure_that_names_a_key_that_stands_takes_it_from_nobody": [
        ("keyring", "(self.erased.keys() - self.keys.keys()) & keyids", "self.erased.keys() & keyids"),
    ],
    f"{ERASED}.test_a_title_that_an_erased_person_disputed_is_nobodys_either": [
        ("titles", "if subject not in void", "if subject is not void"),
    ],
    f"{ERASED}.test_whoever_was_erased_still_has_to_be_asked_and_cannot_say_yes": [
        ("contents", ", *erased[asset]),", ",),"),
    ],
    f"{ERASED}.test_frames_without_the_erased_person_are_as_they_were": [
        ("contents", "spans=one.spans,", "spans=None,"),
    ],
    "test_decision_twin_keys.test_whose_word_each_statement_is_agrees_with_the_twin": [
        ("keyring", "standing | {self.erased[keyid] for keyid in gone}", "standing"),
        ("keyring", "return statement.type in NARROWING or not", "return not"),
        ("recovering", "to_epoch_s(s.issued_at) < before_s]", "True]"),
    ],
}  # fmt: skip
