"""Faults planted in what settles who is who, as in ``tests.planted_licences``."""

IDENTITY = "test_decision_identity"
RULE = "registry.core.identifiers"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{IDENTITY}.test_whoever_states_what_another_party_states_is_held_and_so_is_the_other": [
        ("conditions", "if grant.identity_contested:", "if False:"),
        ("grants", "or self.contested_until_s or self.identity_contested", "or self.contested_until_s"),
        (RULE, "if claimants <= {party}:", "if True:"),
        (RULE, 'SCHEMES: Final = ("alias", "hand", "isni")', 'SCHEMES: Final = ("alias", "isni")'),
    ],
    f"{IDENTITY}.test_another_spelling_is_the_same_identifier": [
        (RULE, 'bare = "".join(c for c in _PREFIXES.sub("", folded) if c.isalnum())', "bare = folded"),
        (RULE, '_PREFIXES.sub("", folded) if', "folded if"),
        (RULE, 'unicodedata.normalize("NFKC", seen.casefold())', 'unicodedata.normalize("NFKC", seen)'),
        (RULE, 'unicodedata.normalize("NFKC", seen.casefold())', "seen.casefold()"),
        (RULE, ' if unicodedata.category(c) != "Cf"', ""),
    ],
    f"{IDENTITY}.test_a_rival_counts_as_it_is_read_whoever_signed_it": [
        (
            "identities",
            "if isinstance(s.record, Party | Alias):",
            "if isinstance(s.record, Party | Alias) and s.logged:",
        ),
        (
            "identities",
            "if isinstance(s.record, Party | Alias):",
            "if isinstance(s.record, Party | Alias) and s.authorised:",
        ),
    ],
    f"{IDENTITY}.test_an_independent_vouch_that_confirms_it_for_one_settles_it_for_that_one": [
        (RULE, "return bool(own) and not rival", "return False"),
    ],
    f"{IDENTITY}.test_a_vouch_that_confirms_nothing_or_something_else_settles_nothing": [
        (RULE, "return bool(own) and not rival", "return not rival"),
        (
            "identities",
            "for s in self._confirmed.get(key, ()):",
            "for s in [x for y in self._confirmed.values() for x in y]:",
        ),
    ],
    f"{IDENTITY}.test_a_confirmation_frees_once_it_is_signed_and_under_the_checkpoint": [
        ("identities", "counts=s.logged)", "counts=True)"),
        (RULE, "if one.party == party and one.counts]", "if one.party == party]"),
        ("identities", "isinstance(s.record, Vouch) and s.authorised and", "isinstance(s.record, Vouch) and"),
    ],
    f"{IDENTITY}.test_whoever_is_tied_to_the_grantee_confirms_nothing_before_it": [
        ("identities", "if apart(s.issuer, party, grantee):", "if True:"),
    ],
    f"{IDENTITY}.test_whoever_is_said_to_be_tied_to_the_grantee_confirms_nothing_before_it": [
        ("identities", "self._independent if party == performer else self._heard", "self._heard"),
    ],
    f"{IDENTITY}.test_two_confirmations_for_different_parties_keep_both_held": [
        (RULE, "return bool(own) and not rival", "return bool(own)"),
        (RULE, "if one.party != party and one.party in claimants]", "if one.party != party and one.counts]"),
        ("identities", "isinstance(s.record, Vouch) and s.authorised and", "isinstance(s.record, Vouch) and"),
    ],
    f"{IDENTITY}.test_a_grantee_that_confirms_a_rival_silences_nobody": [
        ("settling", "return voucher not in (party, grantee) and not", "return not"),
    ],
    f"{IDENTITY}.test_who_is_said_to_be_tied_to_the_grantee_still_refuses_until_the_tie_counts": [
        (
            "settling",
            "self._are_tied(voucher, grantee, self._sure)",
            "self._are_tied(voucher, grantee, self._believed)",
        ),
        ("settling", "and not self._are_tied(voucher, grantee, self._sure)", ""),
    ],
    f"{IDENTITY}.test_a_voucher_whom_nobody_knows_yet_refuses_all_the_same": [
        ("identities", "self._independent if party == performer else self._heard", "self._independent"),
    ],
    f"{IDENTITY}.test_an_officer_of_a_court_has_the_last_word": [
        (RULE, "    if by_court:\n", "    if False:\n"),
        (RULE, "return all(one.party == party for one in by_court)", "return True"),
        ("identities", "by_court=self._is_officer(s.issuer)", "by_court=True"),
    ],
    f"{IDENTITY}.test_a_rival_that_gives_it_up_frees_the_other_under_the_checkpoint": [
        (
            "identities",
            "for s in counting(statements, Alias):",
            "for s in [x for x in statements if isinstance(x.record, Alias)]:",
        ),
        ("identities", "for s in counting(statements, Alias):", "for s in ():"),
        ("identities", "in s.record.disclaims if s.issuer == s.record.party else ():", "in s.record.disclaims:"),
    ],
    f"{IDENTITY}.test_what_is_stated_again_after_it_was_given_up_is_stated": [
        ("identities", "if at in stated and stated[at] < s.order:", "if at in stated:"),
        (
            "identities",
            "stated[at] = max(stated.get(at, s.order), s.order)",
            "stated[at] = min(stated.get(at, s.order), s.order)",
        ),
    ],
    f"{IDENTITY}.test_whoever_is_held_by_one_identifier_is_not_freed_by_another": [
        ("identities", "contested = any(not self._is_theirs", "contested = all(not self._is_theirs"),
    ],
    f"{IDENTITY}.test_an_isni_has_its_check_character": [
        (RULE, "% 11 == 1", "% 11 == 0"),
        (RULE, '10 if c == "x" else int(c)', '0 if c == "x" else int(c)'),
    ],
    f"{IDENTITY}.test_a_hand_id_is_a_doi_and_an_alias_is_anything": [
        (RULE, 'if scheme == "hand":', "if False:"),
    ],
    f"{IDENTITY}.test_who_stands_is_never_two": [
        (RULE, "return bool(own) and not rival", "return bool(own)"),
        (
            RULE,
            "return all(one.party == party for one in by_court)",
            "return any(one.party == party for one in by_court)",
        ),
    ],
}
