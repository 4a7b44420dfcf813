"""Title through time: assignments, disputes, moral rights, catalogues."""

from datetime import timedelta
from typing import Any

import pytest

from tests.decisions import SIGNED, World, box, claim, id_of, licence, party, reference
from tests.titled import CLEARED, asks, assigned, catalogue, codes, day, missing, poster, wide


@pytest.fixture
def world() -> World:
    return poster()


# --- assignment ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sold(world: World) -> World:
    """Gallery licensed Studio and then assigned its title to Heir."""
    world.add("sale", "grant.assigned", "gallery", assigned(world.digest("claim"), "heir"))
    return world


def test_what_was_licensed_before_the_assignment_keeps_serving(sold: World) -> None:
    assert codes(sold) == CLEARED
    sold.steps["licence"] = sold.steps.pop("licence")
    assert codes(sold) == ["no_grant"]
    assert {o.remedy.ask for o in sold.decide(asks()).obstacles if o.remedy} == {id_of("heir")}


def test_from_its_day_on_the_new_holder_licenses(sold: World) -> None:
    sold.drop("licence")
    sold.add("heir's", "licence.granted", "heir", licence("heir", "studio", "portrait", scopes=[wide()]))
    assert codes(sold) == CLEARED
    sold["sale"]["effective_from"] = "2027-08-01T00:00:00Z"
    assert codes(sold) == ["no_grant"]
    assert {o.act for o in sold.decide(asks()).obstacles} == {"condition"}
    sold.drop("sale")
    assert codes(sold) == ["no_grant"]


def test_the_new_holder_needs_no_licence_and_the_old_one_does(sold: World) -> None:
    sold["sale"]["to"] = id_of("studio")
    sold.drop("licence")
    assert codes(sold) == CLEARED
    assert sold.codes(asks(**{"for": id_of("gallery")})) == ["no_grant"]
    sold.drop("sale")
    assert codes(sold) == ["no_grant"]
    assert sold.codes(asks(**{"for": id_of("gallery")})) == CLEARED


def test_what_the_earlier_holder_gave_exclusively_binds_the_new_one(sold: World) -> None:
    sold["sale"]["to"] = id_of("studio")
    exclusive = licence("gallery", "rival", "portrait", exclusivity="exclusive", scopes=[wide(territories=["DE"])])
    sold.add("exclusive", "licence.granted", "gallery", exclusive)
    assert codes(sold) == CLEARED  # given after the sale, it is nobody's to give
    sold.steps["sale"] = sold.steps.pop("sale")
    assert codes(sold) == ["exclusive_to_other"]
    assert missing(sold, "exclusive_to_other") == {"DE"}


def test_what_the_earlier_holder_gave_exclusively_binds_the_new_one_s_licensees(sold: World) -> None:
    exclusive = licence("gallery", "rival", "portrait", exclusivity="exclusive", scopes=[wide(territories=["DE"])])
    sold.drop("licence")
    sold.add("heir's", "licence.granted", "heir", licence("heir", "studio", "portrait", scopes=[wide()]))
    assert codes(sold) == CLEARED
    steps = dict(sold.steps)
    sold.add("exclusive", "licence.granted", "gallery", exclusive)
    sold.steps = {name: sold.steps[name] for name in (*list(steps)[:-2], "exclusive", "sale", "heir's")}
    assert codes(sold) == ["exclusive_to_other"]


def test_an_assignment_not_yet_logged_leaves_nobody_to_grant(sold: World) -> None:
    sold.steps["sale"].logged = False
    assert codes(sold) == ["no_title"]
    sold["sale"]["effective_from"] = "2029-01-01T00:00:00Z"
    assert codes(sold) == CLEARED


@pytest.mark.parametrize("issuer", ["heir", "rival", "studio"])
def test_only_the_holder_assigns_its_title(sold: World, issuer: str) -> None:
    sold.drop("licence")
    sold["sale"]["to"] = id_of("studio")
    assert codes(sold) == CLEARED
    sold.steps["sale"].issuer = issuer
    assert codes(sold) == ["no_grant"]


# --- disputes -----------------------------------------------------------------------------------------------------


