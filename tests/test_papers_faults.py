"""
Planted faults: each is named for the attack, and must be caught at the step that is there for it.

`DAMAGED` (``tests.damaged_papers``) changes papers that were honest when they were handed out, as anybody on the way
could. `DISHONEST` are papers that were wrong from the start, as somebody with the registry's, the log's or a party's
key could make them.
"""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from generation.core.bundle import Bundle
from generation.core.credential import Credential
from generation.core.trust import Trust
from generation.core.verify import STEPS, verify
from generation.core.verify import Papers as Judged
from generation.media.certificates import Chain
from generation.verify.__main__ import main
from generation.verify.manifest import read_manifest
from registry.core.checkpoint import Proof
from registry.core.envelope import Envelope
from tests.damaged_papers import DAMAGED, broken_consent_signature, dropped_without_trace
from tests.decisions import World, box, id_of, revocation
from tests.papers import (
    HONEST,
    Changes,
    Log,
    Papers,
    new_chain,
    papers,
    payload_of,
    trust_of,
    unsealed,
    world,
)


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
    assert all(step.outcome in ("proven", "vouched") for step in verify(judged_).steps)
    steps = verify(replace(judged_, file_sha256="0" * 64)).steps
    assert [(step.name, step.outcome) for step in steps] == [("file", "failed")]
