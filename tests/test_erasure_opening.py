"""What was kept is opened by two people together, never by one or the wrong ones, and the log says so."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.test import Client

from consent.kinds import ERASURE_DONE
from generation.services import opening
from registry.core.envelope import Envelope, PublicKey, Signature, pae
from registry.core.errors import DomainError
from registry.core.opening import PAYLOAD_TYPE, Opening, sign_opening
from registry.core.passkey import base64url
from registry.custody import custody
from registry.kinds import KINDS
from registry.locks import clock
from registry.models import KeptKey, KeptRow, Key, OpenedKept, StatementRow
from registry.services.accept import accept
from registry.services.record import say
from registry.texts.layout import bare
from tests.authenticator import Authenticator, resigned
from tests.erasing import body_of, erased
from tests.studio import Studio
from tests.world import Actor
from web import fsck

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    """Ada was in a released shot, and is erased."""
    made = Studio.open(tmp_path, settings)
    made.released()
    erased(made.world, made.ada)
    return made


@pytest.fixture
def officers(studio: Studio) -> tuple[Actor, Actor]:
    first, second = studio.world.party("Olive Officer"), studio.world.party("Otto Officer")
    name_officers(studio, first, second)
    return first, second


def name_officers(studio: Studio, *officers: Actor) -> None:
    """Let the registry's own policy name them."""
    policy = next(kind for kind in KINDS if kind.type == "policy.set")
    body = {
        "party": studio.world.registry,
        "assurance": {},
        "attested_engines": False,
        "court_officers": sorted(one.id for one in officers),
    }
    envelope, text = say(policy, body, party=studio.world.registry, names=bare, at=clock())
    accept(envelope, policy, text=text, private=None, by=None)


def wish(
    studio: Studio, *keys: Ed25519PrivateKey, digests: tuple[str, ...] = (), at: datetime | None = None
) -> dict[str, Any]:
    return sign_opening(
        subject=studio.ada.id,
        digests=digests or (studio.consent,),
        reason="She says in court that she never agreed.",
        asked_at=(at or clock()).replace(microsecond=0),
        nonce=secrets.token_bytes(16),
        keys=keys,
    )


def test_two_officers_open_what_was_kept_and_the_log_says_who_and_what(
    studio: Studio, officers: tuple[Actor, Actor]
) -> None:
    asked = wish(studio, *(one.key for one in officers))
    digest, opened = opening.open_kept(asked)
    (content,) = opened.values()
    assert isinstance(content, dict)
    assert Envelope.parse(content["envelope"]).digest == studio.consent
    assert "Ada Marsh" in str(content["text"])
    body = body_of(digest)
    assert body["cause"] == "opened"
    assert body["subject"] == studio.ada.id
    assert body["opened_by"] == sorted(one.id for one in officers)
    assert [one["digest"] for one in body["kept"]] == [studio.consent]
    assert OpenedKept.objects.get().statement == digest
    assert fsck.run().findings == []


def test_papers_of_a_released_shot_say_what_it_was_made_for(studio: Studio, officers: tuple[Actor, Actor]) -> None:
    papers = set(KeptRow.objects.values_list("digest", flat=True)) - set(
        StatementRow.objects.values_list("digest", flat=True)
    )
    asked = wish(studio, *(one.key for one in officers), digests=tuple(sorted(papers)))
    _, opened = opening.open_kept(asked)
    (content,) = opened.values()
    assert isinstance(content, dict)
    kept = json.loads(str(content["papers"]))
    assert kept["prompt"] == "a woman walks at dusk"
    assert kept["clearance"][0]["by_performer"][studio.ada.id]["role"] == "Mara"


def test_one_person_is_not_two(studio: Studio, officers: tuple[Actor, Actor]) -> None:
    first, second = officers
    more = Ed25519PrivateKey.generate()
    add_key(studio, first, more)
    stranger = studio.world.party("Sam Stranger")
    for keys in ((first.key, more), (first.key, stranger.key), (stranger.key, studio.world.notary.key)):
        with pytest.raises(DomainError) as refused:
            opening.open_kept(wish(studio, *keys))
        assert refused.value.code == "two_people_needed"
    with pytest.raises(DomainError):
        opening.open_kept(wish(studio, first.key))
    assert not OpenedKept.objects.exists()
    opening.open_kept(wish(studio, first.key, second.key))


def add_key(studio: Studio, actor: Actor, key: Ed25519PrivateKey) -> None:
    body = {"party": actor.id, "key": PublicKey.of(key).format()}
    studio.world.submit(studio.world.signed("key.added", body, by=actor, keys=(actor.key, key)))


def test_a_key_that_was_recovered_lately_opens_nothing(studio: Studio, officers: tuple[Actor, Actor]) -> None:
    """As one that a bad agent of an officer's brought: for a week it can be undone."""
    first, second = officers
    green = clock().replace(microsecond=0) + timedelta(days=7)
    Key.objects.filter(party=first.id).update(recovered_by=second.id, ripe_at=green)
    with pytest.raises(DomainError) as refused:
        opening.open_kept(wish(studio, first.key, second.key))
    assert refused.value.code == "key_green"
    assert not OpenedKept.objects.exists()
    Key.objects.filter(party=first.id).update(ripe_at=clock() - timedelta(days=1))
    with pytest.raises(DomainError) as refused:  # nobody gave her agent the power
        opening.open_kept(wish(studio, first.key, second.key))
    assert refused.value.code == "key_contested"


