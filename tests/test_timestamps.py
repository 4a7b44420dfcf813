"""Time stamps: what the authority stamps and refuses, and that a stamped file outlives its signer's certificate."""

from __future__ import annotations

import hashlib
import http.client
import io
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings as the_settings

from generation import media
from generation.media import certificates, sealing
from generation.media.certificates import Chain
from generation.media.stamp_server import listening
from generation.media.stamps import ANSWER_TYPE, MAX_REQUEST_BYTES, POLICY, REQUEST_TYPE, Authority, Rejection, answer
from generation.verify.__main__ import main
from generation.verify.manifest import read_manifest
from registry.custody.files import FileKeys
from tests.custody_keys import places
from tests.papers import chain_in, papers, unsealed
from tests.sealed_papers import CREDENTIAL, nearly_ended
from tests.studio import Studio, state_of

NOW = datetime(2026, 11, 24, 12, 30, 15, 123_456, tzinfo=UTC)
DIGEST = hashlib.sha256(b"a file").digest()
OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")


def authority_in(folder: Path) -> Authority:
    return certificates.stamping(folder, FileKeys(dict(places(folder))).signer("tsa"), at=datetime.now(UTC))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("credentials")


@pytest.fixture(scope="module")
def chain(folder: Path) -> Chain:
    return chain_in(folder, at=datetime.now(UTC))


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return authority_in(folder)


def request(**changed: Any) -> bytes:
    fields = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST},
        "nonce": 12345678901234567890,
        "cert_req": True,
    }
    whole: bytes = tsp.TimeStampReq(fields | changed).dump()
    return whole


def imprint(algorithm: str, digest: bytes) -> dict[str, Any]:
    return {"message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}}


# --- The authority ----------------------------------------------------------------------------------------------------


def test_a_stamp_says_what_was_asked_and_when_it_was_seen(authority: Authority) -> None:
    stamped = tsp.TimeStampResp.load(answer(request(), authority, serial=77, at=NOW), strict=True)
    assert stamped["status"]["status"].native == "granted"
    signed = stamped["time_stamp_token"]["content"]
    info = signed["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert info["gen_time"].native == NOW.replace(microsecond=0)
    assert (info["nonce"].native, info["serial_number"].native) == (12345678901234567890, 77)
    assert {one.chosen.dump() for one in signed["certificates"]} == set(authority.certificates)


def test_who_has_the_certificates_already_is_not_sent_them(authority: Authority) -> None:
    stamped = tsp.TimeStampResp.load(answer(request(cert_req=False, nonce=None), authority, serial=1, at=NOW))
    signed = stamped["time_stamp_token"]["content"]
    assert signed["certificates"].native is None
    assert signed["encap_content_info"]["content"].parsed["nonce"].native is None


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "bad_data_format"),
    "noise": (b"\x30\x03\x02\x01", "bad_data_format"),
    "cut": (request()[:-1], "bad_data_format"),
    "something-after-it": (request() + b"\0", "bad_data_format"),
    "another-structure": (Rejection({"status": {"status": "granted"}}).dump(), "bad_data_format"),
    "sha1": (request(**imprint("sha1", bytes(20))), "bad_alg"),
    "digest-too-short": (request(**imprint("sha256", bytes(31))), "bad_alg"),
    "digest-of-another-algorithm": (request(**imprint("sha512", bytes(32))), "bad_alg"),
    "another-policy": (request(req_policy="1.2.3.4"), "unaccepted_policy"),
    "an-extension": (
        request(extensions=[{"extn_id": "1.2.3.4", "critical": True, "extn_value": b"\x05\x00"}]),
        "unaccepted_extensions",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_stamped_is_answered_with_the_reason(what: str, authority: Authority) -> None:
    sent, failure = REFUSED[what]
    refused = Rejection.load(answer(sent, authority, serial=1, at=NOW), strict=True)
    assert refused["status"]["status"].native == "rejection"
    assert refused["status"]["fail_info"].native == {failure}


@OPENSSL
@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_openssl_believes_a_stamp_and_no_changed_one(
    algorithm: str, authority: Authority, chain: Chain, tmp_path: Path
) -> None:
    asked = request(**imprint(algorithm, hashlib.new(algorithm, b"a file").digest()), req_policy=POLICY)
    stamped = answer(asked, authority, serial=5, at=datetime.now(UTC))
    assert verified_by_openssl(asked, stamped, authority, chain, tmp_path)
    other = request(**imprint(algorithm, hashlib.new(algorithm, b"another").digest()), req_policy=POLICY)
    assert not verified_by_openssl(other, stamped, authority, chain, tmp_path)
    for at in range(len(stamped) - 60, len(stamped), 7):  # the signature
        spoilt = stamped[:at] + bytes([stamped[at] ^ 1]) + stamped[at + 1 :]
        assert not verified_by_openssl(asked, spoilt, authority, chain, tmp_path)


def verified_by_openssl(asked: bytes, stamped: bytes, authority: Authority, chain: Chain, folder: Path) -> bool:
    (folder / "query").write_bytes(asked)
    (folder / "reply").write_bytes(stamped)
    (folder / "root.pem").write_text(chain.root_pem)
    above = [x509.load_der_x509_certificate(der) for der in authority.certificates]
    (folder / "above.pem").write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in above))
    command = ["openssl", "ts", "-verify", "-in", "reply", "-queryfile", "query", "-CAfile", "root.pem"]
    done = subprocess.run([*command, "-untrusted", "above.pem"], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def test_its_certificate_is_for_stamping_alone_and_outlives_every_leaf(authority: Authority, chain: Chain) -> None:
    own, above = (x509.load_der_x509_certificate(der) for der in authority.certificates)
    usage = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    own.verify_directly_issued_by(above)
    above.verify_directly_issued_by(x509.load_pem_x509_certificate(chain.root_pem.encode()))
    assert own.not_valid_after_utc == above.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3600)


