"""Passkeys at the door: whose pages they are of, counters that go back, and signatures that say too much."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import environment
from registry.core.envelope import PublicKey
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.passkey import Passkey
from registry.locks import clock
from registry.models import Key, PasskeyCounter, StatementRow
from registry.services import passkeys
from tests.authenticator import ALGORITHMS, BS, ORIGIN, UP, UV, Authenticator, resigned
from tests.refusals import rebuilt
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(world: World, ada: Actor) -> Authenticator:
    return enrolled(world, ada, Authenticator())


def enrolled(world: World, party: Actor, phone: Authenticator) -> Authenticator:
    """Add a passkey to a party's keys."""
    added = world.signed("key.added", {"party": party.id, "key": phone.key.format()}, by=party)
    world.submit(resigned(added, phone, keep=1))
    return phone


def work() -> dict[str, Json]:
    return {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}


def signed(world: World, party: Actor, *phones: Authenticator) -> dict[str, Any]:
    return resigned(world.signed("work.registered", work(), by=party), *phones)


def refused(world: World, submission: dict[str, Any], code: str) -> str:
    before = StatementRow.objects.count(), list(PasskeyCounter.objects.values_list("keyid", "counter"))
    with pytest.raises(DomainError) as error:
        world.submit(submission)
    assert error.value.code == code, f"{error.value.code}: {error.value}"
    assert (StatementRow.objects.count(), list(PasskeyCounter.objects.values_list("keyid", "counter"))) == before
    return str(error.value)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passkey_of_each_algorithm_signs_for_its_party_and_the_log_is_rebuilt_from_it(
    world: World, ada: Actor, algorithm: str
) -> None:
    phone = enrolled(world, ada, Authenticator(algorithm=algorithm))
    world.submit(signed(world, ada, phone))
    rebuilt()


def test_the_same_envelope_again_gets_the_first_answer_and_moves_no_counter(
    world: World, ada: Actor, phone: Authenticator
) -> None:
    phone.steps = 1
    submission = signed(world, ada, phone)
    digest = world.submit(submission)
    assert world.submit(submission) == digest
    assert PasskeyCounter.objects.get().counter == 1


def test_an_assertion_does_not_serve_another_statement(world: World, ada: Actor, phone: Authenticator) -> None:
    """A replayed challenge: what was answered for one record is put to another."""
    first, second = signed(world, ada, phone), signed(world, ada, phone)
    moved = first["envelope"]["signatures"]
    assert "the challenge is another" in refused(
        world, second | {"envelope": second["envelope"] | {"signatures": moved}}, "bad_signature"
    )
    world.submit(first)
    world.submit(second)


BENT: dict[str, tuple[dict[str, Any], str]] = {
    "crossOrigin": ({"says": {"crossOrigin": True}}, "a frame of another origin"),
    "topOrigin": ({"says": {"topOrigin": ORIGIN}}, "a frame of another origin"),
    "nobody present": ({"flags": UV}, "nobody was present"),
    "nobody verified": ({"flags": UP}, "the person was not verified"),
    "backed up, not to be": ({"flags": UP | UV | BS}, "backed up"),
    "foreign relying party": ({"rp_id": "example.com"}, "the relying party is foreign"),
    "foreign origin": ({"origin": "http://localhost:8001"}, "the origin is foreign"),
    "another ceremony": ({"says": {"type": "webauthn.create"}}, "not of the type"),
}


@pytest.mark.parametrize("name", BENT)
def test_a_signature_that_says_too_much_or_too_little_is_refused_with_its_reason(
    world: World, ada: Actor, phone: Authenticator, name: str
) -> None:
    change, problem = BENT[name]
    for field, value in change.items():
        setattr(phone, field, value)
    assert problem in refused(world, signed(world, ada, phone), "bad_signature")


def test_a_plain_signature_by_a_passkeys_own_key_is_refused(world: World, ada: Actor) -> None:
    phone = enrolled(world, ada, Authenticator(algorithm="ed25519"))
    refused(world, world.signed("work.registered", work(), by=ada, keys=(phone.private_key,)), "bad_signature")


# --- counters ---------------------------------------------------------------------------------------------------------


def test_a_counter_that_stays_at_zero_is_fine(world: World, ada: Actor, phone: Authenticator) -> None:
    for _ in range(3):
        world.submit(signed(world, ada, phone))
    assert PasskeyCounter.objects.count() == 0


@pytest.mark.parametrize("now", [0, 4, 5], ids=["to nothing", "back", "not on"])
def test_a_counter_that_does_not_go_on_is_refused(world: World, ada: Actor, phone: Authenticator, now: int) -> None:
    phone.counter = 5
    world.submit(signed(world, ada, phone))
    phone.counter = now
    assert "somebody may have a copy" in refused(world, signed(world, ada, phone), "passkey_counter")
    phone.counter = 6
    world.submit(signed(world, ada, phone))
    assert PasskeyCounter.objects.get().counter == 6


def test_a_refused_statement_moves_no_counter(world: World, ada: Actor, phone: Authenticator) -> None:
    phone.counter = 9
    submission = signed(world, ada, phone)
    refused(world, submission | {"text": "another text"}, "text_mismatch")
    stranger = world.party("Ben Okafor")
    refused(world, signed(world, stranger, phone), "wrong_key")
    world.submit(submission)
    assert PasskeyCounter.objects.get().counter == 9