def test_an_officer_opens_with_a_passkey_whose_counter_does_not_go_back(
    studio: Studio, officers: tuple[Actor, Actor]
) -> None:
    first, second = officers
    phone = Authenticator(steps=1)
    body = {"party": first.id, "key": phone.key.format()}
    studio.world.submit(resigned(studio.world.signed("key.added", body, by=first), phone, keep=1))
    opening.open_kept(by_passkey(wish(studio, first.key, second.key), phone))
    phone.counter -= 2  # as of somebody's copy
    with pytest.raises(DomainError) as refused:
        opening.open_kept(by_passkey(wish(studio, first.key, second.key), phone))
    assert refused.value.code == "passkey_counter"
    assert OpenedKept.objects.count() == 1


def by_passkey(asked: dict[str, Any], phone: Authenticator) -> dict[str, Any]:
    """Put a passkey's signature in the place of the first one."""
    payload = Opening.parse(asked).payload
    assertion, sig = phone.answer(base64url(hashlib.sha256(pae(PAYLOAD_TYPE, payload)).digest()))
    made = Signature(keyid=phone.key.keyid, kind="webauthn", sig=sig, assertion=assertion)
    return asked | {"signatures": [made.format(), asked["signatures"][1]]}


def test_what_lapses_at_once_is_told_in_as_many_records_as_it_takes(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_DESTROYED", 2)
    digests = sorted(KeptRow.objects.values_list("digest", flat=True))
    KeptRow.objects.update(until=clock())
    records = [body_of(digest)["destroyed"] for digest in opening.let_go(at=clock())]
    assert sorted(one for record in records for one in record) == digests
    assert {len(record) for record in records[:-1]} == {2}
    assert fsck.run().findings == []


def test_an_organisation_is_no_person(studio: Studio, officers: tuple[Actor, Actor]) -> None:
    court = studio.world.party("District Court", kind="organisation")
    name_officers(studio, officers[0], court)
    with pytest.raises(DomainError) as refused:
        opening.open_kept(wish(studio, officers[0].key, court.key))
    assert refused.value.code == "two_people_needed"


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ("old", "stale_statement"),
        ("future", "future_statement"),
        ("other", "unknown_kept"),
        ("twice", "opened_already"),
        ("changed", "bad_signature"),
        ("unknown", "unknown_key"),
        ("statement", "bad_value"),
    ],
)
def test_a_wish_is_recent_true_and_used_once(
    studio: Studio, officers: tuple[Actor, Actor], spoilt: str, code: str
) -> None:
    keys = tuple(one.key for one in officers)
    good = wish(studio, *keys)
    bad = {
        "old": lambda: wish(studio, *keys, at=clock() - timedelta(hours=25)),
        "future": lambda: wish(studio, *keys, at=clock() + timedelta(minutes=6)),
        "other": lambda: wish(studio, *keys, digests=("0" * 64,)),
        "twice": lambda: good,
        "changed": lambda: wish(studio, *keys) | {"payload": good["payload"]},
        "unknown": lambda: wish(studio, keys[0], Ed25519PrivateKey.generate()),
        "statement": lambda: good | {"payloadType": "application/vnd.proviso.statement.v1+json"},
    }[spoilt]()
    if spoilt == "twice":
        opening.open_kept(good)
    with pytest.raises(DomainError) as refused:
        opening.open_kept(bad)
    assert refused.value.code == code
    assert OpenedKept.objects.count() == (1 if spoilt == "twice" else 0)


def test_over_http_and_from_a_file(studio: Studio, officers: tuple[Actor, Actor], tmp_path: Path, capsys: Any) -> None:
    headers = {"Authorization": f"Bearer {studio.world.token(officers[0])}"}
    asked = wish(studio, *(one.key for one in officers))
    answer = Client().post("/api/v1/kept/open", json.dumps(asked), content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    assert list(answer.json()["opened"]) == [studio.consent]
    assert Client().post("/api/v1/kept/open", json.dumps(asked), content_type="application/json").status_code == 401
    file = tmp_path / "wish.json"
    file.write_text(json.dumps(wish(studio, *(one.key for one in officers))))
    capsys.readouterr()
    call_command("erase", "open", str(file))
    assert list(json.loads(capsys.readouterr().out)["opened"]) == [studio.consent]


def test_what_was_kept_ends_and_then_nobody_opens_it(studio: Studio, officers: tuple[Actor, Actor]) -> None:
    digests = list(KeptRow.objects.order_by("digest").values_list("digest", flat=True))
    assert opening.let_go(at=clock()) == []
    KeptRow.objects.filter(digest=digests[0]).update(until=clock())
    (first,) = opening.let_go(at=clock())
    assert body_of(first)["cause"] == "lapsed"
    assert body_of(first)["destroyed"] == digests[:1]
    assert KeptKey.objects.exists()
    assert fsck.run().findings == []
    KeptRow.objects.update(until=clock())
    (second,) = opening.let_go(at=clock())
    assert body_of(second)["destroyed"] == digests[1:]
    assert not KeptKey.objects.exists()
    with pytest.raises(DomainError):
        opening.open_kept(wish(studio, *(one.key for one in officers)))
    assert fsck.run().findings == []


def test_the_kek_does_not_open_what_was_kept(studio: Studio) -> None:
    row = KeptKey.objects.get()
    with pytest.raises(DomainError):
        custody().unwrap("kek", row.version, f"kept:{row.subject}", bytes(row.wrapped))
    assert len(custody().unwrap("erasure", row.version, f"kept:{row.subject}", bytes(row.wrapped))) == 32


def test_nobody_outside_may_say_that_somebody_was_erased(studio: Studio) -> None:
    body = {
        "cause": "asked", "subject": studio.world.notary.id, "destroyed": [], "kept": [], "keys": [],
        "appearances": [], "titles": [], "assets": [], "opened_by": [], "request_sha256": None,
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        studio.world.act("erasure.done", body, by=studio.producer)
    assert refused.value.code in ("not_the_issuer", "unknown_field", "unknown_type")
    assert ERASURE_DONE.effect == "records"
