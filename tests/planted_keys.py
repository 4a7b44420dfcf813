"""Faults planted in whose keys count for what, once one was lost or in other hands, as in ``planted_licences``."""

LOSS = "test_compromise"
RECOVERY = "test_decision_recovery"

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
    f"{RECOVERY}.test_until_a_week_is_over_the_key_permits_nothing": [
        ("recovering", "ripe_s = to_epoch_s(recovery.ripe_at(statement.issued_at))", "ripe_s = 0"),
    ],
    f"{RECOVERY}.test_the_registry_is_no_agent_in_this": [
        (
            "recovering",
            "keyring.bringers(statement, envelope, record.key) - {registry}",
            "keyring.bringers(statement, envelope, record.key)",
        ),
    ],
    f"{RECOVERY}.test_no_other_power_brings_a_key": [
        ("recovering", "power=recovery.POWER", 'power="revoke"'),
    ],
    f"{RECOVERY}.test_a_dispute_that_was_upheld_ends_the_key_for_ever": [
        ("recovering", "max(ripe_s, word.contested_until_s)", "ripe_s"),
    ],
    f"{RECOVERY}.test_a_key_that_was_recovered_stays_so_though_it_comes_again": [
        ("keyring", "if not _signed(envelope, key):", "if key.keyid in self.keys or not _signed(envelope, key):"),
    ],
    f"{RECOVERY}.test_a_key_that_somebody_held_before_is_nobodys_to_recover": [
        ("keyring", "keys.setdefault(record.key.keyid, entry)", "keys[record.key.keyid] = entry"),
    ],
    f"{RECOVERY}.test_what_ends_a_dispute_counts_under_a_key_that_was_recovered_too": [
        (
            "reading",
            "_judged(brought, known, parsed, vouched, believing)",
            "{**_judged(brought, known, parsed, vouched, believing), **known}",
        ),
        ("reading", "for _ in range(len(brought) + 1):", "for _ in range(len(brought)):"),
    ],
    f"{RECOVERY}.test_a_recovered_key_says_nothing_of_its_own_recovery": [
        ("reading", "if digest != one[0].digest}", "if True}"),
    ],
    f"{RECOVERY}.test_two_recoveries_that_void_each_other_both_count_for_nothing": [
        ("reading", "brought, known = [one for one in brought if one[0].digest in settled], {}", "return known"),
    ],
}