def dispute(world: World, issuer: str = "rival", of: str = "claim", **options: Any) -> str:
    body = {"claim": world.digest(of), "grounds": "The negative was ours.", "evidence_sha256": "e" * 64}
    return world.add(f"dispute by {issuer}", "title.disputed", issuer, body, **options)


def resolve(world: World, digest: str, issuer: str, outcome: str, **options: Any) -> None:
    body = {"dispute": digest, "outcome": outcome, "document_sha256": None}
    world.add("resolution", "title.resolved", issuer, body, **options)


def test_an_open_dispute_refuses_as_soon_as_it_is_read(world: World) -> None:
    assert codes(world) == CLEARED
    dispute(world, logged=False)
    assert codes(world) == ["title_disputed"]


def test_a_dispute_lapses_after_180_days_unless_another_renews_it(world: World) -> None:
    dispute(world)
    lapses = SIGNED + timedelta(days=180)
    request = asks(window=["2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"])
    assert world.codes(request, lapses - timedelta(seconds=1)) == ["title_disputed"]
    assert world.codes(request, lapses) == CLEARED
    dispute(world, "broker", issued_at=day(2027, 6, 1))
    assert world.codes(request, lapses) == ["title_disputed"]


def test_a_dispute_touches_what_the_claim_holds_and_nothing_else(world: World) -> None:
    world.scope("claim", territories=["FR"])
    german = claim("studio", "portrait", scopes=[wide(territories=["DE"])])
    digest = world.add("German claim", "title.claimed", "studio", german)
    assert codes(world) == CLEARED
    world.add("dispute", "title.disputed", "rival", {"claim": digest, "grounds": "Ours.", "evidence_sha256": "e" * 64})
    assert codes(world) == ["title_disputed"]
    assert missing(world, "title_disputed") == {"DE"}


@pytest.mark.parametrize(
    ("issuer", "outcome", "codes_after"),
    [
        ("rival", "withdrawn", CLEARED),
        ("rival", "settled", CLEARED),
        ("rival", "dismissed", ["title_disputed"]),
        ("gallery", "withdrawn", ["title_disputed"]),
        ("gallery", "dismissed", ["title_disputed"]),
        ("gallery", "upheld", ["no_title"]),
        ("notary", "dismissed", CLEARED),
        ("notary", "settled", CLEARED),
        ("notary", "upheld", ["no_title"]),
        ("broker", "dismissed", ["title_disputed"]),
        ("broker", "upheld", ["title_disputed"]),
    ],
)
def test_each_party_resolves_as_it_may(world: World, issuer: str, outcome: str, codes_after: list[str]) -> None:
    """Rival disputes, Gallery claims, and the registry names Notary an officer of the court."""
    world.vouched = {"registry": id_of("registry")}
    policy = {"party": id_of("registry"), "assurance": {}, "attested_engines": False}
    world.add("policy", "policy.set", "registry", policy | {"court_officers": [id_of("notary")]})
    resolve(world, dispute(world), issuer, outcome)
    assert codes(world) == codes_after
    world.steps["resolution"].logged = False
    assert codes(world) == ["title_disputed"]  # what ends a dispute counts once it is logged


def test_where_an_upheld_dispute_ends_a_claim_the_other_one_holds(world: World) -> None:
    world.add("rival's claim", "title.claimed", "rival", claim("rival", "portrait"))
    assert codes(world) == ["title_disputed"]  # two claims of the whole
    resolve(world, dispute(world), "gallery", "upheld")
    assert codes(world) == ["no_grant"]
    assert {o.remedy.ask for o in world.decide(asks()).obstacles if o.remedy} == {id_of("rival")}


# --- moral rights -------------------------------------------------------------------------------------------------


@pytest.fixture
def authored(world: World) -> World:
    """Ben painted the poster."""
    world.add("ben", "party.registered", "ben", party("ben"))
    world.add("moral", "title.claimed", "ben", claim("ben", "portrait", nature="moral"))
    world["licence"]["scopes"] = [wide()]
    return world


def altered(world: World, **changed: Any) -> Any:
    return world.decide(asks(references=[reference(role="inpaint")], **changed))


def test_who_holds_a_moral_right_is_asked_before_anything_is_altered_and_only_then(authored: World) -> None:
    decision = altered(authored)
    assert decision.cleared
    assert [(one.grant, one.by, one.on) for one in decision.pending] == [
        (authored.digest("moral"), id_of("ben"), "spec")
    ]
    assert authored.decide(asks()).pending == ()
    authored.drop("moral")
    assert altered(authored).pending == ()


