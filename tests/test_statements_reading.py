"""What is read back over HTTP: parties, projects, licences, files, and the documentation."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from registry.core.envelope import sign_statement
from registry.models import Asset, Deposit
from tests import media
from tests.terms import authority
from tests.world import Actor, World, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]


def client(world: World, actor: Actor, *scopes: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {world.token(actor, *scopes)}"})


def test_a_party_shows_its_name_keys_and_vouches_and_its_details_to_itself_alone(world: World) -> None:
    ada, eve = world.party("Ada Marsh", unions=["Equity"]), world.party("Eve")
    own = client(world, ada).get(f"/api/v1/parties/{ada.id}").json()
    assert own["name"] == "Ada Marsh"
    assert [key["keyid"] for key in own["keys"]] == [ada.keyid]
    assert [vouch["level"] for vouch in own["vouches"]] == ["document"]
    assert own["personal"]["unions"] == ["Equity"]
    others = {"personal": None, "vouches": [], "held_by": None}
    assert client(world, eve).get(f"/api/v1/parties/{ada.id}").json() == own | others
    missing = client(world, eve).get(f"/api/v1/parties/{new_id()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_party")
    assert client(world, eve).get("/api/v1/parties/ada").json()["code"] == "bad_id"
    assert Client().get(f"/api/v1/parties/{ada.id}").json()["code"] == "not_authenticated"


def test_a_project_shows_its_children(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    series = world.project(studio, kind="series")
    episode = world.project(studio, parent=series)
    read = client(world, studio).get(f"/api/v1/projects/{series}").json()
    assert (read["children"], read["parent"], read["producer"]) == ([episode], None, studio.id)


def test_licences_are_listed_for_their_parties_newest_first(world: World) -> None:
    studio, other, third = (world.party(name, kind="organisation") for name in ("North", "West", "East"))
    plate = world.asset(studio)
    granted = [world.licence(studio, other, plate) for _ in range(3)]
    world.publish()
    world.act("licence.terminated", {"licence": granted[0]}, by=studio)
    for actor in (studio, other):
        listed = client(world, actor).get("/api/v1/licences", {"limit": 2}).json()
        assert [one["digest"] for one in listed["results"]] == granted[:0:-1]
        rest = client(world, actor).get(listed["next"]).json()["results"]
        assert [one["terminated"] is not None for one in rest] == [True]
        assert (rest[0]["assurance"], rest[0]["logged"]) == ("signed", True)
        assert rest[0]["terms"]["licensee"] == other.id
    assert client(world, third).get("/api/v1/licences").json()["results"] == []
    assert client(world, other).get("/api/v1/licences", {"asset": new_id()}).json()["results"] == []


def test_who_may_view_for_a_side_lists_and_reads_its_licences(world: World) -> None:
    studio, other, agent = (world.party(name, kind="organisation") for name in ("North", "West", "East"))
    digest = world.licence(studio, other, world.asset(studio))
    one = f"/api/v1/licences/{digest}"
    assert client(world, agent).get(one).status_code == 404
    world.act("authority.granted", authority(studio, agent, powers=["view"]), by=studio)
    assert client(world, agent).get(one).json()["licensee"] == other.id
    assert [row["digest"] for row in client(world, agent).get("/api/v1/licences").json()["results"]] == [digest]


def upload(client_: Client, content: bytes, **metadata: Any) -> Any:
    said = {"title": "Ridge at dawn", "kind": "still", "inventory": {"people": "none"}} | metadata
    file = SimpleUploadedFile("ridge.png", content, content_type="image/png")
    return client_.post("/api/v1/assets", {"file": file, "metadata": json.dumps(said)})


def test_a_file_is_kept_drafted_signed_and_then_known(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    caller, content = client(world, studio), media.png(media.scene(seed=11))
    kept = upload(caller, content)
    assert kept.status_code == 201, kept.json()
    drafted = kept.json()["draft"]
    assert "Music: not known" in drafted["text"]  # what is not declared is unknown
    envelope = sign_statement(base64.b64decode(drafted["payload"]), studio.key)
    submission = {"envelope": envelope.format(), "text": drafted["text"], "private": None}
    sent = caller.post("/api/v1/statements", json.dumps(submission), content_type="application/json")
    assert sent.status_code == 201, sent.json()
    again = upload(caller, content)
    assert again.status_code == 200
    assert (again.json()["asset"], again.json()["registered"]) == (kept.json()["asset"], sent.json()["digest"])
    assert again.json()["draft"] is None
    assert [one["id"] for one in caller.get("/api/v1/assets").json()["results"]] == [kept.json()["asset"]]


@pytest.mark.parametrize(
    ("content", "metadata", "status", "code"),
    [
        (b"not a picture at all", {}, 422, "not_media"),
        (None, {"kind": "painting"}, 400, "bad_value"),
        (None, {"mood": "good"}, 400, "unknown_field"),
        (None, {"title": ""}, 400, "bad_value"),
        (None, {"work": "0" * 36}, 400, "bad_id"),
    ],
)
def test_a_bad_upload_keeps_nothing(
    world: World, content: bytes | None, metadata: dict[str, Any], status: int, code: str
) -> None:
    studio = world.party("Northlight", kind="organisation")
    answer = upload(client(world, studio), content or media.png(), **metadata)
    assert answer.json()["code"] == code
    assert answer.status_code == status
    assert (Deposit.objects.count(), Asset.objects.count()) == (0, 0)


def test_uploading_needs_the_scope(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    answer = upload(client(world, studio, "read"), media.png())
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_the_schema_is_openapi_3_1_and_the_docs_page_needs_no_other_host() -> None:
    schema = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/statements", "/api/v1/assets", "/api/v1/licences"} <= set(schema["paths"])
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    page = Client().get("/api/v1/docs").content.decode()
    assert "/static/drf_spectacular_sidecar/swagger-ui" in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page


def test_tokens_are_made_listed_and_revoked_from_the_command_line(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")

    def run(*words: str) -> list[str]:
        out = io.StringIO()
        call_command("token", *words, stdout=out)
        return out.getvalue().splitlines()

    told, secret = run("create", "--party", studio.id, "--scopes", "rights,sign", "--days", "2")
    token_id = told.split()[1]
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    assert caller.get(f"/api/v1/parties/{studio.id}").status_code == 200
    assert any(line.startswith(token_id) and "rights,sign" in line for line in run("list", "--party", studio.id))
    assert run("revoke", token_id) == [f"token {token_id} is revoked"]
    assert caller.get(f"/api/v1/parties/{studio.id}").json()["code"] == "bad_token"
    assert "revoked" in run("list", "--party", studio.id)[-1]
    assert "once" in run("enrol", "--party", new_id())[0]
    for wrong in (
        ("create", "--party", studio.id, "--scopes", "rule"),
        ("create", "--party", new_id(), "--scopes", "sign"),
        ("create", "--party", "studio", "--scopes", "sign"),
        ("revoke", new_id()),
    ):
        with pytest.raises(CommandError):
            run(*wrong)


def test_the_schema_says_what_a_refusal_looks_like() -> None:
    schema = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    answers = {
        told["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"]
        for methods in schema["paths"].values()
        for name, told in methods.items()
        if name != "parameters"
    }
    assert answers == {"#/components/schemas/Problem"}
    refused = Client().get("/api/v1/assets")
    assert set(schema["components"]["schemas"]["Problem"]["required"]) <= set(refused.json())
