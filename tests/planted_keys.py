"""Faults planted in whose keys count for what once one was in other hands, as in ``tests.planted_licences``."""

LOSS = "test_compromise"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{LOSS}.test_what_a_lost_key_permitted_before_that_place_counts_and_from_there_on_does_not": [
        ("keyring", "return statement.type in NARROWING or not self._was_lost(entry, statement)", "return True"),
        ("keyring", "self._at(statement) >= self.lost.get", "self._at(statement) > self.lost.get"),
        ("keyring", "self._at(statement) >= self.lost.get", "_LAST + 1 > self.lost.get"),
    ],
    f"{LOSS}.test_a_policy_under_a_lost_key_makes_nothing_laxer": [
        ("read", " and not self.suspect", ""),
        ("reading", "suspect=keyring.is_suspect(statement, envelope)", "suspect=False"),
    ],
    f"{LOSS}.test_keys_that_a_lost_key_brought_are_lost_with_it": [
        ("keyring", "lost[record.key.keyid] = min(place, ", "dict(lost)[record.key.keyid] = min(place, "),
    ],
    f"{LOSS}.test_a_key_that_a_good_one_brought_too_stays_good": [
        ("keyring", "if beside and all(lost.get", "if beside and any(lost.get"),
    ],
    f"{LOSS}.test_the_earliest_place_that_was_rightly_said_counts": [
        ("keyring", "= min(record.compromised_from, lost.get(record.keyid, _LAST))", "= record.compromised_from"),
    ],
    f"{LOSS}.test_a_key_is_not_lost_by_being_brought_a_second_time": [
        ("keyring", "return own and held is not None and held.since == self._at(statement)", "return own"),
    ],
    f"{LOSS}.test_the_ring_and_its_slow_twin_agree_on_random_lives_of_keys": [
        ("keyring", "return bool(self.signers(statement, envelope)) and not held", "return not held"),
        ("keyring", "return statement.type in NARROWING or not", "return not"),
    ],
}
