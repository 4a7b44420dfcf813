"""Not now: strikes, courts, holders and people themselves; whom each binds, where, and how it is lifted in part."""

from datetime import datetime

import pytest

from tests.barred import never, officer, struck, suspend, unionised, unsuspend
from tests.decisions import (
    AT,
    World,
    after,
    asset,
    authority,
    box,
    claim,
    everything,
    id_of,
    party,
    shot,
)
from tests.titled import codes, film_work, poster


def test_a_strike_suspends_every_member_in_one_statement_and_nobody_else() -> None:
    assert struck().codes() == ["suspended"]
    world = unionised("musicians")
    suspend(world, "strike", "actors", ("union", "actors"))
    assert world.codes() == []


def test_a_member_is_who_says_so_or_who_gave_the_union_authority() -> None:
    world = unionised()
    suspend(world, "strike", "actors", ("union", "actors"))
    assert world.codes() == []
    world.add("membership", "authority.granted", "ada", authority("ada", "actors", role="union"))
    assert world.codes() == ["suspended"]
    world.add("left", "authority.ended", "ada", {"authority": authority("ada", "actors")["authority"]}, logged=False)
    assert world.codes() == ["suspended"]
    world.steps["left"].logged = True
    assert world.codes() == []


def test_an_authority_of_another_role_makes_nobody_a_member() -> None:
    world = unionised()
    suspend(world, "strike", "actors", ("union", "actors"))
    world.add("agency", "authority.granted", "ada", authority("ada", "actors"))
    assert world.codes() == []


def test_a_consent_that_continues_during_strikes_still_serves() -> None:
    world = struck()
    world["consent"]["strike"] = "continues"
    assert world.codes() == []


def test_a_strike_leaves_what_another_consent_that_continues_covers() -> None:
    world = struck()
    world.add_like("continuing", "consent", strike="continues", scopes=[box(territories=["FR"])])
    assert world.codes() == ["suspended"]
    assert world.codes(shot(territories=["FR"])) == []
    (pieces,) = {tuple(p.format()["territories"]) for o in world.decide().obstacles for p in o.missing}  # type: ignore[arg-type]  # a list
    assert pieces == ("DE",)


def test_a_continuing_consent_does_not_help_against_a_court_or_a_restriction() -> None:
    world = World()
    officer(world)
    world["consent"]["strike"] = "continues"
    suspend(world, "court", "bailiff", ("performer", "ada"))
    assert world.codes() == ["suspended"]


@pytest.mark.parametrize(
    ("agreement", "agreements", "expected"),
    [
        ("TV 2026", ["TV 2026"], ["suspended"]),
        ("TV 2026", ["Commercials", "TV 2026"], ["suspended"]),
        ("TV 2026", ["Commercials"], []),
        (None, ["Commercials"], []),
        (None, [], ["suspended"]),
        ("TV 2026", [], ["suspended"]),
    ],
)
def test_a_strike_binds_projects_under_the_agreements_it_names(
    agreement: str | None, agreements: list[str], expected: list[str]
) -> None:
    world = struck(agreements=agreements)
    world["film"]["agreement"] = agreement
    assert world.codes() == expected


def test_an_agreement_is_the_same_however_it_is_spelled_and_whatever_its_year() -> None:
    world = struck(agreements=["Screen Union, TV/Theatrical"])
    world["film"]["agreement"] = "SCREEN UNION TV / Theatrical 2026"
    assert world.codes() == ["suspended"]
    world["film"]["agreement"] = "Screen Union TV"
    assert world.codes() == []


def test_a_strike_excepts_projects_with_all_below_them() -> None:
    world = struck(excepted_projects=[id_of("film")])
    assert world.codes() == []
    world = struck(excepted_projects=[id_of("saga")])
    assert world.codes() == ["suspended"]
    saga = world["film"] | {"project": id_of("saga"), "kind": "franchise"}
    world.before("film", "saga", "project.registered", "studio", saga)
    world["film"]["parent"] = id_of("saga")
    assert world.codes() == []


def test_an_interim_agreement_frees_its_projects_and_no_others() -> None:
    world = struck()
    unsuspend(world, "actors", projects=[id_of("sequel")])
    assert world.codes() == ["suspended"]
    unsuspend(world, "actors", projects=[id_of("film")])
    assert world.codes() == []


def test_a_part_is_lifted_and_the_rest_stays() -> None:
    world = struck()
    unsuspend(world, "actors", scopes=[never(territories=["DE", "FR"], media=["svod"])])
    assert world.codes() == []
    world = struck()
    unsuspend(world, "actors", scopes=[never(territories=["FR"])])
    assert world.codes() == ["suspended"]
    assert world.codes(shot(territories=["FR"])) == []


