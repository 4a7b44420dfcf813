"""What the twins found: one small case for each disagreement, so that it is found at once if it comes back."""

from consent.core.decision import decide
from consent.core.request import parse_request
from tests.decisions import AT, SHA, Body, World, authority, claim, id_of, licence, party, reference
from tests.titled import CLEARED, asks, assigned, codes, poster, terminated, wide


def halves(world: World) -> None:
    """Let Gallery and Heir hold the poster, half each."""
    world["claim"]["share"] = [1, 2]
    world.add("heir's claim", "title.claimed", "heir", claim("heir", "portrait", share=[1, 2]))


def test_two_titles_of_one_holder_are_each_served_by_licences_of_their_own_line() -> None:
    """Heir licensed half of it and sold it to Rival, who bought the other half too: that half nobody licensed."""
    world = poster()
    world.drop("licence")
    halves(world)
    world.add("heir's licence", "licence.granted", "heir", licence("heir", "studio", "portrait", scopes=[wide()]))
    for name, owner in (("heir's claim", "heir"), ("claim", "gallery")):
        world.add(f"{name} sold", "grant.assigned", owner, assigned(world.digest(name), "rival"))
    assert codes(world) == ["grantee_not_covered"] or codes(world) == ["no_grant"]
    world.add("rival's licence", "licence.granted", "rival", licence("rival", "studio", "portrait", scopes=[wide()]))
    assert codes(world) == CLEARED


def test_licences_of_one_title_are_relied_on_by_digest_whoever_held_it_then() -> None:
    first = set()
    for number in range(8):  # whose digest is the lower of two
        world = poster()
        world.add("sold", "grant.assigned", "gallery", assigned(world.digest("claim"), "rival"))
        again = world.add(
            f"{number}", "licence.granted", "rival", licence("rival", "studio", "portrait", scopes=[wide()])
        )
        both = {world.digest("licence"): "gallery's", again: "rival's"}
        relied_on = {digest for digest, _ in world.decide(asks()).grounds} & {*both}
        assert relied_on == {min(both)}
        first.add(both[min(both)])
    assert len(first) == 2


def test_a_forged_assignment_does_not_settle_who_holds_a_title() -> None:
    """Two claim all of it, which is disputed; one claim is assigned away by somebody else's hand."""
    world = poster()
    world.add("rival's claim", "title.claimed", "rival", claim("rival", "portrait"))
    assert codes(world) == ["title_disputed"]
    world.add(
        "forged", "grant.assigned", "rival", assigned(world.digest("rival's claim"), "broker"), signers=("broker",)
    )
    assert codes(world) == ["title_disputed"]


def test_a_forged_end_of_an_exclusive_licence_frees_nobody() -> None:
    world = poster()
    rival = licence("gallery", "rival", "portrait", scopes=[wide()], exclusivity="exclusive")
    exclusive = world.before("licence", "exclusive", "licence.granted", "gallery", rival)
    assert codes(world) == ["exclusive_to_other"]
    world.add("ended", "licence.terminated", "gallery", terminated(exclusive), signers=("studio",))
    assert codes(world) == ["exclusive_to_other"]
    world.steps["ended"].signers = ()
    assert codes(world) == CLEARED


def test_whose_grants_one_demand_rests_on_is_not_asked_of_the_next() -> None:
    """A court keeps House from using pictures; Studio acts for House with Ada's likeness, by a licence of its own."""
    world = World()
    world.add("house", "party.registered", "house", party("house", kind="organisation", born=None))
    world.add("vendor", "authority.granted", "house", authority("house", "studio", role="vendor"))
    world["consent"]["grantee"] = id_of("house")
    world.add("court", "party.registered", "court", party("court"))
    body: Body = {
        "suspension": id_of("suspension"),
        "kind": "court",
        "by": id_of("court"),
        "on": {"kind": "grantee", "id": id_of("house")},
        "scopes": [wide(content={"depicts": [], "scene": []})],
        "agreements": [],
        "excepted_projects": [],
        "document_sha256": SHA,
    }
    world.add("suspension", "suspension.declared", "court", body)
    pair = [reference(), reference(role="style")]
    request = {
        **asks(),
        "by_performer": {
            id_of("ada"): {"depicts": [], "role": "Mara", "replica_use": "employment_based", "dialogue": None}
        },
    }
    found = [
        decide(parse_request({**request, "references": row}), world.facts(), AT).cleared for row in (pair, pair[::-1])
    ]
    assert found == [True, True]


def test_a_forged_tie_silences_nobody_who_tells_of_a_death() -> None:
    world = World()
    world["consent"]["scopes"][0]["window"] = ["2027-01-01T00:00:00Z", None]
    death = {"event": "death", "party": id_of("ada"), "territory": None, "on": "2027-05-20", "utc_offset": 0}
    world.add("death", "event.recorded", "notary", {**death, "document_sha256": None})
    assert "expired" in world.codes()
    tie = authority("studio", "notary")
    world.add("forged tie", "authority.granted", "studio", tie, signers=("ada",))
    assert "expired" in world.codes()