def test_counters_of_several_passkeys_go_on_by_themselves(world: World, ada: Actor) -> None:
    phones = [enrolled(world, ada, Authenticator(algorithm=algorithm)) for algorithm in ALGORITHMS]
    for phone, counter in zip(phones, (7, 3, 1), strict=True):
        phone.counter = counter
    world.submit(signed(world, ada, *phones))
    phones[0].counter, phones[1].counter = 8, 3
    assert phones[1].key.keyid in refused(world, signed(world, ada, *phones[:2]), "passkey_counter")
    assert PasskeyCounter.objects.get(keyid=phones[0].key.keyid).counter == 7, "nothing of a refused envelope stays"


def test_of_two_statements_with_one_counter_at_once_one_is_refused(
    world: World, ada: Actor, phone: Authenticator
) -> None:
    """Both look at the same count, and neither has a row to wait at: the key's head keeps them apart."""
    phone.counter = 5
    outcomes = at_once([partial(world.submit, signed(world, ada, phone)) for _ in range(6)])
    assert outcomes == ["accepted", *["passkey_counter"] * 5]


def test_of_two_answers_to_one_challenge_at_once_one_is_refused(ada: Actor) -> None:
    options = passkeys.offer(party=ada.id, name=None, at=clock())
    answers = [Authenticator().create(options) for _ in range(6)]
    outcomes = at_once([partial(passkeys.made, answer, party=ada.id, at=clock()) for answer in answers])
    assert outcomes == ["accepted", *["passkey_challenge"] * 5]


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Do all of it at one moment; return how each went."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
            outcomes.append("accepted")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


# --- whose pages ------------------------------------------------------------------------------------------------------


def of(phone: Authenticator, **credential: Any) -> dict[str, Json]:
    """Return the key of a passkey that was made elsewhere."""
    assert phone.key.passkey is not None
    changed = phone.key.passkey.format() | credential
    assert Passkey.parse(changed).fault() is None
    return {**phone.key.format(), "credential": changed}


@pytest.mark.parametrize(
    "credential",
    [
        {"rp_id": "example.org", "origins": ["https://example.org"]},
        {"origins": ["http://localhost:8001"]},
        {"origins": ["http://localhost:8000", "http://localhost:8001"]},
    ],
)
def test_a_new_passkey_is_of_this_registrys_pages(world: World, ada: Actor, credential: dict[str, Any]) -> None:
    """Else whoever writes the key could let a page of their own ask for signatures."""
    phone = Authenticator()
    for key, outcome in ((of(phone, **credential), "foreign_passkey"), (phone.key.format(), None)):
        added = resigned(world.signed("key.added", {"party": ada.id, "key": key}, by=ada), phone, keep=1)
        if outcome is not None:
            refused(world, added, outcome)
        else:
            world.submit(added)


def test_a_passkey_may_be_of_some_of_several_pages_and_outlives_a_change_of_them(
    world: World, ada: Actor, settings: Any
) -> None:
    settings.PASSKEY_ORIGINS = ("http://localhost:7000", ORIGIN)
    phone = enrolled(world, ada, Authenticator())
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = "example.org", ("https://example.org",)
    world.submit(signed(world, ada, phone))
    phone.origin = "http://localhost:7000"
    refused(world, signed(world, ada, phone), "bad_signature")  # not one of its own
    refused(
        world,
        resigned(
            world.signed("key.added", {"party": ada.id, "key": Authenticator().key.format()}, by=ada), phone, keep=1
        ),
        "foreign_passkey",
    )


def test_one_key_is_not_enrolled_twice_as_two_kinds(world: World, ada: Actor) -> None:
    phone = enrolled(world, ada, Authenticator(algorithm="ed25519"))
    plain: dict[str, Json] = {"kind": "ed25519", "spki": phone.key.format()["spki"]}
    added = world.signed("key.added", {"party": ada.id, "key": plain}, by=ada, keys=(phone.private_key, ada.key))
    refused(world, added, "already_registered")
    assert Key.objects.get(keyid=phone.key.keyid).kind == "webauthn"


# --- post-quantum keys without a browser ------------------------------------------------------------------------------


def test_a_plain_post_quantum_key_signs_for_its_party(world: World, ada: Actor) -> None:
    phone = Authenticator(algorithm="mldsa44")
    key = PublicKey.of(phone.private_key)
    assert key.kind == "mldsa44"
    added: dict[str, Json] = {"party": ada.id, "key": key.format()}
    world.submit(world.signed("key.added", added, by=ada, keys=(phone.private_key, ada.key)))
    digest = world.submit(world.signed("work.registered", work(), by=ada, keys=(phone.private_key,)))
    assert StatementRow.objects.filter(digest=digest).exists()
    rebuilt()


# --- where the pages are ----------------------------------------------------------------------------------------------


def test_pages_are_named_by_the_environment_and_belong_to_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSKEY_ORIGINS", "https://sign.example.org, https://example.org")
    named = environment.origins("PASSKEY_ORIGINS", ORIGIN, rp_id="example.org")
    assert named == ("https://example.org", "https://sign.example.org")
    for wrong in ("http://example.org", "https://example.net", "example.org", "https://example.org,"):
        monkeypatch.setenv("PASSKEY_ORIGINS", wrong)
        with pytest.raises(ImproperlyConfigured, match="PASSKEY_ORIGINS names"):
            environment.origins("PASSKEY_ORIGINS", ORIGIN, rp_id="example.org")
