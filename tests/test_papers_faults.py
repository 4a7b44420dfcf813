"""
Planted faults: each is named for the attack, and must be caught at the step that is there for it.

`DAMAGED` changes papers that were honest when they were handed out, as anybody on the way could. `DISHONEST` are papers
that were wrong from the start, as somebody with the registry's, the log's or a party's key could make them.
"""

import base64
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from generation.core.bundle import Bundle, Trust
from generation.core.credential import Credential
from generation.core.verify import STEPS, Step, verify
from generation.core.verify import Papers as Judged
from generation.media.certificates import Chain
from generation.verify.__main__ import main
from generation.verify.manifest import read_manifest
from registry.core.checkpoint import Checkpoint, Proof, sign_checkpoint
from registry.core.envelope import Envelope, sha256_hex, sign_statement
from tests.decisions import World, box, id_of, key_of, revocation
from tests.papers import (
    HONEST,
    Changes,
    Log,
    Papers,
    new_chain,
    papers,
    payload_of,
    resealed,
    trust_of,
    unsealed,
    world,
)

Damage = Callable[[Papers, Chain], None]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return new_chain(tmp_path_factory.mktemp("credentials"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The certificates of somebody whom nobody knows."""
    return new_chain(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def honest(chain: Chain) -> Papers:
    return papers(chain)


def judged(found: Papers, tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Run the command as a user would; return its exit code and the name of the step that failed."""
    bundle, mp4, trust = found.write(tmp_path)
    code = main([str(bundle), str(mp4), *(options or ("--trust", str(trust)))])
    out = capsys.readouterr().out
    failed = [line for line in out.splitlines() if "  failed  " in line]
    return code, failed[0][4:].split("  ")[0] if failed else ""


def test_honest_papers_are_proven(honest: Papers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(honest, tmp_path, capsys) == (0, "")


# --- What anybody on the way could do -------------------------------------------------------------------------------


def flip(found: Papers, place: int) -> None:
    found.mp4 = found.mp4[:place] + bytes([found.mp4[place] ^ 1]) + found.mp4[place + 1 :]


def claim_the_file(found: Papers) -> None:
    """Say that the bundle is for the file as it is now."""
    found.bundle["output_sha256"] = sha256_hex(found.mp4)


def flipped_in(box_: bytes, *, claimed: bool) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        flip(found, found.mp4.index(box_) + 40)
        if claimed:
            claim_the_file(found)

    return damage


def truncated_file(found: Papers, _: Chain) -> None:
    found.mp4 = found.mp4[:-1]


def stripped_credential(found: Papers, _: Chain) -> None:
    found.mp4 = unsealed()
    claim_the_file(found)


def not_a_video(found: Papers, _: Chain) -> None:
    found.mp4 = b"\x00" * 5_000
    claim_the_file(found)


def resealed_by_a_stranger(found: Papers, stranger: Chain) -> None:
    found.mp4 = resealed(stranger, credential_of(found))
    claim_the_file(found)


def resealed_by_a_stranger_whom_the_bundle_names(found: Papers, stranger: Chain) -> None:
    resealed_by_a_stranger(found, stranger)
    found.bundle["trust"]["c2pa"].append(stranger.root_pem)


def credential_of(found: Papers) -> Credential:
    issued = next(s for s in found.bundle["statements"] if payload_of(s)["type"] == "clearance.issued")
    body = payload_of(issued)["body"]
    return Credential(
        clearance=sha256_hex(base64.b64decode(issued["envelope"]["payload"])),
        proof=issued["proof"],
        grounds=tuple((digest, assurance) for digest, assurance in body["grounds"]),
        weights="b" * 64,
        training_root="c" * 64,
        ingredients=(),
        composite=False,
    )


def swapped_clearance(found: Papers, _: Chain) -> None:
    found.bundle["clearance"], found.bundle["release"] = found.bundle["release"], found.bundle["clearance"]


def dropped(type_: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.bundle["statements"].remove(found.statement(type_))

    return damage


def dropped_without_trace(type_: str) -> Damage:
    """Drop a statement, and every mention of it."""

    def damage(found: Papers, _: Chain) -> None:
        statement = found.statement(type_)
        digest = sha256_hex(base64.b64decode(statement["envelope"]["payload"]))
        found.bundle["statements"].remove(statement)
        for decided in (found.bundle["clearance"], found.bundle["release"]):
            decided["digests"].remove(digest)
            del decided["vouched"]["indices"][digest]

    return damage


def changed_request(which: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.bundle[which]["request"]["territories"] = ["DE", "FR", "US"]

    return damage


def changed_vouched(which: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        told = found.bundle[which]["vouched"]
        told["no_revocation_of"] = told["no_revocation_of"][:1]

    return damage


def changed_tree_size(found: Papers, _: Chain) -> None:
    found.bundle["clearance"]["vouched"]["tree_size"] += 1


def forged_consent(found: Papers, _: Chain) -> None:
    """The same words, signed by somebody else: the digest stays."""
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"])
    consent["envelope"] = sign_statement(payload, key_of("mallory")).format()


def widened_consent(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"]).replace(b'"DE","FR"', b'"DE","US"')
    consent["envelope"]["payload"] = base64.b64encode(payload).decode()


def broken_consent_signature(found: Papers, _: Chain) -> None:
    signature = found.statement("consent.granted")["envelope"]["signatures"][0]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[5] ^= 1
    signature["sig"] = base64.b64encode(raw).decode()


def second_signature_on_a_consent(found: Papers, _: Chain) -> None:
    """By an enrolled key, valid: but another envelope than the log holds."""
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"])
    consent["envelope"] = sign_statement(payload, key_of("ada"), key_of("gallery")).format()


def no_proof_of(type_: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.statement(type_)["proof"] = None

    return damage


def truncated_proof(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, hashes=proof.hashes[:-1]).format().decode()


def lengthened_proof(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, hashes=(*proof.hashes, bytes(32))).format().decode()


def proof_of_another_statement(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["proof"] = found.statement("licence.granted")["proof"]


def proof_with_extra(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, extra=b"trust me").format().decode()


def proof_that_is_prose(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["proof"] = "it is in the log, I have seen it\n"


def checkpoint_signed_by_a_foreign_key(found: Papers, _: Chain) -> None:
    for statement in found.bundle["statements"]:
        proof = Proof.parse(statement["proof"].encode())
        checkpoint = Checkpoint.parse(proof.checkpoint_text.split("\n\n")[0] + "\n")
        note = sign_checkpoint(checkpoint, key_of("mallory")).decode()
        statement["proof"] = replace(proof, checkpoint_text=note).format().decode()


def checkpoint_without_a_signature_that_counts(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    text, _, signatures = proof.checkpoint_text.partition("\n\n")
    broken = signatures.replace(signatures[-8:-2], "AAAAAA")
    consent["proof"] = replace(proof, checkpoint_text=f"{text}\n\n{broken}").format().decode()


def statement_that_is_not_json(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["envelope"]["payload"] = base64.b64encode(b"\xff{").decode()


def request_that_is_a_list(found: Papers, _: Chain) -> None:
    found.bundle["clearance"]["request"] = [[[]]]


DAMAGED: dict[str, tuple[Damage, str]] = {
    "flipped-byte-in-mdat": (flipped_in(b"mdat", claimed=False), "file"),
    "truncated-file": (truncated_file, "file"),
    "flipped-byte-in-mdat-and-claimed": (flipped_in(b"mdat", claimed=True), "credential"),
    "flipped-byte-in-moov-and-claimed": (flipped_in(b"moov", claimed=True), "credential"),
    "flipped-byte-in-our-assertion-and-claimed": (flipped_in(b"org.proviso.clearance", claimed=True), "credential"),
    "stripped-credential": (stripped_credential, "credential"),
    "not-a-video": (not_a_video, "credential"),
    "resealed-by-a-stranger": (resealed_by_a_stranger, "credential"),
    "resealed-by-a-stranger-whom-the-bundle-names": (resealed_by_a_stranger_whom_the_bundle_names, "clearance"),
    "swapped-clearance": (swapped_clearance, "clearance"),
    "dropped-clearance": (dropped("clearance.issued"), "clearance"),
    "dropped-release": (dropped("shot.released"), "release"),
    "changed-request": (changed_request("clearance"), "clearance"),
    "changed-request-of-release": (changed_request("release"), "release"),
    "request-that-is-a-list": (request_that_is_a_list, "clearance"),
    "changed-vouched": (changed_vouched("clearance"), "clearance replayed"),
    "changed-vouched-of-release": (changed_vouched("release"), "release replayed"),
    "changed-tree-size": (changed_tree_size, "clearance replayed"),
    "dropped-appearance": (dropped("appearance.recorded"), "clearance replayed"),
    "dropped-appearance-without-trace": (dropped_without_trace("appearance.recorded"), "clearance replayed"),
    "forged-consent": (forged_consent, "clearance replayed"),
    "widened-consent": (widened_consent, "clearance replayed"),
    "broken-consent-signature": (broken_consent_signature, "clearance replayed"),
    "statement-that-is-not-json": (statement_that_is_not_json, "clearance replayed"),
    "second-signature-on-a-consent": (second_signature_on_a_consent, "inclusion"),
    "no-proof-of-clearance": (no_proof_of("clearance.issued"), "inclusion"),
    "no-proof-of-release": (no_proof_of("shot.released"), "inclusion"),
    "no-proof-of-weights": (no_proof_of("weights.trained"), "inclusion"),
    "no-proof-of-a-ground": (no_proof_of("licence.granted"), "inclusion"),
    "truncated-proof": (truncated_proof, "inclusion"),
    "lengthened-proof": (lengthened_proof, "inclusion"),
    "proof-of-another-statement": (proof_of_another_statement, "inclusion"),
    "proof-with-extra": (proof_with_extra, "inclusion"),
    "proof-that-is-prose": (proof_that_is_prose, "inclusion"),
    "foreign-log-key": (checkpoint_signed_by_a_foreign_key, "checkpoints"),
    "broken-checkpoint-signature": (checkpoint_without_a_signature_that_counts, "checkpoints"),
}


@pytest.mark.parametrize("attack", DAMAGED)
def test_damage_is_named_at_its_step(
    attack: str, honest: Papers, stranger: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, step = DAMAGED[attack]
    found = honest.copy()
    damage(found, stranger)
    assert judged(found, tmp_path, capsys) == (1, step)


# --- What a dishonest registry, log or party could do ----------------------------------------------------------------


def with_revoked(found: World) -> World:
    """Ada withdraws what the shot rests on."""
    found.add("withdrawal", "consent.revoked", "ada", revocation("ada", found.digest("consent")))
    return found


def with_old_revocation(found: World) -> World:
    """Ada withdrew another consent, which the decision read too."""
    found.add_like("older", "consent", scopes=[box(territories=["GB"])])
    found.add("withdrawal", "consent.revoked", "ada", revocation("ada", found.digest("older")))
    return found


def grounds_of(name: str) -> Callable[[dict], None]:
    """Log a ground that no decision used."""

    def change(body: dict) -> None:
        body["grounds"] = sorted([*body["grounds"], [world().digest(name), "signed"]])

    return change


def same_grounds(body: dict) -> None:
    """Log the grounds of the clearance, whatever was decided."""
    body["grounds"] = sorted([world().digest(name), "signed"] for name in ("claim", "consent", "licence"))


def wider(asked: dict) -> None:
    asked["territories"] = ["DE"]


def set_to(**fields: object) -> Callable[[dict], None]:
    return lambda body: body.update(fields)


def weights_by_a_stranger() -> World:
    found = world()
    found.steps["weights"].issuer = "studio"
    return found


def told_of_an_earlier_place(name: str) -> Callable[[dict], None]:
    """Tell the decision that a statement stood in the log before it did."""

    def change(vouched: dict) -> None:
        vouched["indices"][world().digest(name)] -= 1

    return change


def credential_with(**fields: object) -> Callable[[Credential], Credential]:
    return lambda credential: replace(credential, **fields)  # type: ignore[arg-type]  # names a field and its value


def fewer_grounds(credential: Credential) -> Credential:
    return replace(credential, grounds=credential.grounds[1:])


def invented_ground(credential: Credential) -> Credential:
    return replace(credential, grounds=tuple(sorted([*credential.grounds, ("f" * 64, "signed")])))


def other_ingredient(credential: Credential) -> Credential:
    (used,) = credential.ingredients
    return replace(credential, ingredients=(replace(used, sha256="9" * 64),))


DISHONEST: dict[str, tuple[Callable[[], World], Changes, str]] = {
    "cleared-in-spite-of-a-revocation": (lambda: with_revoked(world()), HONEST, "clearance replayed"),
    "released-in-spite-of-a-revocation": (
        world,
        Changes(before_release=with_revoked, release=same_grounds),
        "release replayed",
    ),
    "clearance-of-other-assets": (world, Changes(clearance=set_to(assets=[])), "clearance"),
    "clearance-to-train": (world, Changes(clearance=set_to(kind="train")), "clearance"),
    "clearance-of-another-shot": (world, Changes(clearance=set_to(shot=id_of("other"))), "clearance"),
    "clearance-with-an-unknown-field": (world, Changes(clearance=set_to(override=True)), "clearance"),
    "invented-ground": (world, Changes(clearance=grounds_of("vouch")), "clearance replayed"),
    "invented-ground-of-release": (world, Changes(release=grounds_of("vouch")), "release"),
    "other-facts-digest": (world, Changes(clearance=set_to(facts_digest="0" * 64)), "clearance replayed"),
    "other-tree-size": (world, Changes(clearance=set_to(tree_size=3)), "clearance replayed"),
    "release-of-another-file": (world, Changes(release=set_to(output_sha256="1" * 64)), "release"),
    "release-of-another-shot": (world, Changes(release=set_to(shot=id_of("other"))), "release"),
    "release-under-another-clearance": (world, Changes(release=set_to(clearance="2" * 64)), "release"),
    "release-before-its-clearance": (world, Changes(release=set_to(at="2027-06-01T11:59:59Z")), "release"),
    "release-for-another-use": (world, Changes(release_request=wider), "release"),
    "release-that-forgets-its-grounds": (world, Changes(release_request=set_to(rests_on=[])), "release"),
    "release-with-other-weights": (world, Changes(release=set_to(weights="3" * 64)), "release"),
    "credential-with-other-ingredients": (world, Changes(credential=other_ingredient), "clearance"),
    "credential-with-other-weights": (world, Changes(credential=credential_with(weights="4" * 64)), "clearance"),
    "credential-with-another-training-root": (
        world,
        Changes(credential=credential_with(training_root="5" * 64)),
        "weights",
    ),
    "credential-with-fewer-grounds": (world, Changes(credential=fewer_grounds), "release"),
    "credential-with-an-invented-ground": (world, Changes(credential=invented_ground), "release"),
    "unsealed-and-released": (world, Changes(output=lambda _: unsealed()), "credential"),
    "told-of-an-earlier-place": (world, Changes(told=told_of_an_earlier_place("licence")), "inclusion"),
    "signed-by-a-foreign-registry-key": (world, Changes(registry="mallory"), "registry key"),
}


@pytest.mark.parametrize("attack", DISHONEST)
def test_dishonest_papers_are_named_at_their_step(
    attack: str, chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, changes, step = DISHONEST[attack]
    assert judged(papers(chain, make(), changes=changes), tmp_path, capsys) == (1, step)


def test_weights_trained_by_a_stranger_are_no_weights(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, step = judged(papers(chain, weights_by_a_stranger()), tmp_path, capsys)
    assert (code, step) in {(1, "clearance replayed"), (1, "registry key")}


def test_a_dropped_revocation_is_missed_though_it_would_not_have_refused(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = papers(chain, with_old_revocation(world()))
    assert judged(whole, tmp_path, capsys) == (0, "")
    dropped_without_trace("consent.revoked")(whole, chain)
    assert judged(whole, tmp_path, capsys) == (1, "clearance replayed")


def test_a_consent_of_a_performer_whose_enrolment_is_not_in_the_log_proves_nothing(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = papers(chain)
    ada = next(s for s in found.bundle["statements"] if payload_of(s)["body"].get("name") == "Ada")
    ada["proof"] = None
    assert judged(found, tmp_path, capsys) == (1, "inclusion")


def test_a_log_that_signed_two_roots_for_one_size_is_caught(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, other = papers(chain), Log()
    for entry in found.log.entries:
        other.entries.append(entry)
    other.entries[0] = b'{"forked":true}'
    licence = found.statement("licence.granted")
    index = Proof.parse(licence["proof"].encode()).index
    licence["proof"] = other.proof(index)
    assert judged(found, tmp_path, capsys) == (1, "checkpoints")


def test_two_statements_cannot_stand_at_one_place(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, other = papers(chain), Log()
    licence = found.statement("licence.granted")
    envelope = Envelope.parse(licence["envelope"])
    for entry in found.log.entries[:3]:
        other.entries.append(entry)
    index = other.append(envelope, "licence.granted")
    licence["proof"] = other.proof(index)
    assert judged(found, tmp_path, capsys) == (1, "inclusion")


def test_a_bundle_with_keys_of_its_own_is_consistent_and_no_more(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mallory runs a log and a registry of her own: everything agrees, and nothing of it is trusted."""
    found = papers(chain, changes=Changes(registry="mallory"), log=Log(key="mallory"))
    found.bundle["trust"] = trust_of(chain, "mallory", ("mallory",))
    found.trust = trust_of(chain)
    assert judged(found, tmp_path, capsys) == (2, "")


def test_failure_outranks_missing_trust(honest: Papers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = honest.copy()
    broken_consent_signature(found, None)  # type: ignore[arg-type]  # it needs no certificates
    bundle, mp4, _ = found.write(tmp_path)
    assert main([str(bundle), str(mp4)]) == 1
    capsys.readouterr()


def test_every_step_can_fail() -> None:
    """A checker that never fails proves nothing. (`trust` never fails: it is `consistent` at worst.)"""
    named = {step for _, step in DAMAGED.values()} | {step for _, _, step in DISHONEST.values()}
    assert {name for name, _ in STEPS} - named == {"trust"}


def test_no_step_is_looked_at_after_the_first_that_fails(honest: Papers, chain: Chain) -> None:
    bundle = Bundle.parse(honest.bundle)
    judged_ = Judged(
        bundle=bundle,
        file_sha256=bundle.output_sha256,
        sealed=read_manifest(BytesIO(honest.mp4), [chain.root_pem]),
        anchored=True,
        given=Trust.parse(honest.trust),
    )
    assert all(step.outcome in ("proven", "vouched") for step in verify(judged_))
    steps: tuple[Step, ...] = verify(replace(judged_, file_sha256="0" * 64))
    assert [(step.name, step.outcome) for step in steps] == [("file", "failed")]
