"""From frames to a sealed file: it plays, it carries its mark and its papers, and only its own."""

import copy
import io
import stat
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import c2pa
import numpy as np
import pytest
import torch
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from PIL import Image

from generation import media
from generation.core.credential import LABEL, Credential
from generation.media import certificates, encoding, marking, sealing
from generation.media.certificates import Chain
from generation.media.contact_sheets import timecode
from generation.verify.__main__ import main
from generation.verify.manifest import read_manifest
from registry.core.errors import DomainError
from registry.custody.files import FileKeys
from tests.custody_keys import places
from tests.papers import chain_in, frames, new_chain, papers, unsealed
from tests.sealed_papers import CREDENTIAL, nearly_ended

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return new_chain(tmp_path_factory.mktemp("credentials"))


@pytest.fixture(scope="module")
def sealed(chain: Chain) -> bytes:
    return sealing.seal(unsealed(), credential=CREDENTIAL, chain=chain, engine="starter")


# --- Encoding -------------------------------------------------------------------------------------------------------


def test_an_encoded_shot_plays_everywhere() -> None:
    mp4 = encoding.encode(frames(), fps=(24_000, 1_001), size=(128, 128))
    with av.open(io.BytesIO(mp4), "r") as container:
        (stream,) = container.streams.video
        assert (stream.codec_context.name, stream.codec_context.format.name) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.frames) == (128, 128, 8)
        assert stream.average_rate == encoding.Fraction(24_000, 1_001)
    assert mp4.index(b"moov") < mp4.index(b"mdat")  # a player can start before it has the whole file


def test_what_is_encoded_comes_back_in_its_colours() -> None:
    patches = np.zeros((4, 3, 64, 64), dtype=np.uint8)
    for number, colour in enumerate(((200, 30, 30), (30, 180, 40), (20, 40, 210), (128, 128, 128))):
        patches[number] = np.array(colour, dtype=np.uint8)[:, None, None]
    found = encoding.decode(encoding.encode(patches, fps=(24, 1), size=(64, 64)))
    assert np.abs(found.astype(int) - patches).max() <= 4


def test_the_same_frames_give_the_same_bytes() -> None:
    one, other = (encoding.encode(frames(), fps=(24, 1), size=(96, 64)) for _ in range(2))
    assert one == other


def test_tensors_are_frames_too() -> None:
    as_tensor = torch.from_numpy(frames().copy())
    assert encoding.encode(as_tensor, fps=(24, 1), size=(64, 64)) == unsealed()


@pytest.mark.parametrize("size", [(63, 64), (64, 65), (8, 8)])
def test_a_size_that_cannot_be_encoded_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DomainError) as refused:
        encoding.encode(frames(), fps=(24, 1), size=size)
    assert refused.value.code == "bad_value"


@pytest.mark.parametrize("shape", [(8, 64, 64, 3), (8, 4, 64, 64), (0, 3, 64, 64), (3, 64, 64)])
def test_what_is_no_frames_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="frames are uint8"):
        encoding.encode(np.zeros(shape, np.uint8), fps=(24, 1), size=(64, 64))


def test_a_file_that_does_not_give_its_frames_back_never_leaves() -> None:
    with pytest.raises(encoding.EncodingFailed, match="differs"):
        encoding._check(255 - frames(), unsealed())
    with pytest.raises(encoding.EncodingFailed, match="decode as"):
        encoding._check(frames()[1:], unsealed())


# --- The mark -------------------------------------------------------------------------------------------------------


def test_a_delivered_shot_carries_its_own_mark_and_no_other() -> None:
    key = b"k" * 32
    large = media.resize(frames(), (320, 320))
    marked = marking.mark(large, shot="shot-1", key=key)
    delivered = encoding.decode(encoding.encode(marked, fps=(24, 1), size=(320, 320)))
    assert marking.carries(delivered, shot="shot-1", key=key)
    assert not marking.carries(delivered, shot="shot-2", key=key)
    assert not marking.carries(delivered, shot="shot-1", key=b"j" * 32)
    assert not marking.carries(large, shot="shot-1", key=key)
    assert np.abs(marked.astype(int) - large).mean() < 4  # levels