def test_a_part_is_lifted_for_some_projects_alone() -> None:
    world = struck()
    unsuspend(world, "actors", scopes=[never(territories=["FR"])], projects=[id_of("sequel")])
    assert world.codes(shot(territories=["FR"])) == ["suspended"]
    unsuspend(world, "actors", scopes=[never(territories=["FR"])], projects=[id_of("film")])
    assert world.codes(shot(territories=["FR"])) == []
    assert world.codes() == ["suspended"]


def test_what_is_lifted_for_some_content_stays_for_other_content() -> None:
    world = struck()
    unsuspend(world, "actors", scopes=[never(content={"depicts": [], "scene": ["alcohol"]})])
    assert world.codes() == ["suspended"]
    unsuspend(world, "actors", scopes=[never(content={"depicts": [], "scene": ["alcohol", "violence"]})])
    assert world.codes() == []


@pytest.mark.parametrize("issuer", ["musicians", "studio", "ada"])
def test_nobody_else_lifts_a_strike(issuer: str) -> None:
    world = struck()
    unsuspend(world, issuer)
    assert world.codes() == ["suspended"]
    unsuspend(world, "actors")
    assert world.codes() == []


def test_a_strike_counts_at_commit_and_its_end_under_the_checkpoint() -> None:
    world = struck(logged=False)
    assert world.codes() == ["suspended"]
    world.steps["suspension"].logged = True
    unsuspend(world, "actors", logged=False)
    assert world.codes() == ["suspended"]
    unsuspend(world, "actors")
    assert world.codes() == []


def test_a_strike_runs_from_its_first_day_to_its_last() -> None:
    world = struck(scopes=[never(acts=["condition"], window=["2027-06-02T00:00:00Z", "2027-07-01T00:00:00Z"])])

    def on(day: datetime) -> list[str]:
        return world.codes(shot(), day)

    assert on(AT) == []
    assert on(datetime(2027, 6, 1, 22, 59, 59, tzinfo=AT.tzinfo)) == []
    assert on(datetime(2027, 6, 1, 23, 0, 1, tzinfo=AT.tzinfo)) == ["suspended"]  # a clearance lasts an hour
    assert on(datetime(2027, 6, 30, 23, 59, 59, tzinfo=AT.tzinfo)) == ["suspended"]
    assert on(datetime(2027, 7, 1, tzinfo=AT.tzinfo)) == []


# Courts, holders, the person


def test_a_court_suspends_a_performer_and_only_its_officers_lift_it() -> None:
    world = World()
    officer(world)
    suspend(world, "court", "bailiff", ("performer", "ada"))
    assert world.codes() == ["suspended"]
    unsuspend(world, "ada")
    assert world.codes() == ["suspended"]
    unsuspend(world, "bailiff")
    assert world.codes() == []


def test_another_officer_of_a_court_lifts_what_a_court_ordered() -> None:
    world = World()
    officer(world)
    world.before("ada", "judge", "party.registered", "judge", party("judge"))
    suspend(world, "court", "bailiff", ("performer", "ada"))
    unsuspend(world, "judge")
    assert world.codes() == ["suspended"]
    world["policy"]["court_officers"] = sorted([id_of("bailiff"), id_of("judge")])
    assert world.codes() == []


@pytest.mark.parametrize(("on", "expected"), [("studio", ["suspended"]), ("gallery", [])])
def test_a_court_suspends_a_grantee_whatever_it_was_granted(on: str, expected: list[str]) -> None:
    world = World()
    officer(world)
    suspend(world, "court", "bailiff", ("grantee", on))
    assert world.codes() == expected
    plain = poster()
    officer(plain, "registry")
    suspend(plain, "court", "registry", ("grantee", on))
    assert codes(plain) == expected


def test_what_a_vendor_uses_of_a_suspended_grantee_is_suspended_too() -> None:
    world = World()
    officer(world)
    world.before("ada", "lab", "party.registered", "lab", party("lab", kind="organisation", born=None))
    world.add("vendor", "authority.granted", "studio", authority("studio", "lab", role="vendor"))
    request = shot(**{"for": id_of("lab")})
    assert world.codes(request) == []
    suspend(world, "court", "bailiff", ("grantee", "studio"))
    assert world.codes(request) == ["suspended"]
    assert {obstacle.subject[0] for obstacle in world.decide(request).obstacles} == {"asset", "performer"}