def test_no_licence_answers_for_the_author_and_the_author_asks_nobody(authored: World) -> None:
    authored.add("ben's", "licence.granted", "ben", licence("ben", "studio", "portrait", scopes=[wide()]))
    assert len(altered(authored).pending) == 1
    authored["licence"]["licensee"] = id_of("ben")
    decision = altered(authored, **{"for": id_of("ben")})
    assert (decision.cleared, decision.pending) == (True, ())


def test_a_moral_right_within_other_bounds_is_not_asked(authored: World) -> None:
    authored["moral"]["scopes"] = [box(acts=["alter"], aspects=["picture"], territories=["IT"])]
    assert altered(authored).pending == ()
    authored["moral"]["scopes"] = [box(acts=["alter"], aspects=["picture"], territories=["DE"])]
    assert len(altered(authored).pending) == 1


def test_a_moral_right_in_the_work_is_asked_too_and_is_not_assigned(authored: World) -> None:
    authored["portrait"]["work"] = id_of("work")
    authored["moral"]["subject"] = {"kind": "work", "id": id_of("work")}
    authored.add("sale", "grant.assigned", "ben", assigned(authored.digest("moral"), "studio"))
    assert [one.by for one in altered(authored).pending] == [id_of("ben")]


def test_a_disputed_moral_right_refuses_the_alteration(authored: World) -> None:
    dispute(authored, of="moral")
    assert [o.code for o in altered(authored).obstacles] == ["title_disputed"]
    assert codes(authored) == CLEARED


# --- catalogues ---------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(world: World) -> World:
    """Gallery's catalogue holds the poster, and it licensed the catalogue."""
    world.steps["catalogue"] = type(world.steps["claim"])(
        type="catalogue.registered", issuer="gallery", body=catalogue("gallery", ("asset", "portrait"))
    )
    world["licence"]["subjects"] = [{"kind": "catalogue", "id": id_of("catalogue")}]
    world.steps["licence"] = world.steps.pop("licence")
    return world


def test_a_licence_of_a_catalogue_reaches_its_members(listed: World) -> None:
    assert codes(listed) == CLEARED
    listed["catalogue"].update(catalogue("gallery", ("asset", "another")))
    assert codes(listed) == ["no_grant"]


def test_what_is_added_later_is_reached_only_with_new_assets(listed: World) -> None:
    listed["catalogue"].update(catalogue("gallery", ("asset", "another")))
    listed.add("more", "catalogue.registered", "gallery", catalogue("gallery", ("asset", "portrait")))
    assert codes(listed) == ["no_grant"]
    listed["licence"]["new_assets"] = True
    assert codes(listed) == CLEARED


def test_only_its_owner_adds_to_a_catalogue_and_nothing_is_taken_away(listed: World) -> None:
    listed["licence"]["new_assets"] = True
    listed.add("again", "catalogue.registered", "gallery", catalogue("gallery", ("asset", "another")))
    assert codes(listed) == CLEARED
    listed["catalogue"].update(catalogue("gallery", ("asset", "other")))
    listed["again"].update(catalogue("gallery", ("asset", "portrait")))
    assert codes(listed) == CLEARED
    listed.steps["again"].issuer = "rival"
    assert codes(listed) == ["no_grant"]
    listed["again"]["owner"] = id_of("rival")
    assert codes(listed) == ["no_grant"]


def test_a_catalogue_holds_the_assets_of_its_works(listed: World) -> None:
    listed["portrait"]["work"] = id_of("work")
    listed["catalogue"].update(catalogue("gallery", ("work", "work")))
    assert codes(listed) == CLEARED
    listed.steps["portrait"] = listed.steps.pop("portrait")
    assert codes(listed) == ["no_grant"]
    listed["licence"]["new_assets"] = True
    assert codes(listed) == CLEARED


def test_a_catalogue_counts_signed_and_logged(listed: World) -> None:
    for name, value in (("logged", False), ("signers", ("rival",)), ("issuer", "rival")):
        damaged = listed.copy()
        setattr(damaged.steps["catalogue"], name, value)
        assert codes(damaged) == ["no_grant"]