# --- What people look at --------------------------------------------------------------------------------------------


def test_a_preview_is_small_and_says_so_in_every_frame() -> None:
    large = media.resize(frames(), (640, 360))
    shown = encoding.decode(media.preview(large))
    assert shown.shape == (8, 3, 180, 320)
    plain = media.resize(large, (320, 180)).astype(int)
    for band in (30, 90, 150):  # the middles of the three lines of words
        change = np.abs(shown[:, :, band - 6 : band + 6].astype(int) - plain[:, :, band - 6 : band + 6])
        assert change.mean((1, 2, 3)).min() > 15


def test_a_contact_sheet_shows_every_frame_of_a_short_take_and_sixteen_of_a_long_one() -> None:
    short = Image.open(io.BytesIO(media.contact_sheet(frames(), title="RDG-104 · take 2", digest="a" * 64)))
    long = np.repeat(frames(), 12, axis=0)
    sixteen = Image.open(io.BytesIO(media.contact_sheet(long, subtitle="64 × 64")))
    assert (short.format, short.mode) == ("PNG", "RGB")
    assert short.width == sixteen.width
    rows = (sixteen.height - short.height) / (400 + 34 + 20)
    assert rows == 2  # four rows of four, and two of four


@pytest.mark.parametrize(
    ("index", "fps", "said"),
    [(0, (24, 1), "00:00:00:00"), (23, (24, 1), "00:00:00:23"), (24, (24_000, 1_001), "00:00:01:00"),
     (90_000, (25, 1), "01:00:00:00")],
)  # fmt: skip
def test_timecode_counts_frames(index: int, fps: tuple[int, int], said: str) -> None:
    assert timecode(index, fps) == said


# --- Certificates ---------------------------------------------------------------------------------------------------


def certificates_of(chain_: Chain) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((chain_.chain_pem + chain_.root_pem).encode())


def test_the_chain_follows_the_profile(chain: Chain) -> None:
    leaf, intermediate, root = certificates_of(chain)
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=366)
    assert intermediate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    usages = list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert usages == [ExtendedKeyUsageOID.EMAIL_PROTECTION, certificates.C2PA_CLAIM_SIGNING]


def test_keys_are_for_their_owner_alone_and_the_chain_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    made = chain_in(folder, at=NOW)
    kept = chain_in(folder, at=NOW + timedelta(days=200))
    assert (kept.chain_pem, kept.root_pem) == (made.chain_pem, made.root_pem)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if file.name != ".lock"} == {0o600}


def test_a_leaf_near_its_end_is_renewed_under_the_same_root(tmp_path: Path) -> None:
    old = chain_in(tmp_path, at=NOW - timedelta(days=310))
    new = chain_in(tmp_path, at=NOW)
    assert new.root_pem == old.root_pem
    assert certificates_of(new)[0] != certificates_of(old)[0]
    assert certificates_of(new)[1:] == certificates_of(old)[1:]
    for chain_ in (old, new):  # what was sealed before is trusted as before
        file = sealing.seal(unsealed(), credential=CREDENTIAL, chain=chain_, engine="starter")
        assert read_manifest(io.BytesIO(file), [new.root_pem]).state == "Trusted"


def test_another_key_gets_a_leaf_of_its_own_under_the_same_root(tmp_path: Path) -> None:
    keys = FileKeys(dict(places(tmp_path)))
    old = certificates.chain(tmp_path, keys.signer("credential"), at=NOW)
    keys.promote("credential", keys.make("credential").number)
    new = certificates.chain(tmp_path, keys.signer("credential"), at=NOW)
    assert new.root_pem == old.root_pem
    assert certificates_of(new)[0].public_key() != certificates_of(old)[0].public_key()
    for chain_ in (old, new):  # what was sealed before is trusted as before
        file = sealing.seal(unsealed(), credential=CREDENTIAL, chain=chain_, engine="starter")
        assert read_manifest(io.BytesIO(file), [new.root_pem]).state == "Trusted"
    mixed = Chain(sign=old.sign, chain_pem=new.chain_pem, root_pem=new.root_pem)
    with pytest.raises((c2pa.C2paError, sealing.SealingFailed)):
        sealing.seal(unsealed(), credential=CREDENTIAL, chain=mixed, engine="starter")