def test_another_key_gets_a_certificate_of_its_own(tmp_path: Path) -> None:
    keys = FileKeys(dict(places(tmp_path)))
    old = certificates.stamping(tmp_path, keys.signer("tsa"), at=NOW)
    assert certificates.stamping(tmp_path, keys.signer("tsa"), at=NOW).certificates == old.certificates
    keys.promote("tsa", keys.make("tsa").number)
    new = certificates.stamping(tmp_path, keys.signer("tsa"), at=NOW)
    assert new.certificates[0] != old.certificates[0]
    assert new.certificates[1:] == old.certificates[1:]


# --- The server -------------------------------------------------------------------------------------------------------


def post(address: str, body: bytes, **headers: str) -> tuple[int, str | None, bytes]:
    where = urlsplit(address)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)) as connection:
        connection.request("POST", "/", body, {"Content-Type": REQUEST_TYPE} | headers)
        said = connection.getresponse()
        return said.status, said.getheader("Content-Type"), said.read()


def test_it_answers_over_http_and_refuses_what_is_no_request(authority: Authority) -> None:
    with listening(lambda: authority) as address:
        status, kind, body = post(address, request())
        assert (status, kind) == (200, ANSWER_TYPE)
        assert tsp.TimeStampResp.load(body)["status"]["status"].native == "granted"
        status, _, body = post(address, b"noise")
        assert (status, Rejection.load(body)["status"]["status"].native) == (200, "rejection")
        assert post(address, request(), **{"Content-Type": "text/plain"})[0] == 415
        assert post(address, bytes(MAX_REQUEST_BYTES + 1))[0] == 413
        assert post(address, request(), **{"Content-Length": "-1"})[0] == 411


def test_whoever_says_nothing_keeps_nobody_waiting(authority: Authority) -> None:
    with listening(lambda: authority) as address, socket.create_connection(("127.0.0.1", urlsplit(address).port)):
        assert post(address, request())[0] == 200


