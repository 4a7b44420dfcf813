"""Private keys by role: kept in files or behind a KMS, with versions; what cannot be used is said in one sentence."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa

from registry import vault
from registry.core.keys import verify
from registry.custody import (
    ROLES,
    Custody,
    CustodyError,
    DoesNotUnwrap,
    HalfDone,
    Place,
    UnknownRole,
    UnknownVersion,
    custody,
    role_named,
)
from registry.custody.files import FileKeys
from registry.models import CustodyKey, DataKey
from registry.services.setup import ensure_registry
from tests.custody_keys import KMS, places

SIGNING = [name for name, role in ROLES.items() if not role.wraps]
WRAPPING = [name for name, role in ROLES.items() if role.wraps]
MESSAGE = b"a statement"
LONG = MESSAGE * 1_000  # more than a KMS signs in one piece


@pytest.fixture
def files(tmp_path: Path) -> FileKeys:
    return FileKeys(dict(places(tmp_path)))


@pytest.fixture
def kms(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None, tmp_path: Path) -> Iterator[Any]:
    settings.KEY_PLACES = places(tmp_path / "keys")
    yield from KMS.serve(settings, monkeypatch)


@pytest.fixture(params=["files", "kms"])
def keeper(request: pytest.FixtureRequest) -> Custody:
    """Each promise below is kept by both."""
    if request.param == "files":
        return request.getfixturevalue("files")
    request.getfixturevalue("kms")
    custody().prepare()
    return custody()


# --- What every keeper promises


@pytest.mark.parametrize("role", SIGNING)
def test_a_signature_verifies_under_the_public_key_of_its_version(keeper: Custody, role: str) -> None:
    signer = keeper.signer(role)
    assert verify(signer.public, MESSAGE, signer.sign(MESSAGE))
    assert not verify(signer.public, MESSAGE + b"x", signer.sign(MESSAGE))
    assert [one.public for one in keeper.versions(role)] == [signer.public]


@pytest.mark.parametrize("role", ["registry", "log", "log_pq"])
def test_statements_of_any_length_are_signed(keeper: Custody, role: str) -> None:
    signer = keeper.signer(role)
    assert verify(signer.public, LONG, signer.sign(LONG))


@pytest.mark.parametrize("role", WRAPPING)
def test_a_wrapped_key_opens_for_its_owner_under_its_version_and_unchanged(keeper: Custody, role: str) -> None:
    number, wrapped = keeper.wrap(role, "party:ada", b"k" * 32)
    assert keeper.unwrap(role, number, "party:ada", wrapped) == b"k" * 32
    other = WRAPPING[1 - WRAPPING.index(role)]
    for role_, owner, data in [
        (role, "party:ben", wrapped),
        (other, "party:ada", wrapped),
        (role, "party:ada", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
        (role, "party:ada", b""),
    ]:
        with pytest.raises(CustodyError) as refused:
            keeper.unwrap(role_, number, owner, data)
        assert refused.value.code in {"does_not_unwrap", "kms_unavailable"}
    with pytest.raises(UnknownVersion):
        keeper.unwrap(role, 7, "party:ada", wrapped)


@pytest.mark.parametrize("role", ROLES)
def test_a_version_waits_comes_into_use_and_becomes_old(keeper: Custody, role: str) -> None:
    keeper.versions(role)
    waiting = keeper.make(role)
    assert states(keeper, role) == {1: "current", 2: "next"}
    with pytest.raises(HalfDone):
        keeper.make(role)
    keeper.promote(role, waiting.number)
    assert states(keeper, role) == {1: "old", 2: "current"}
    with pytest.raises(UnknownVersion):
        keeper.promote(role, 2)
    keeper.discard(role, keeper.make(role).number)
    assert states(keeper, role) == {1: "old", 2: "current"}
    for number in (2, 3):  # neither the one in use, nor one that is gone
        with pytest.raises(UnknownVersion):
            keeper.retire(role, number)
    keeper.retire(role, 1)
    assert states(keeper, role) == {2: "current"}
    assert keeper.make(role).number == 3  # no number is used twice


def test_what_was_signed_and_wrapped_before_is_good_after(keeper: Custody) -> None:
    old, (number, wrapped) = keeper.signer("registry"), keeper.wrap("kek", "registry", b"k" * 32)
    sig = old.sign(MESSAGE)
    for role in ("registry", "kek"):
        keeper.promote(role, keeper.make(role).number)
    assert keeper.signer("registry").public != old.public
    assert verify(keeper.versions("registry")[0].public, MESSAGE, sig)
    assert verify(old.public, MESSAGE, keeper.signer("registry", 1).sign(MESSAGE))
    assert keeper.wrap("kek", "registry", b"k" * 32)[0] == number + 1
    assert keeper.unwrap("kek", number, "registry", wrapped) == b"k" * 32


def test_a_role_that_nobody_knows_is_refused_in_one_sentence() -> None:
    with pytest.raises(UnknownRole) as refused:
        role_named("Registry")
    assert str(refused.value).startswith("`Registry` is no role of a key: kek, registry, log")


def states(keeper: Custody, role: str) -> dict[int, str]:
    return {version.number: version.state for version in keeper.versions(role)}


# --- Files


def test_files_are_for_us_alone_and_versions_lie_beside_each_other(files: FileKeys, tmp_path: Path) -> None:
    for role in ROLES:
        files.versions(role)
        files.promote(role, files.make(role).number)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {role.variable.lower() + end for role in ROLES.values() for end in ("", ".2")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_process_sees_what_another_one_rotates_without_a_restart(files: FileKeys, tmp_path: Path) -> None:
    other = FileKeys(dict(places(tmp_path)))
    for round_ in range(1, 20):  # at whatever moments of the file system's clock
        assert files.signer("log").public == other.signer("log").public
        assert files.wrap("kek", "registry", b"k" * 32)[0] == round_
        for role in ("log", "kek"):
            other.promote(role, other.make(role).number)
        assert files.signer("log").public == other.signer("log").public


def test_readers_never_stumble_over_a_rotation(files: FileKeys, tmp_path: Path) -> None:
    files.versions("log")
    faults: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        own = FileKeys(dict(places(tmp_path)))
        while not stop.is_set():
            try:
                own.refresh()
                own.signer("log").sign(b"x")
            except BaseException as error:
                faults.append(error)
                raise

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        files.promote("log", files.make("log").number)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []


def test_of_processes_that_need_a_key_at_once_all_get_the_same(tmp_path: Path) -> None:
    found = set()
    everybody = threading.Barrier(6)

    def need() -> None:
        own = FileKeys(dict(places(tmp_path / "keys")))
        everybody.wait()
        found.add(own.signer("registry").public.keyid)

    threads = [threading.Thread(target=need) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


@pytest.mark.parametrize(
    ("role", "holds"),
    [
        ("registry", lambda: ec.generate_private_key(ec.SECP256R1())),
        ("registry", lambda: mldsa.MLDSA44PrivateKey.generate()),
        ("log_pq", lambda: ed25519.Ed25519PrivateKey.generate()),
        ("credential", lambda: ec.generate_private_key(ec.SECP384R1())),
        ("credential", lambda: ed25519.Ed25519PrivateKey.generate()),
        ("kek", lambda: ed25519.Ed25519PrivateKey.generate()),
    ],
)
def test_a_key_file_of_the_wrong_kind_is_named_with_what_is_wanted(tmp_path: Path, role: str, holds: Any) -> None:
    key = holds()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "key"
    file.write_bytes(pem)
    with pytest.raises(CustodyError) as refused:
        FileKeys({role: Place(file=file, named=True)}).versions(role)
    sentence = str(refused.value)
    assert sentence.startswith(f"{ROLES[role].variable} names `{file}`, which is not ")
    assert sentence.endswith(": set it to a file that is")
    assert "\n" not in sentence


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", base64.b64encode(b"x" * 31), b"\xff" * 33])
@pytest.mark.parametrize("role", ["registry", "kek"])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, role: str, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(CustodyError, match="which is not"):
        FileKeys({role: Place(file=tmp_path / "key")}).versions(role)


def test_a_damaged_later_version_stops_its_use_and_is_named(files: FileKeys, tmp_path: Path) -> None:
    files.versions("log")
    (tmp_path / "log_key.2").write_bytes(b"torn")
    with pytest.raises(CustodyError, match=r"log_key\.2"):
        files.signer("log")


def test_a_named_file_that_is_not_there_is_never_made(tmp_path: Path) -> None:
    for place in (Place(file=tmp_path / "key", named=True, may_make=True), Place(file=tmp_path / "key")):
        with pytest.raises(CustodyError, match="set "):
            FileKeys({"registry": place}).versions("registry")
    assert not (tmp_path / "key").exists()


def test_a_first_version_that_is_missing_beside_later_ones_is_not_made_anew(files: FileKeys, tmp_path: Path) -> None:
    files.promote("kek", files.make("kek").number)
    (tmp_path / "kek").unlink()
    assert [version.number for version in files.versions("kek")] == [2]
    with pytest.raises(UnknownVersion):
        files.unwrap("kek", 1, "registry", b"")


def test_a_secret_given_as_a_value_serves_and_has_no_versions(tmp_path: Path) -> None:
    given = FileKeys({"kek": Place(file=None, secret=b"s" * 32)})
    number, wrapped = given.wrap("kek", "registry", b"k" * 32)
    assert given.unwrap("kek", number, "registry", wrapped) == b"k" * 32
    with pytest.raises(CustodyError, match="put it in a file"):
        given.make("kek")


# --- The KMS


def test_no_private_key_stands_in_the_database_and_the_credential_key_never_leaves_the_kms(kms: Any) -> None:
    custody().prepare()
    rows = {row.role: row for row in CustodyKey.objects.all()}
    assert rows.keys() == ROLES.keys()
    for role, row in rows.items():
        inside = ROLES[role].wraps or role == "credential" or role == "tsa"
        assert (row.sealed is None) == inside
        assert b"PRIVATE" not in bytes(row.sealed or b"")
    assert kms.get_public_key(KeyId=rows["credential"].kms_key)["PublicKey"] == bytes(rows["credential"].public)


def test_a_key_sealed_for_one_role_or_version_does_not_serve_another(kms: Any) -> None:
    custody().prepare()
    log = CustodyKey.objects.get(role="log")
    CustodyKey.objects.filter(role="registry").update(sealed=log.sealed, public=log.public)
    KMS.forget()
    with pytest.raises(CustodyError, match="does not open"):
        custody().signer("registry")
    assert custody().signer("log").sign(b"x")


def test_a_registry_behind_a_kms_is_set_up_and_keeps_data_keys_wrapped_by_it(kms: Any) -> None:
    registry = ensure_registry()
    assert ensure_registry() == registry
    key = vault.data_key("party:ada")
    wrapped = bytes(DataKey.objects.get(owner="party:ada").wrapped)
    assert wrapped[:4] == bytes([0, 0, 0, 1])
    arn = CustodyKey.objects.get(role="kek").kms_key
    opened = kms.decrypt(KeyId=arn, CiphertextBlob=wrapped[4:], EncryptionContext={"owner": "party:ada"})
    assert opened["Plaintext"] == key
    assert vault.secret("names") != vault.secret("marks")
    KMS.forget()  # as another process
    assert vault.data_key("party:ada") == key
    DataKey.objects.filter(owner="party:ada").update(wrapped=DataKey.objects.get(owner="registry").wrapped)
    with pytest.raises(vault.KeyUnusable):
        vault.data_key("party:ada")


def test_what_is_too_long_for_the_kms_to_hash_is_hashed_here(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS signs it. The KMS of this test hashes what is hashed already, so what it is asked is looked at."""
    custody().prepare()
    asked: list[dict[str, Any]] = []
    client = custody()._stores[0]._client
    sign = client.sign
    monkeypatch.setattr(client, "sign", lambda **given: asked.append(given) or sign(**given))
    for message in (MESSAGE, LONG):
        custody().signer("credential").sign(message)
    said = [(given["MessageType"], given["Message"]) for given in asked]
    assert said == [("RAW", MESSAGE), ("DIGEST", hashlib.sha256(LONG).digest())]