def test_what_rests_on_another_principals_grants_goes_on() -> None:
    world = World()
    officer(world)
    for name in ("lab", "rival"):
        world.before("ada", name, "party.registered", name, party(name, kind="organisation", born=None))
    for name in ("studio", "rival"):
        body = authority(name, "lab", role="vendor")
        world.add(f"vendor of {name}", "authority.granted", name, body)
    suspend(world, "court", "bailiff", ("grantee", "rival"))
    assert world.codes(shot(**{"for": id_of("lab")})) == []


def test_a_court_suspends_every_member_of_a_union() -> None:
    world = unionised("actors")
    officer(world)
    suspend(world, "court", "bailiff", ("union", "actors"))
    assert world.codes() == ["suspended"]


@pytest.mark.parametrize(("kind", "subject"), [("asset", "portrait"), ("work", "work")])
def test_a_holder_holds_back_an_asset_or_a_work(kind: str, subject: str) -> None:
    world = poster()
    film_work(world)
    if kind == "work":
        world["portrait"]["work"] = id_of("work")
    assert codes(world) == []
    suspend(world, "holdback", "gallery", (kind, subject))
    assert codes(world) == ["holdback"]
    unsuspend(world, "gallery")
    assert codes(world) == []


def test_a_holdback_bars_its_boxes_alone_and_other_assets_not_at_all() -> None:
    world = poster()
    box_of_france = everything(territories=["FR"], content={"depicts": [], "scene": []})
    suspend(world, "holdback", "gallery", ("asset", "portrait"), scopes=[box_of_france])
    assert codes(world) == ["holdback"]
    assert codes(world, territories=["DE"]) == []
    world = poster()
    world.add("other", "asset.registered", "gallery", asset("other"))
    world.add("other claim", "title.claimed", "gallery", claim("gallery", "other"))
    suspend(world, "holdback", "gallery", ("asset", "other"))
    assert codes(world) == []


def test_a_court_suspends_a_work_under_its_own_code() -> None:
    world = poster()
    officer(world, "registry")
    suspend(world, "court", "registry", ("asset", "portrait"))
    assert codes(world) == ["suspended"]


def test_a_performers_own_not_now_ends_with_its_window_and_is_hers_to_lift() -> None:
    world = World()
    scope = never(window=["2027-01-01T00:00:00Z", "2027-06-02T00:00:00Z"], acts=["condition"])
    suspend(world, "personal", "ada", ("performer", "ada"), scopes=[scope])
    assert world.codes() == ["suspended"]
    assert world.codes(shot(), after(days=1)) == []
    unsuspend(world, "ada")
    assert world.codes() == []


def test_a_personal_not_now_that_an_agent_declared_is_the_persons_to_lift() -> None:
    world = World()
    world.before("ada", "agent", "party.registered", "agent", party("agent"))
    world.add("agency", "authority.granted", "ada", authority("ada", "agent"))
    suspend(world, "personal", "agent", ("performer", "ada"))
    assert world.codes() == ["suspended"]
    unsuspend(world, "studio")
    assert world.codes() == ["suspended"]
    unsuspend(world, "ada")
    assert world.codes() == []


def test_an_agent_lifts_a_personal_not_now_only_while_they_may_grant() -> None:
    world = World()
    world.before("ada", "agent", "party.registered", "agent", party("agent"))
    agency = authority("ada", "agent")
    world.add("agency", "authority.granted", "ada", agency)
    suspend(world, "personal", "agent", ("performer", "ada"))
    world.add("fired", "authority.ended", "ada", {"authority": agency["authority"]})
    unsuspend(world, "agent")
    assert world.codes() == ["suspended"]
    world.steps.pop("fired")
    assert world.codes() == []


def test_a_lifting_under_an_authority_that_is_disputed_does_not_count_while_it_is() -> None:
    world = struck()
    world.before("ada", "counsel", "party.registered", "counsel", party("counsel"))
    mandate = authority("actors", "counsel")
    world.before("suspension", "mandate", "authority.granted", "actors", mandate)
    unsuspend(world, "counsel")
    assert world.codes() == []
    doubt = {"authority": mandate["authority"], "grounds": "nobody voted on it", "evidence_sha256": "b" * 64}
    world.add("doubt", "authority.disputed", "actors", doubt)
    assert world.codes() == ["suspended"]
    assert world.codes(shot(), after(days=181)) == []


def test_whoever_is_in_the_union_for_a_time_is_bound_for_that_time() -> None:
    world = unionised()
    suspend(world, "strike", "actors", ("union", "actors"), scopes=[never(acts=["condition"])])
    window = ["2027-01-01T00:00:00Z", "2027-06-02T00:00:00Z"]
    world.add("membership", "authority.granted", "ada", authority("ada", "actors", role="union", window=window))
    assert world.codes() == ["suspended"]
    assert world.codes(shot(), after(days=1)) == []
