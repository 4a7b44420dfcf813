"""Keys that agents brought for somebody who lost theirs: when a decision believes them, and when it does not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.barred import officer
from tests.decisions import SHA, SIGNED, World, after, authority, id_of, keyid, party, public, revocation

REFUSED = ["unauthorised_signer"]
WEEK = timedelta(days=7)


def recovered(*, agents: tuple[str, ...] = ("agent",), by: str = "ada", **changed: Any) -> World:
    """
    Return a case in which Ada's consent bears a key that her agent brought, a week before; each test damages one thing.
    """
    world = World()
    for name in agents:
        world.before("vouch", name, "party.registered", name, party(name))
    granted = authority("ada", *agents, **({"powers": ["recover"]} | changed))
    world.before("vouch", "authority", "authority.granted", by, granted)
    added = {"party": id_of("ada"), "key": public("new")}
    world.before("vouch", "recovery", "key.added", agents[0], added, signers=("new", agents[0]))
    for name in ("authority", "recovery"):
        world.steps[name].issued_at = SIGNED - WEEK
    world.steps["consent"].signers = ("new",)
    return world


def test_a_key_that_her_agents_brought_signs_for_her_after_a_week() -> None:
    assert recovered().codes() == []


def test_without_the_authority_or_the_recovery_the_key_is_nobodys() -> None:
    for name in ("authority", "recovery"):
        world = recovered()
        world.drop(name)
        assert world.codes() == REFUSED


@pytest.mark.parametrize(("early", "codes"), [(timedelta(0), []), (timedelta(seconds=1), REFUSED)])
def test_until_a_week_is_over_the_key_permits_nothing(early: timedelta, codes: list[str]) -> None:
    world = recovered()
    world.steps["consent"].issued_at = SIGNED - early
    assert world.codes() == codes


def test_a_green_key_withdraws() -> None:
    """Who lost a key does not wait a week to take a consent back."""
    world = recovered()
    world.steps["consent"].signers = ("ada",)
    assert world.codes() == []
    body = revocation("ada", world.digest("consent"))
    world.add("revoked", "consent.revoked", "ada", body, signers=("new",))
    world.steps["revoked"].issued_at = SIGNED - WEEK + timedelta(hours=1)
    assert world.codes() == ["revoked"]


def test_a_green_key_brings_no_other_key() -> None:
    world = recovered()
    added = {"party": id_of("ada"), "key": public("newer")}
    world.before("vouch", "further", "key.added", "ada", added, signers=("newer", "new"))
    world.steps["consent"].signers = ("newer",)
    world.steps["further"].issued_at = SIGNED - timedelta(seconds=1)
    assert world.codes() == REFUSED
    world.steps["further"].issued_at = SIGNED
    assert world.codes() == []


@pytest.mark.parametrize("powers", [[], ["view"], ["approve", "grant", "negotiate", "revoke", "view"]])
def test_no_other_power_brings_a_key(powers: list[str]) -> None:
    world = recovered(powers=powers)
    # What the agent may sign as an agent does not matter here: the consent is issued by Ada.
    assert world.codes() == REFUSED


@pytest.mark.parametrize(
    ("signers", "codes"),
    [
        (("new", "agent"), []),
        (("agent", "new"), []),
        (("new", "agent", "ada"), []),
        (("new",), REFUSED),  # nobody but the new key itself
        (("agent",), REFUSED),  # no proof that anybody has the new key
        (("new", "studio"), REFUSED),
        (("new", "forged"), REFUSED),
        (("new", "agent", "forged"), REFUSED),
    ],
)
def test_the_new_key_and_the_agent_sign(signers: tuple[str, ...], codes: list[str]) -> None:
    world = recovered()
    world.steps["recovery"].signers = signers
    assert world.codes() == codes


@pytest.mark.parametrize(
    ("signers", "codes"),
    [
        (("new", "agent"), REFUSED),
        (("new", "lawyer"), REFUSED),
        (("new", "agent", "lawyer"), []),
        (("new", "agent", "registry"), REFUSED),
    ],
)
def test_as_many_agents_sign_as_she_asked_for(signers: tuple[str, ...], codes: list[str]) -> None:
    world = recovered(agents=("agent", "lawyer"), required=2)
    world.steps["recovery"].signers = signers
    assert world.codes() == codes


def test_the_registry_is_no_agent_in_this() -> None:
    """Fiat: whoever holds the registry's key and the database enrols nobody, even where she named them."""
    world = recovered()
    world.steps["authority"].body = authority("ada", "registry", powers=["recover"])
    world.steps["recovery"].issuer, world.steps["recovery"].signers = "registry", ("new", "registry")
    world.vouched = {"registry": id_of("registry")}
    assert world.codes() == REFUSED
    world.steps["authority"].body = authority("ada", "agent", "registry", powers=["recover"], required=2)
    world.steps["recovery"].issuer, world.steps["recovery"].signers = "agent", ("new", "agent", "registry")
    assert world.codes() == REFUSED
    world.steps["authority"].body = authority("ada", "agent", "registry", powers=["recover"])
    assert world.codes() == []