def test_workers_that_start_together_make_one_chain(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(chain_in(tmp_path / "c", at=NOW).chain_pem)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_chain_that_was_cut_off_is_completed(tmp_path: Path) -> None:
    made = chain_in(tmp_path, at=NOW)
    (tmp_path / "leaf.pem").unlink()
    (tmp_path / "leaf.part").write_bytes(b"half a key")
    again = chain_in(tmp_path, at=NOW)
    assert again.root_pem == made.root_pem
    sealing.seal(unsealed(), credential=CREDENTIAL, chain=again, engine="starter")


# --- Sealing --------------------------------------------------------------------------------------------------------


def test_a_sealed_file_is_trusted_and_says_what_was_meant(sealed: bytes, chain: Chain) -> None:
    found = read_manifest(io.BytesIO(sealed), [chain.root_pem])
    assert (found.state, found.failures) == ("Trusted", ())
    assert Credential.from_manifest(found.manifest) == CREDENTIAL


def test_a_sealed_file_still_plays(sealed: bytes) -> None:
    assert np.array_equal(encoding.decode(sealed), encoding.decode(unsealed()))


def test_a_stranger_s_anchor_does_not_make_it_trusted(sealed: bytes, tmp_path: Path) -> None:
    stranger = new_chain(tmp_path)
    assert read_manifest(io.BytesIO(sealed), [stranger.root_pem]).state == "Valid"
    assert read_manifest(io.BytesIO(sealed), []).state == "Valid"
    assert read_manifest(io.BytesIO(unsealed()), [stranger.root_pem]).state == "Missing"


def test_the_papers_in_the_file_name_nobody(sealed: bytes, chain: Chain) -> None:
    manifest = read_manifest(io.BytesIO(sealed), [chain.root_pem]).manifest
    assert set(manifest) == {
        "claim_generator_info",
        "instance_id",
        "ingredients",
        "assertions",
        "signature_info",
        "label",
        "claim_version",
    }  # no title, no thumbnail
    fields = {field for ingredient in manifest["ingredients"] for field in ingredient}
    assert fields == {"instance_id", "relationship", "description", "label"}  # no title, no file name, no thumbnail
    assert all(assertion["created"] for assertion in manifest["assertions"])  # the signer vouches for each
    actions = next(a["data"]["actions"] for a in manifest["assertions"] if a["label"] == "c2pa.actions.v2")
    assert [action["action"] for action in actions] == ["c2pa.created", "c2pa.placed"]
    assert actions[0]["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert len(actions[0]["parameters"]["ingredients"]) == 2
    assert manifest["claim_generator_info"][0]["specVersion"]


def test_a_file_that_reads_back_with_other_papers_never_leaves(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sealing._signed(unsealed(), CREDENTIAL, chain, "starter", None, [chain.root_pem])
    monkeypatch.setattr(sealing, "_signed", lambda *_: other)
    changed = copy.copy(CREDENTIAL.ingredients)[:1]
    wanted = Credential(
        clearance=CREDENTIAL.clearance,
        proof=CREDENTIAL.proof,
        grounds=CREDENTIAL.grounds,
        weights=CREDENTIAL.weights,
        training_root=CREDENTIAL.training_root,
        ingredients=changed,
        composite=False,
    )
    with pytest.raises(sealing.SealingFailed, match="other papers"):
        sealing.seal(unsealed(), credential=wanted, chain=chain, engine="starter")


def test_a_file_sealed_under_another_root_than_ours_never_leaves(chain: Chain, tmp_path: Path) -> None:
    stranger = new_chain(tmp_path)
    mixed = Chain(sign=stranger.sign, chain_pem=stranger.chain_pem, root_pem=chain.root_pem)
    with pytest.raises(sealing.SealingFailed, match="Valid"):
        sealing.seal(unsealed(), credential=CREDENTIAL, chain=mixed, engine="starter")


def spoilt(sealed: bytes, chain: Chain, name: str) -> dict[str, Any]:
    """Return the manifest of a sealed file with something in it that ours never say."""
    manifest: dict[str, Any] = copy.deepcopy(dict(read_manifest(io.BytesIO(sealed), [chain.root_pem]).manifest))
    by_label = {assertion["label"]: assertion for assertion in manifest["assertions"]}
    ours, actions = by_label[LABEL], by_label["c2pa.actions.v2"]["data"]["actions"]
    changes: dict[str, Any] = {
        "no-assertion": lambda: manifest["assertions"].remove(ours),
        "assertion-twice": lambda: manifest["assertions"].append(ours),
        "gathered-and-not-created": lambda: ours.update(created=False),
        "unknown-field": lambda: ours["data"].update(note="trust me"),
        "version-2": lambda: ours["data"].update(v=2),
        "unknown-assurance": lambda: ours["data"].update(grounds=[["2" * 64, "probably"]]),
        "grounds-out-of-order": lambda: ours["data"]["grounds"].reverse(),
        "training-allowed": lambda: by_label["cawg.training-mining"]["data"].update(entries={}),
        "a-camera-made-it": lambda: actions[0].update(digitalSourceType="…/digitalCapture"),
        "created-twice": lambda: actions.append(actions[0]),
        "named-ingredient": lambda: manifest["ingredients"][0].update(title="ada.png"),
        "ingredient-without-digest": lambda: manifest["ingredients"][0].update(instance_id="xmp:iid:1"),
        "parent": lambda: manifest["ingredients"][0].update(relationship="parentOf"),
        "assertions-are-a-text": lambda: manifest.update(assertions="none"),
    }
    changes[name]()
    return manifest


@pytest.mark.parametrize(
    "name",
    [
        "no-assertion", "assertion-twice", "gathered-and-not-created", "unknown-field", "version-2",
        "unknown-assurance", "grounds-out-of-order", "training-allowed", "a-camera-made-it", "created-twice",
        "named-ingredient", "ingredient-without-digest", "parent", "assertions-are-a-text",
    ],
)  # fmt: skip
def test_a_manifest_that_says_more_or_less_than_ours_is_no_credential(name: str, sealed: bytes, chain: Chain) -> None:
    with pytest.raises(DomainError):
        Credential.from_manifest(spoilt(sealed, chain, name))


def test_when_the_certificate_has_ended_the_log_still_speaks_for_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """C2PA calls such a file invalid. Its release commits to every byte, so it is consistent, and no longer proven."""
    almost = nearly_ended(seconds=2)
    ending = chain_in(tmp_path / "credentials", at=almost)
    found = papers(ending)
    bundle, mp4, trust = found.write(tmp_path)
    assert main([str(bundle), str(mp4), "--trust", str(trust)]) == 0
    time.sleep(3.1)  # its last second counts
    assert main([str(bundle), str(mp4), "--trust", str(trust)]) == 2
    assert "sealed under a certificate that has ended" in capsys.readouterr().out
    mp4.write_bytes(found.mp4[:-1] + b"\x00")
    assert main([str(bundle), str(mp4), "--trust", str(trust)]) == 1


@pytest.mark.django_db
def test_the_settings_reach_the_certificates_and_the_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CREDENTIAL_DIR", tmp_path)
    file = media.seal(unsealed(), credential=CREDENTIAL)
    found = read_manifest(io.BytesIO(file), media.anchors())
    assert (found.state, found.stamped_by) == ("Trusted", "Proviso Time Stamping")
    marked = media.mark(media.resize(frames(), (256, 256)), shot="shot-1")
    assert marking.carries(marked, shot="shot-1", key=media._mark_key())