def test_no_two_stamps_share_a_serial_number(authority: Authority) -> None:
    with listening(lambda: authority) as address:
        stamps = [tsp.TimeStampResp.load(post(address, request())[2]) for _ in range(5)]
    serials = {
        one["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed["serial_number"].native
        for one in stamps
    }
    assert len(serials) == 5


# --- Sealed files -----------------------------------------------------------------------------------------------------


def seal(chain: Chain, stamps_at: str | None, *anchors: str) -> bytes:
    return sealing.seal(
        unsealed(), credential=CREDENTIAL, chain=chain, engine="starter", stamps_at=stamps_at, anchors=anchors
    )


def test_a_stamped_file_stands_after_its_leaf_has_ended_and_another_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = chain_in(tmp_path / "credentials", at=nearly_ended(seconds=4))
    own = authority_in(tmp_path / "credentials")
    with listening(lambda: own) as address:
        stamped = papers(ending, stamps_at=address)
    plain = papers(ending)
    until = time.monotonic() + 5.1  # its last second counts
    found = {}
    for name, one in (("stamped", stamped), ("plain", plain)):
        (tmp_path / name).mkdir()
        found[name] = one.write(tmp_path / name)
        assert verified(*found[name]) == 0
    assert ", stamped 20" in said(capsys)
    time.sleep(max(0.0, until - time.monotonic()))
    assert verified(*found["stamped"]) == 0
    assert "by Proviso Time Stamping, names clearance" in said(capsys)
    assert verified(*found["plain"]) == 2
    assert "without a time stamp from before that is trusted here" in said(capsys)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, on one line."""
    return " ".join(capsys.readouterr().out.split())


def verified(bundle: Path, mp4: Path, trust: Path) -> int:
    return main([str(bundle), str(mp4), "--trust", str(trust)])


def test_a_stamp_that_was_changed_in_the_file_says_nothing(chain: Chain, authority: Authority) -> None:
    with listening(lambda: authority) as address:
        file = seal(chain, address)
    (honest,) = {read_manifest(io.BytesIO(file), [chain.root_pem]).stamped_at} - {None}
    assert honest.startswith(str(datetime.now(UTC).year))
    at = file.index(datetime.now(UTC).strftime("%Y%m%d").encode())  # its time, as GeneralizedTime
    spoilt = file[:at] + b"2020" + file[at + 4 :]
    found = read_manifest(io.BytesIO(spoilt), [chain.root_pem])
    assert found.stamped_at is None


def test_another_authority_is_believed_where_its_root_is_named(chain: Chain, tmp_path: Path) -> None:
    theirs = chain_in(tmp_path, at=datetime.now(UTC))
    other = authority_in(tmp_path)
    with listening(lambda: other) as address:
        with pytest.raises(sealing.StampMissing, match="TSA_ROOTS"):
            seal(chain, address)
        file = seal(chain, address, theirs.root_pem)
    assert read_manifest(io.BytesIO(file), [chain.root_pem, theirs.root_pem]).stamped_by == "Proviso Time Stamping"
    assert read_manifest(io.BytesIO(file), [chain.root_pem]).stamped_at is None


ANSWERS: dict[str, Callable[[bytes, Authority], tuple[int, bytes]]] = {
    "an-error": lambda sent, own: (500, b"out of order"),
    "nothing": lambda sent, own: (200, b""),
    "noise": lambda sent, own: (200, b"\x30\x80noise"),
    "a-rejection": lambda sent, own: (200, answer(b"noise", own, serial=1, at=datetime.now(UTC))),
    "a-stamp-of-something-else": lambda sent, own: (200, answer(request(), own, serial=1, at=datetime.now(UTC))),
    "a-spoilt-signature": lambda sent, own: (200, answer(sent, own, serial=1, at=datetime.now(UTC))[:-2] + b"\0\0"),
}


@contextmanager
def saying(say: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = say(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", ANSWER_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_else_an_authority_answers_the_file_is_not_sealed(
    what: str, chain: Chain, authority: Authority
) -> None:
    with saying(lambda sent: ANSWERS[what](sent, authority)) as address, pytest.raises(sealing.StampMissing):
        seal(chain, address)


def test_while_no_authority_listens_the_file_is_not_sealed(chain: Chain) -> None:
    with pytest.raises(sealing.StampMissing, match="gave no time stamp"):
        seal(chain, "http://127.0.0.1:1/")


@pytest.mark.django_db
def test_by_default_the_registry_stamps_its_files_itself(settings: Any, tmp_path: Path) -> None:
    settings.CREDENTIAL_DIR = tmp_path
    file = media.seal(unsealed(), credential=CREDENTIAL)
    found = read_manifest(io.BytesIO(file), media.anchors())
    assert (found.state, found.stamped_by, len(media.anchors())) == ("Trusted", "Proviso Time Stamping", 1)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_shot_waits_while_no_authority_stamps_it_and_is_released_when_one_does(settings: Any, tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, settings)
    settings.TSA_URL = "http://127.0.0.1:1/"
    shot = studio.queued(studio.empty_request())
    studio.work(shot)
    waiting = state_of(shot)
    assert waiting not in ("released", "failed", "aborted")
    settings.TSA_URL = None
    release_again(studio, shot)
    assert state_of(shot) == "released"


def release_again(studio: Studio, shot: str) -> None:
    """Let the moment pass for which it was handed back."""
    from generation.models import Shot

    Shot.objects.filter(id=shot).update(not_before=None)
    studio.work(shot)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_machine_stamps_for_others_until_it_is_told_to_stop(
    chain: Chain, folder: Path, child_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = child_environment | {"CREDENTIAL_DIR": str(folder)}
    command = [sys.executable, "manage.py", "tsa", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        command, cwd=the_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        file = seal(chain, address)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert read_manifest(io.BytesIO(file), [chain.root_pem]).stamped_by == "Proviso Time Stamping"