def test_an_authority_that_somebody_else_made_up_brings_no_key() -> None:
    """Two parties of the operator's own, one of which names the other her agent."""
    world = recovered(by="notary")
    assert world.codes() == REFUSED
    world.steps["authority"].issuer = "ada"
    world.steps["authority"].signers = ("notary",)
    assert world.codes() == REFUSED


def test_her_authority_lies_before_the_recovery_and_had_not_ended() -> None:
    world = recovered()
    order = [name for name in world.steps if name != "authority"]
    order.insert(order.index("recovery") + 1, "authority")
    world.steps = {name: world.steps[name] for name in order}
    assert world.codes() == REFUSED
    for place, codes in (("recovery", REFUSED), ("vouch", [])):
        world = recovered()
        ended = {"authority": world["authority"]["authority"]}
        world.before(place, "ended", "authority.ended", "ada", ended, issued_at=SIGNED - WEEK)
        assert world.codes() == codes


@pytest.mark.parametrize(
    ("window", "codes"),
    [
        (["2020-01-01T00:00:00Z", None], []),
        ([f"{SIGNED - WEEK + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}", None], REFUSED),
        (["2020-01-01T00:00:00Z", f"{SIGNED - WEEK:%Y-%m-%dT%H:%M:%SZ}"], REFUSED),
    ],
)
def test_the_recovery_is_issued_within_the_window(window: list[str | None], codes: list[str]) -> None:
    assert recovered(window=window).codes() == codes


def test_a_key_of_hers_that_still_stands_ends_the_new_one() -> None:
    """A bad agent brings a key of their own: she is told, and has a week."""
    world = recovered()
    ended = {"party": id_of("ada"), "keyid": keyid("new")}
    world.before("vouch", "ended", "key.revoked", "ada", ended, signers=("ada",))
    assert world.codes() == REFUSED


def test_the_new_key_ends_none_of_hers_while_it_is_green() -> None:
    world = recovered()
    ended = {"party": id_of("ada"), "keyid": keyid("ada")}
    world.before("vouch", "ended", "key.revoked", "ada", ended, signers=("new",))
    world.steps["consent"].signers = ("ada",)
    world.steps["ended"].issued_at = SIGNED - timedelta(seconds=1)
    assert world.codes() == []
    world.steps["ended"].issued_at = SIGNED
    assert world.codes() == REFUSED


def disputed(world: World, *, issued: timedelta) -> str:
    body = {"authority": world["authority"]["authority"], "grounds": "not her agent", "evidence_sha256": SHA}
    return world.add("dispute", "authority.disputed", "studio", body, issued_at=SIGNED - WEEK + issued)


@pytest.mark.parametrize(
    ("issued", "codes"),
    [(timedelta(days=6, hours=23), REFUSED), (timedelta(days=-1), REFUSED), (WEEK, []), (timedelta(days=60), [])],
)
def test_a_dispute_of_the_authority_while_the_key_is_green_holds_it_back(issued: timedelta, codes: list[str]) -> None:
    """Later ones do not reach back to what she signed: by then the key is hers."""
    world = recovered()
    disputed(world, issued=issued)
    assert world.codes() == codes


def test_a_dispute_that_was_withdrawn_or_has_lapsed_is_over() -> None:
    world = recovered()
    body = {"dispute": disputed(world, issued=timedelta(days=1)), "outcome": "withdrawn", "document_sha256": None}
    assert world.codes() == REFUSED
    world.add("resolved", "title.resolved", "studio", body)
    assert world.codes() == []
    lapsed = recovered()
    for name in ("authority", "recovery"):
        lapsed.steps[name].issued_at = SIGNED - timedelta(days=200)
    disputed(lapsed, issued=timedelta(days=-190))
    assert lapsed.codes() == []


def test_a_dispute_that_was_upheld_ends_the_key_for_ever() -> None:
    world = recovered()
    officer(world)
    body = {"dispute": disputed(world, issued=timedelta(days=1)), "outcome": "upheld", "document_sha256": None}
    world.add("resolved", "title.resolved", "court", body)
    world.steps["consent"].issued_at = SIGNED
    assert world.codes() == REFUSED


def test_an_agent_whose_own_key_was_recovered_recovers_hers() -> None:
    """Recoveries rest on each other as far as they go back, and on nothing where they only rest on themselves."""
    world = recovered()
    world.before("authority", "lawyer", "party.registered", "lawyer", party("lawyer"))
    of_agent = authority("agent", "lawyer", powers=["recover"], authority=id_of("authority of the agent's lawyer"))
    world.before("authority", "second", "authority.granted", "agent", of_agent, issued_at=SIGNED - 3 * WEEK)
    body = {"party": id_of("agent"), "key": public("agent's new")}
    world.before("authority", "first", "key.added", "lawyer", body, signers=("agent's new", "lawyer"))
    world.steps["first"].issued_at = SIGNED - 2 * WEEK
    world.steps["recovery"].signers = ("new", "agent's new")
    assert world.codes() == []
    world.steps["first"].issued_at = SIGNED - 2 * WEEK + timedelta(seconds=1)
    assert world.codes() == REFUSED


