"""Challenges over HTTP: a fresh passcode, answered once and in time, sealed under the person's key."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from registry import vault
from registry.core.jcs import Json
from registry.core.passcodes import LASTS, NUM_DIGITS, WORDS, holds, make_passcode
from registry.locks import clock
from registry.models import Challenge, Vouch
from registry.texts.challenges import instruction
from registry.vault.files import path_of
from tests.refusals import rebuilt, refused
from tests.world import Actor, World, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]

FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"moving" * 400_000  # more than two chunks of the vault


@pytest.fixture
def ada(world: World) -> Actor:
    return world.party("Ada Marsh", vouched=False)


def client(world: World, actor: Actor, *scopes: str, person: Actor | None = None) -> Client:
    return Client(headers={"Authorization": f"Bearer {world.token(actor, *scopes, person=person)}"})


def ask(world: World, person: Actor, by: Actor, body: Any = None, **who: Any) -> Any:
    url = f"/api/v1/parties/{person.id}/challenges"
    return client(world, by, **who).post(url, body or {"kind": "spoken"}, content_type="application/json")


def challenged(world: World, person: Actor, *, kind: str = "spoken") -> Any:
    answer = ask(world, person, world.notary, {"kind": kind})
    assert answer.status_code == 201, answer.content
    return answer.json()


def send(world: World, challenge: Any, by: Actor, content: bytes = FILM, **who: Any) -> Any:
    file = SimpleUploadedFile("me.exe", content)
    url = f"/api/v1/challenges/{challenge['id']}/answer"
    return client(world, by, **who).put(url, encode_multipart(BOUNDARY, {"file": file}), content_type=MULTIPART_CONTENT)


def look(world: World, challenge: Any, by: Actor, what: str = "/answer") -> Any:
    return client(world, by).get(f"/api/v1/challenges/{challenge['id']}{what}")


def vouching(person: Actor, challenge: str) -> dict[str, Json]:
    return {
        "party": person.id,
        "level": "document",
        "checked_on": "2026-01-01",
        "method": "seen on film",
        "challenge": challenge,
        "confirms": [],
    }


def over(challenge: Any) -> None:
    """Let a challenge have been made so long ago that it is over."""
    ago = LASTS + timedelta(minutes=1)
    row = Challenge.objects.get(id=challenge["id"])
    Challenge.objects.filter(id=row.id).update(made_at=row.made_at - ago, expires_at=row.expires_at - ago)


def problem(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["code"], answer.json().get("field")


def files() -> int:
    return sum(1 for path in Path(settings.MEDIA_DIR).rglob("*") if path.is_file())


def test_the_journey_from_a_passcode_to_a_vouch(world: World, ada: Actor) -> None:
    made = challenged(world, ada)
    assert (made["party"], made["voucher"], made["answered_at"]) == (ada.id, world.notary.id, None)
    assert made["passcode"] in made["text"]["en"]
    assert made["passcode"] in made["text"]["fr"]
    kept = send(world, made, ada).json()
    assert (kept["sha256"], kept["size"], kept["mime"]) == (hashlib.sha256(FILM).hexdigest(), len(FILM), "video/mp4")
    seen = look(world, made, world.notary)
    assert (seen.content, seen["Content-Type"], seen["Cache-Control"]) == (FILM, "video/mp4", "no-store")
    assert look(world, made, ada).content == FILM
    digest = world.act("identity.vouched", vouching(ada, made["id"]), by=world.notary)
    assert look(world, made, ada, "").json()["used_by"] == digest
    assert Vouch.objects.get(digest=digest).challenge == made["id"]
    world.publish()
    (shown,) = client(world, ada).get(f"/api/v1/parties/{ada.id}").json()["vouches"]
    assert (shown["challenge"], shown["level"]) == (made["id"], "document")
    listed = client(world, ada).get(f"/api/v1/parties/{ada.id}/challenges").json()["results"]
    assert [one["id"] for one in listed] == [made["id"]]
    rebuilt()


def test_a_person_asks_for_a_challenge_themself_and_names_who_is_to_vouch(world: World, ada: Actor) -> None:
    made = ask(world, ada, ada, {"kind": "written", "voucher": world.notary.id})
    assert (made.status_code, made.json()["voucher"]) == (201, world.notary.id)
    assert problem(ask(world, ada, ada)) == (400, "missing_field", "voucher")
    assert problem(ask(world, ada, ada, {"kind": "spoken", "voucher": ada.id})) == (422, "self_vouched", "voucher")


def test_an_old_recording_answers_no_fresh_challenge(world: World, ada: Actor) -> None:
    """Another passcode is asked each time: an old text does not hold it, and old bytes are known."""
    first = challenged(world, ada, kind="written")
    recorded = f"It is me: {first['passcode'].upper()}.".encode()
    assert send(world, first, ada, recorded).status_code == 200
    second = challenged(world, ada, kind="written")
    assert second["passcode"] != first["passcode"]
    assert problem(send(world, second, ada, recorded)) == (422, "wrong_passcode", "file")
    film, again = challenged(world, ada), challenged(world, ada)
    assert send(world, film, ada).status_code == 200
    assert problem(send(world, again, ada)) == (409, "answer_replayed", "file")
    other = world.party("Bea Lind", vouched=False)
    assert problem(send(world, challenged(world, other), other)) == (409, "answer_replayed", "file")
    assert send(world, again, ada, FILM + b"and said again").status_code == 200  # the voucher hears what it says
    assert files() == 3


def test_postgresql_keeps_an_answer_from_being_given_twice(world: World, ada: Actor) -> None:
    """Where two came at one moment and neither saw the other."""
    made, again = challenged(world, ada), challenged(world, ada)
    send(world, made, ada)
    row = Challenge.objects.get(id=made["id"])
    with pytest.raises(IntegrityError, match="no_answer_is_given_twice"), transaction.atomic():
        Challenge.objects.filter(id=again["id"]).update(answered_at=clock(), sha256=row.sha256)
    with pytest.raises(IntegrityError, match="answered_before_it_expired"), transaction.atomic():
        Challenge.objects.filter(id=again["id"]).update(answered_at=clock() + LASTS, sha256="1" * 64)


def test_an_answer_is_given_once_and_in_time(world: World, ada: Actor) -> None:
    made, late = challenged(world, ada), challenged(world, ada)
    assert send(world, made, ada).status_code == 200
    assert problem(send(world, made, ada, FILM + b"2")) == (409, "challenge_answered", None)
    over(late)
    assert problem(send(world, late, ada, FILM + b"3")) == (409, "challenge_expired", None)
    assert files() == 1


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("spoken", b"", (422, "bad_value", "file")),
        ("spoken", b"hello", (422, "unsupported_answer", "file")),
        ("spoken", b"\x89PNG\r\n\x1a\n", (422, "unsupported_answer", "file")),
        ("written", FILM, (422, "unsupported_answer", "file")),
        ("written", b"\xff\xfe", (422, "unsupported_answer", "file")),
        ("written", b"hello", (422, "wrong_passcode", "file")),
        ("written", b"x" * 4_001, (422, "unsupported_answer", "file")),
    ],
)
def test_what_is_no_answer_is_refused_and_kept_nowhere(
    world: World, ada: Actor, kind: str, content: bytes, expected: tuple[int, str, str]
) -> None:
    made = challenged(world, ada, kind=kind)
    assert problem(send(world, made, ada, content)) == expected
    assert files() == 0
    assert Challenge.objects.get().answered_at is None


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"OggS", "audio/ogg"),
        (b"RIFF\x24\x00\x00\x00WAVE", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
    ],
)
def test_what_a_telephone_records_is_an_answer(world: World, ada: Actor, start: bytes, mime: str) -> None:
    assert send(world, challenged(world, ada), ada, start + b"sound").json()["mime"] == mime


def test_an_answer_of_more_bytes_than_an_answer_has_is_kept_nowhere(
    world: World, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.challenges.MAX_BYTES", len(FILM) - 1)
    assert problem(send(world, challenged(world, ada), ada)) == (413, "too_large", "file")
    assert files() == 0


def test_nobody_else_asks_answers_or_looks(world: World, ada: Actor) -> None:
    eve, studio = world.party("Eve"), world.party("Northlight", kind="organisation")
    assert problem(ask(world, ada, eve, {"kind": "spoken", "voucher": world.notary.id}))[:2] == (403, "foreign_token")
    assert problem(ask(world, studio, world.notary))[:2] == (422, "not_a_person")
    made = challenged(world, ada)
    assert problem(send(world, made, eve))[:2] == (404, "unknown_challenge")
    assert problem(send(world, made, world.notary))[:2] == (403, "foreign_token")
    assert problem(send(world, made, ada, person=eve))[:2] == (403, "foreign_token")  # who acts for her is not her
    assert files() == 0
    send(world, made, ada)
    for what in ("", "/answer"):
        assert problem(look(world, made, eve, what))[:2] == (404, "unknown_challenge")
    assert client(world, eve).get(f"/api/v1/parties/{ada.id}/challenges").json()["results"] == []
    unanswered = challenged(world, ada)
    assert problem(look(world, unanswered, world.notary))[:2] == (404, "unknown_answer")
    assert Client().get(f"/api/v1/challenges/{made['id']}").json()["code"] == "not_authenticated"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "sung"}, (400, "bad_value", "kind")),
        ({"kind": "spoken", "voucher": "me"}, (400, "bad_id", "voucher")),
        ({"kind": "spoken", "minutes": 600}, (400, "unknown_field", "minutes")),
        ({"kind": "spoken", "voucher": "01930000-0000-7000-8000-0000000000ff"}, (422, "unknown_party", "voucher")),
        ([], (400, "bad_type", None)),
    ],
)
def test_what_asks_for_no_challenge_makes_none(world: World, ada: Actor, body: Any, expected: Any) -> None:
    url = f"/api/v1/parties/{ada.id}/challenges"
    answer = client(world, world.notary).post(url, body, content_type="application/json")
    assert problem(answer) == expected
    assert not Challenge.objects.exists()


def test_a_missing_file_answers_nothing_and_an_id_is_an_id(world: World, ada: Actor) -> None:
    made = challenged(world, ada)
    url = f"/api/v1/challenges/{made['id']}/answer"
    empty = client(world, ada).put(url, encode_multipart(BOUNDARY, {}), content_type=MULTIPART_CONTENT)
    assert problem(empty) == (400, "missing_field", "file")
    assert problem(send(world, {"id": "x"}, ada))[:2] == (400, "bad_id")
    assert problem(send(world, {"id": new_id()}, ada))[:2] == (404, "unknown_challenge")


def test_few_challenges_wait_at_once(world: World, ada: Actor) -> None:
    made = [challenged(world, ada) for _ in range(5)]
    assert problem(ask(world, ada, world.notary))[:2] == (409, "too_many_challenges")
    assert ask(world, ada, world.party("Other Notary")).status_code == 201, "one voucher does not keep out another"
    over(made[0])
    assert ask(world, ada, world.notary).status_code == 201


def test_a_vouch_rests_on_a_challenge_that_was_answered_to_its_voucher_once(world: World, ada: Actor) -> None:
    notary, other, bea = world.notary, world.party("Other Notary"), world.party("Bea Lind", vouched=False)
    made, waiting, ended, hers = (challenged(world, who) for who in (ada, ada, ada, bea))
    send(world, made, ada)
    over(ended)

    def refusal(person: Actor, challenge: str, code: str, by: Actor = notary) -> None:
        error = refused(world, "identity.vouched", vouching(person, challenge), code, by=by)
        assert error.field == "body.challenge"

    refusal(ada, new_id(), "unknown_challenge")
    refusal(ada, made["id"], "foreign_challenge", by=other)
    refusal(ada, hers["id"], "foreign_challenge")
    refusal(bea, made["id"], "foreign_challenge")
    refusal(ada, waiting["id"], "challenge_unanswered")
    refusal(ada, ended["id"], "challenge_expired")
    world.act("identity.vouched", vouching(ada, made["id"]), by=notary)
    refusal(ada, made["id"], "challenge_used")
    rebuilt()


def test_an_answer_is_at_rest_under_the_persons_key_and_goes_with_it(world: World, ada: Actor) -> None:
    made = challenged(world, ada)
    send(world, made, ada)
    row = Challenge.objects.get(id=made["id"])
    assert b"moving" not in path_of(row.answer).read_bytes()
    with transaction.atomic():
        vault.destroy_key(f"party:{ada.id}")
    assert problem(look(world, made, world.notary))[:2] == (410, "key_destroyed")
    again = challenged(world, ada)
    assert problem(send(world, again, ada, FILM + b"again"))[:2] == (410, "key_destroyed")
    assert files() == 1


def test_an_answer_whose_bytes_were_changed_or_lost_does_not_open(world: World, ada: Actor) -> None:
    made = challenged(world, ada)
    send(world, made, ada)
    path = path_of(Challenge.objects.get().answer)
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert problem(look(world, made, ada))[:2] == (503, "bytes_damaged")
    path.unlink()
    assert problem(look(world, made, ada))[:2] == (409, "bytes_missing")


def test_passcodes_are_drawn_from_all_words_and_digits() -> None:
    drawn = Counter[str]()
    numbers = iter(range(1_000_000_000))

    def below(limit: int) -> int:
        return (next(numbers) * 7_919) % limit

    for _ in range(400):
        *words, left, right = make_passcode(below).split(" ")
        drawn.update(words)
        assert (len(words), len(left) + len(right)) == (4, NUM_DIGITS)
    assert set(drawn) == set(WORDS)
    assert len(set(WORDS)) == 64
    assert len({word[:4] for word in WORDS}) == 64  # nobody takes one for another


def test_a_written_passcode_is_read_whatever_its_capitals_and_spaces() -> None:
    passcode = "piano lotus tunnel kiwi 402 917"
    assert holds("PIANO, Lotus – tunnel\nkiwi: 402917!", passcode)
    assert not holds("piano lotus kiwi tunnel 402 917", passcode)
    assert not holds("", passcode)


def test_the_person_is_told_what_to_do_in_both_languages() -> None:
    said = instruction("spoken", "piano lotus tunnel kiwi 402 917", clock().replace(second=0, microsecond=0))
    assert said["en"].startswith("Film yourself")
    assert "Filmez-vous" in said["fr"]
    assert "\N{NO-BREAK SPACE}:" in said["fr"]
    assert instruction("written", "x", clock())["en"] != instruction("spoken", "x", clock())["en"]