def test_a_data_key_is_asked_of_the_kms_once_for_a_while(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    custody().prepare()
    asked: list[str] = []
    client = custody()._stores[0]._client
    decrypt = client.decrypt
    monkeypatch.setattr(client, "decrypt", lambda **given: asked.append(given["KeyId"]) or decrypt(**given))
    number, wrapped = custody().wrap("kek", "party:ada", b"k" * 32)
    for _ in range(3):
        custody().unwrap("kek", number, "party:ada", wrapped)
    assert len(asked) == 1
    monkeypatch.setattr("registry.custody.aws.OPENED_S", -1.0)
    other = custody().wrap("kek", "party:ben", b"k" * 32)[1]
    for _ in range(2):
        custody().unwrap("kek", number, "party:ben", other)
    assert len(asked) == 3


@pytest.mark.parametrize(
    "address", ["aws:", "alias/proviso", "gcp:alias/proviso", "aws:alias/x?zone=1", "aws:alias/x?endpoint=nowhere"]
)
def test_an_address_that_names_no_kms_is_refused_in_one_sentence(address: str) -> None:
    aws = pytest.importorskip("registry.custody.aws")
    with pytest.raises(CustodyError) as refused:
        aws.AwsKms.at(address)
    assert str(refused.value).startswith(f"KMS is `{address}`")
    assert "set it to" in str(refused.value)


def test_a_kms_that_lacks_the_key_or_does_not_answer_is_one_sentence(kms: Any, settings: Any) -> None:
    for address, told in (
        ("aws:alias/elsewhere?region=eu-west-1", "alias/elsewhere is not found"),
        ("aws:alias/proviso?region=eu-west-1&endpoint=http://127.0.0.1:9", "127.0.0.1:9"),
    ):
        settings.KMS = address
        with pytest.raises(CustodyError) as refused:
            custody().prepare()
        assert (refused.value.code, refused.value.status) == ("kms_unavailable", 503)
        assert told in str(refused.value)
        assert "\n" not in str(refused.value)


def test_without_a_set_up_a_kms_holds_nothing_and_nothing_is_made(kms: Any) -> None:
    for use in (lambda: custody().signer("registry"), lambda: custody().wrap("kek", "x", b"k" * 32)):
        with pytest.raises(CustodyError, match="run the set-up"):
            use()
    assert not CustodyKey.objects.exists()


def test_boto3_is_loaded_only_where_a_kms_is_named(tmp_path: Path) -> None:
    code = "import sys, django; django.setup(); print('boto3' in sys.modules, 'registry.custody.files' in sys.modules)"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
        "POSTGRES_HOME": os.environ["POSTGRES_HOME"],
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.split() == ["False", "True"]


def test_a_wrong_owner_is_refused_by_the_kms_itself(kms: Any) -> None:
    custody().prepare()
    number, wrapped = custody().wrap("kek", "party:ada", b"k" * 32)
    with pytest.raises(DoesNotUnwrap):
        custody().unwrap("kek", number, "party:ben", wrapped)