def test_two_recoveries_that_rest_on_each_other_bring_nothing() -> None:
    world = recovered()
    body = {"party": id_of("agent"), "key": public("agent's new")}
    world.before("authority", "second", "authority.granted", "agent", authority("agent", "ada", powers=["recover"],
                 authority=id_of("of the agent")), signers=("agent's new",), issued_at=SIGNED - 3 * WEEK)  # fmt: skip
    world.before("authority", "first", "key.added", "ada", body, signers=("agent's new", "new"))
    world.steps["first"].issued_at = SIGNED - 2 * WEEK
    world.steps["recovery"].signers = ("new", "agent's new")
    world.steps["authority"].signers = ("new",)
    assert world.codes() == REFUSED


def test_a_key_that_was_recovered_stays_so_though_it_comes_again() -> None:
    world = recovered()
    world.add("again", "key.added", "ada", {"party": id_of("ada"), "key": public("new")}, signers=("new", "ada"))
    assert world.codes() == []


def test_a_key_that_somebody_held_before_is_nobodys_to_recover() -> None:
    world = recovered()
    body = {"party": id_of("studio"), "key": public("new")}
    world.before("recovery", "theirs", "key.added", "studio", body, signers=("new", "studio"))
    assert world.codes() == REFUSED


def agent_recovered(world: World) -> None:
    """Let the agent too have lost their key, and have another."""
    world.before("authority", "lawyer", "party.registered", "lawyer", party("lawyer"))
    of_agent = authority("agent", "lawyer", powers=["recover"], authority=id_of("authority of the agent's lawyer"))
    world.before("authority", "second", "authority.granted", "agent", of_agent, issued_at=SIGNED - 3 * WEEK)
    body = {"party": id_of("agent"), "key": public("agent's new")}
    world.before("authority", "first", "key.added", "lawyer", body, signers=("agent's new", "lawyer"))
    world.steps["first"].issued_at = SIGNED - 2 * WEEK


@pytest.mark.parametrize(("outcome", "codes"), [("upheld", REFUSED), ("settled", [])])
def test_what_ends_a_dispute_counts_under_a_key_that_was_recovered_too(outcome: str, codes: list[str]) -> None:
    """Recoveries are not judged in turn, but each by what every other key says in the end."""
    world = recovered()
    agent_recovered(world)
    disputed(world, issued=timedelta(days=1))
    if outcome == "settled":
        world.steps["dispute"].issuer = "agent"
    body = {"dispute": world.digest("dispute"), "outcome": outcome, "document_sha256": None}
    world.add("resolved", "title.resolved", "agent", body, signers=("agent's new",))
    world.steps["consent"].issued_at = SIGNED + timedelta(days=190)  # a dispute lapses after 180
    assert world.codes(at=after(days=200)) == codes


def test_a_recovered_key_says_nothing_of_its_own_recovery() -> None:
    """It neither takes back the dispute that holds it back, nor concedes one and so voids itself."""
    for outcome, codes in (("withdrawn", REFUSED), ("upheld", [])):
        world = recovered()
        issued = timedelta(days=-200) if outcome == "upheld" else timedelta(days=1)
        disputed(world, issued=issued)
        if outcome == "withdrawn":
            world.steps["dispute"].issuer, world.steps["dispute"].signers = "ada", ("ada",)
        body = {"dispute": world.digest("dispute"), "outcome": outcome, "document_sha256": None}
        world.add("resolved", "title.resolved", "ada", body, signers=("new",))
        assert world.codes() == codes


def test_two_recoveries_that_void_each_other_both_count_for_nothing() -> None:
    """Each is judged by what the other's key says; where that has no end, neither brought anything."""
    world = recovered()
    agents = authority("agent", "ada", powers=["recover"], authority=id_of("of the agent"))
    world.before("authority", "second", "authority.granted", "agent", agents, issued_at=SIGNED - 3 * WEEK)
    body = {"party": id_of("agent"), "key": public("agent's new")}
    world.before("authority", "first", "key.added", "ada", body, signers=("agent's new", "ada"))
    world.steps["first"].issued_at = SIGNED - 2 * WEEK
    for number, (of, by, key) in enumerate((("authority", "agent", "agent's new"), ("second", "ada", "new"))):
        body = {"authority": world[of]["authority"], "grounds": "No.", "evidence_sha256": SHA}
        issued = SIGNED - 30 * WEEK  # long lapsed, and upheld all the same
        dispute = world.add(f"disputed {number}", "authority.disputed", "studio", body, issued_at=issued)
        body = {"dispute": dispute, "outcome": "upheld", "document_sha256": None}
        world.add(f"resolved {number}", "title.resolved", by, body, signers=(key,))
    assert world.codes() == REFUSED
    world.drop("resolved 1")
    assert world.codes() == REFUSED  # the agent, whose key stands, says that Ada's authority was none
    world.drop("resolved 0")
    assert world.codes() == []
