"""Faults planted in what the log's core says of notes, witnesses and receipts, and in the witness itself."""

NOTE = "test_core_note"
RESEALING = "test_core_resealing"
LAWS = "test_witness_laws"
OF_NOTE = "registry.core.note"
OF_TYPES = "registry.core.cosignature"
OF_QUORUM = "registry.core.quorum"
OF_CHECKPOINT = "registry.core.checkpoint"
OF_LINES = "registry.core.lines"
OF_SUBMISSION = "registry.core.submission"
OF_RESEALING = "registry.core.resealing"
OF_WITNESS = "registry.watch.witness"
OF_STATE = "registry.watch.witness_state"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    f"{NOTE}.test_each_type_has_its_key_id_its_lengths_and_one_spelling": [
        (OF_NOTE, 'b"\\n" + bytes([self.type]) + self.public', 'b"\\n" + b"\\x01" + self.public'),
    ],
    f"{NOTE}.test_a_cosignature_of_version_1_signs_the_time_and_the_whole_text": [
        (OF_TYPES, 'f"cosignature/v1\\ntime {time_s}\\n{text}"', 'f"cosignature/v1\\n{text}"'),
        (OF_TYPES, "return pack_time(time_s) + signature if", "return pack_time(0) + signature if"),
    ],
    f"{NOTE}.test_an_mldsa_cosignature_signs_the_name_the_time_and_the_tree": [
        (OF_TYPES, "_counted(name) + pack_time(time_s)", "_counted(checkpoint.origin) + pack_time(0)"),
        (OF_TYPES, "bytes(_TIME_BYTES) + checkpoint.size", "checkpoint.size"),
        (OF_TYPES, 'b"subtree/v1\\n\\0"', 'b"subtree/v1\\n"'),
    ],
    f"{NOTE}.test_no_byte_of_an_mldsa_signature_and_no_time_can_be_changed": [
        (
            OF_TYPES,
            "        except InvalidSignature:\n            return False",
            "        except InvalidSignature:\n            pass",
        ),
    ],
    f"{NOTE}.test_one_false_signature_by_a_known_key_refuses_the_checkpoint_and_names_its_line": [
        (OF_NOTE, "raise BadNote(problem=problem, line=note.line_of(place))", "continue"),
        (OF_NOTE, 'self.text.count("\\n") + 2 + place', 'self.text.count("\\n") + 1 + place'),
    ],
    f"{NOTE}.test_extensions_that_no_known_key_signed_are_refused": [
        (OF_CHECKPOINT, "if checkpoint.extensions and not any(", "if False and not any("),
        (OF_TYPES, "        signs_extensions=False,\n", ""),
    ],
    f"{NOTE}.test_what_a_witness_signs_under_the_name_of_a_log_is_not_the_logs_own": [
        (OF_CHECKPOINT, " and key.kind.by_log)", ")"),
    ],
    f"{NOTE}.test_the_root_of_no_entries_is_that_of_nothing": [
        (OF_CHECKPOINT, "if checkpoint.size == 0 and", "if False and"),
    ],
    f"{NOTE}.test_what_is_no_checkpoint_is_not_cosigned": [
        (OF_TYPES, "    Checkpoint.parse(text)  # nobody cosigns anything else\n", ""),
    ],
    f"{NOTE}.test_who_cosigned_is_said_with_the_time_and_strangers_are_ignored": [
        (OF_QUORUM, "if len(found) < quorum:", "if not found:"),
    ],
    f"{NOTE}.test_two_keys_of_one_witness_are_one_witness": [
        (OF_QUORUM, "by_name.setdefault(key.name, Cosigned", "by_name.setdefault(key.format(), Cosigned"),
    ],
    f"{NOTE}.test_one_public_key_under_two_names_is_refused_because_it_would_count_twice": [
        (OF_QUORUM, "if names.setdefault(key.public, key.name) != key.name:", "if False:"),
    ],
    f"{NOTE}.test_a_log_is_no_witness_of_itself_and_a_log_key_is_none_at_all": [
        (OF_QUORUM, "if key.name != origin]", "]"),
        (OF_QUORUM, "if not key.kind.by_witness:", "if False:"),
    ],
    f"{NOTE}.test_a_malformed_receipt_is_refused_with_the_line_of_the_whole_file": [
        (OF_CHECKPOINT, "with below(len(head) + 1):", "with below(len(head)):"),
        (OF_LINES, "line=lines + error.line", "line=error.line"),
        (OF_CHECKPOINT, "if len(hashes[-1]) != HASH_BYTES:", "if False:"),
    ],
    f"{NOTE}.test_a_malformed_submission_is_refused_with_the_line_at_fault": [
        (OF_SUBMISSION, "            Checkpoint.parse(note.text)\n", ""),
        (OF_SUBMISSION, "read_hashes(hashes, 2)", "read_hashes(hashes, 1)"),
    ],
    f"{RESEALING}.test_a_log_that_changed_what_it_had_shown_carries_nothing_over": [
        (OF_RESEALING, "    verify_consistency(", "    (lambda *_: None)("),
    ],
    f"{RESEALING}.test_what_was_not_proven_is_not_carried_over": [
        (OF_RESEALING, "    verify_inclusion(proof.index, old.size,", "    (lambda *_: None)(proof.index, old.size,"),
        (OF_RESEALING, "if proof.index >= old.size:", "if False:"),
        (OF_RESEALING, "if old.origin != new.origin:", "if False:"),
    ],
    f"{LAWS}.test_what_is_cosigned_is_one_history": [
        (OF_WITNESS, "        verify_consistency(", "        (lambda *_: None)("),
        (OF_WITNESS, "keys = verify_checkpoint(note, self.logs[origin])", "keys = self.logs[origin]"),
        (OF_WITNESS, "if submission.old_size > checkpoint.size:", "if False:"),
        (OF_WITNESS, "0 if seen is None else seen.size", "submission.old_size"),
    ],
    f"{LAWS}.test_the_first_checkpoint_needs_no_proof_and_may_have_none": [
        (OF_WITNESS, "    elif proof:\n", "    elif False:\n"),
    ],
    f"{LAWS}.test_its_word_never_goes_back_in_time": [
        (OF_WITNESS, "max(now_s, _cosigned_at(last, self.signers))", "now_s"),
        (OF_WITNESS, "note.signed_also(signatures))", "note)"),
    ],
    f"{LAWS}.test_what_was_said_is_remembered_and_a_fork_is_kept": [
        (OF_WITNESS, "        self.states.write(checkpoint.origin, note.signed_also(signatures))\n", ""),
        (OF_WITNESS, "and seen.root != checkpoint.root:", "and False:"),
        (OF_STATE, 'if not (path := self._path(origin, ".fork")).exists():', "if False:"),
    ],
}
