"""A performer in front of a real browser: makes passkeys, consents, takes it back; forgeries are refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.test import Client
from pypdf import PdfReader

from generation.selectors.bundle import trust
from generation.verify.__main__ import main as verify
from registry.core.envelope import PublicKey, canonical, parse_json, parse_statement, verify_signatures
from registry.locks import clock
from registry.models import Key, StatementRow
from registry.services import tokens
from registry.statements import open_statement, open_statements
from tests import media
from tests.browser import Visitor, launched
from tests.studio import Studio, figure, landscape, tiny_weights
from tests.web_server import free_port, web_server
from tests.world import PEOPLE, Actor, World, new_id, scope
from web import fsck

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ALGORITHMS = {-48: "MLDSA44PublicKey", -8: "Ed25519PublicKey", -7: "ECPublicKey"}  # by their COSE numbers


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def origin(settings: Any, tmp_path: Path, child_environment: dict[str, str], browser: Browser) -> Iterator[str]:
    """A real web server over this test's database, and where its pages are."""
    port = free_port()
    origin = f"http://localhost:{port}"
    settings.LOG_DIR, settings.MEDIA_DIR = tmp_path / "log", tmp_path / "media"
    settings.PASSKEY_ORIGINS = (origin,)
    places = {"LOG_DIR": str(settings.LOG_DIR), "MEDIA_URL": str(settings.MEDIA_DIR), "PASSKEY_ORIGINS": origin}
    settings.STARTER_WEIGHTS = tmp_path / "starter.safetensors"
    settings.STARTER_WEIGHTS.write_bytes(tiny_weights())
    World()
    with web_server(child_environment | places, port):
        yield origin


@dataclass(slots=True)
class Scene:
    """Northlight wants to make a shot with Ada, who is on her way to the registry."""

    world: World
    studio: Studio
    ada: Actor

    @classmethod
    def open(cls) -> Scene:
        world = World()
        producer, archive = (world.party(name, kind="organisation") for name in ("Northlight", "Archive"))
        ada = Actor(id=new_id(), name="Ada Marsh", kind="person", key=Ed25519PrivateKey.generate())  # unused: a passkey
        portrait = world.asset(archive, figure(), kind="still", title="Ada, full figure", inventory=PEOPLE)
        ridge = world.asset(archive, media.png(landscape()), title="The ridge")
        for file in (portrait, ridge):
            world.title(archive, file)
        world.licence(archive, producer, portrait, ridge)
        studio = Studio(
            world=world,
            producer=producer,
            archive=archive,
            ada=ada,
            reviewer=ada,
            project=world.project(producer),
            portrait=portrait,
            ridge=ridge,
            weights=hashlib.sha256(tiny_weights()).hexdigest(),
            secret=world.token(producer, "produce", "read", "rights", "sign"),
            review_secret="",
        )
        studio.know_weights()
        return cls(world=world, studio=studio, ada=ada)

    def admit(self) -> None:
        """What others say of Ada once she is registered."""
        self.world.vouch(self.ada)
        self.world.appearance(self.studio.portrait, self.ada, by=self.studio.archive)
        self.world.publish()

    def decision(self) -> dict[str, Any]:
        answer = self.studio.post("/clearances/check", self.studio.request())
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def ask(self) -> str:
        """Make the refusal into a request to Ada, and return its id."""
        body = {
            "performer": self.ada.id,
            "project": self.studio.project,
            "obstacles": self.decision()["obstacles"],
            "until": f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT00:00:00Z}",
            "description": "Mara walks along the ridge at dusk",
            "role": "Mara",
            "scenes": "any",
            "dialogue": {"kind": "none", "script_sha256": None},
            "replica_use": ["employment_based"],
            "replaces_in_person_work": False,
        }
        answer = self.studio.post("/consent-requests", body)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def enrolment(self) -> str:
        at = clock()
        return tokens.enrol(party=self.ada.id, at=at).secret


def register(visitor: Visitor, secret: str, name: str = "Ada Marsh") -> None:
    visitor.visit("enrol", token=secret)
    visitor.page.get_by_label("Your name").fill(name)
    visitor.press("Make the passkey")
    visitor.sees("What you are about to sign")
    visitor.press("Sign with my passkey")
    visitor.sees("Signed")


def newest(type_: str) -> Any:
    """Open the newest statement of a type."""
    digest = StatementRow.objects.filter(type=type_).order_by("-accepted_at").values_list("digest", flat=True).first()
    opened = open_statement(str(digest))
    assert opened is not None
    return opened


def verifies_offline(type_: str, *, by: str) -> str:
    """See that values alone verify the newest statement of a type, and name the algorithm of the party's newest key."""
    digests = StatementRow.objects.filter(type__in=("party.registered", "key.added"), issuer=by).order_by("accepted_at")
    bringing = open_statements(digests.values_list("digest", flat=True))
    bodies = [parse_statement(bringing[digest].envelope.payload).body for digest in bringing]
    keys = {key.keyid: key for key in (PublicKey.parse(body["key"], "key") for body in bodies)}
    assert verify_signatures(newest(type_).envelope, keys)
    assert {key.kind for key in keys.values()} == {"webauthn"}
    return type(load_der_public_key([*keys.values()][-1].spki)).__name__


def papers_of(visitor: Visitor, title: str, folder: Path, *, language: str = "en") -> str:
    """Fetch record and receipt of a row of `/pages/signed`, check both offline; return what the record is called."""
    record, receipt = {"en": ("Record (PDF)", "Receipt"), "fr": ("Document (PDF)", "Reçu")}[language]
    visitor.visit("signed", language=language)
    with visitor.page.expect_download() as pdf:
        visitor.press(f"{record}: {title}")
    with visitor.page.expect_download() as proof:
        visitor.page.get_by_role("link", name=f"{receipt}: {title}", exact=True).click()
    paper, trusted = folder / "record.pdf", folder / "trust.json"
    pdf.value.save_as(paper)
    trusted.write_text(json.dumps(trust()))
    assert verify([str(paper), "--trust", str(trusted), "--json"]) == 0
    digest = proof.value.suggested_filename.removesuffix(".tlog-proof")
    opened, receipt_path, envelope = open_statement(digest), folder / "receipt", folder / "statement.json"
    assert opened is not None
    proof.value.save_as(receipt_path)
    envelope.write_text(json.dumps(opened.envelope.format()))
    assert verify([str(receipt_path), "--envelope", str(envelope), "--trust", str(trusted), "--json"]) == 0
    metadata = PdfReader(paper).xmp_metadata
    assert metadata is not None
    assert metadata.dc_title is not None
    return metadata.dc_title["x-default"].split(" · ")[0]


def test_a_performer_enrols_adds_a_passkey_consents_and_takes_it_back(
    browser: Browser, origin: str, tmp_path: Path
) -> None:
    scene = Scene.open()
    with Visitor.at(browser, origin) as ada:
        first = ada.authenticator()
        register(ada, scene.enrolment())
        scene.admit()
        secret = scene.world.token(scene.ada, "read", "sign")

        ada.presence(first, simulated=False)
        second = ada.authenticator(transport="usb")
        ada.visit("enrol", token=secret)
        ada.press("Make the passkey")
        ada.press("Sign with the new passkey")
        ada.page.get_by_text("Signature 2 of 2").wait_for()
        ada.presence(first, simulated=True)
        ada.presence(second, simulated=False)
        ada.press("Sign with a passkey I have")
        ada.sees("Signed")
        assert Key.objects.filter(party=scene.ada.id, revoked=None).count() == 2

        request = scene.ask()
        ada.visit("sign", token=secret, request=request)
        text = ada.page.get_by_role("region", name="Text", exact=True).inner_text()
        assert "Mara walks along the ridge at dusk" in text
        assert "token" not in ada.page.url
        ada.press("Sign with my passkey")
        ada.sees("Signed")
        scene.world.publish()
        assert newest("consent.granted").text.strip() == text.strip()
        assert scene.decision()["cleared"]
        receipt = ada.page.request.get(origin + str(ada.page.get_by_role("link", name="Receipt").get_attribute("href")))
        assert receipt.text().startswith("c2sp.org/tlog-proof@v1\n")
        with ada.page.expect_download() as record:
            ada.press("Record")
        assert Path(record.value.path()).read_bytes().startswith(b"%PDF-")

        assert papers_of(ada, "Mara walks along the ridge at dusk", tmp_path) == "Consent record"
        assert papers_of(ada, "Inscription", tmp_path, language="fr") == "Relevé d’une déclaration signée"

        ada.visit("signed")
        ada.page.get_by_role("button", name="Withdraw:").click()
        ada.press("Sign with my passkey")
        ada.sees("Withdrawn")
        assert {one["code"] for one in scene.decision()["obstacles"]} == {"revoked"}
        ada.page.get_by_role("link", name="See what I signed").click()
        ada.page.get_by_text("Withdrawn", exact=True).wait_for()
        ada.page.get_by_role("heading", name="Withdrawal of a consent").wait_for()
        assert (ada.errors, ada.strangers) == ([], [])
    for kind in ("key.added", "consent.granted", "consent.revoked"):
        verifies_offline(kind, by=scene.ada.id)
    scene.world.publish()
    assert fsck.run().findings == []


def test_a_passkey_of_each_algorithm_signs_what_verifies_offline(browser: Browser, origin: str) -> None:
    world, seen = World(), {}
    for algorithm, name in ALGORITHMS.items():
        with Visitor.at(browser, origin) as visitor:
            visitor.authenticator()
            visitor.on_the_way("/passkeys/challenges", lambda said, only=algorithm: offer_alone(said, only))
            party = new_id()
            register(visitor, tokens.enrol(party=party, at=clock()).secret, name=f"Ada of {name}")
            actor = Actor(id=party, name=name, kind="person", key=Ed25519PrivateKey.generate())
            sign_file(visitor, world.token(actor, "read", "sign"), restriction(party))
            assert (visitor.errors, visitor.strangers) == ([], [])
        assert newest("restriction.declared").statement.issuer == party
        seen[name] = verifies_offline("restriction.declared", by=party)
    assert seen == {name: name for name in ALGORITHMS.values()}


def offer_alone(said: dict[str, Any], algorithm: int) -> None:
    """Leave one algorithm of those that a new passkey may be of."""
    if "pubKeyCredParams" in said["publicKey"]:
        said["publicKey"]["pubKeyCredParams"] = [{"type": "public-key", "alg": algorithm}]


def restriction(party: str) -> dict[str, Any]:
    scopes = [scope(aspects=["face"], acts=["condition"], territories=["FR"], purposes=["work"], media=["svod"])]
    return {"type": "restriction.declared", "body": {"restriction": new_id(), "performer": party, "scopes": scopes}}


def open_file(visitor: Visitor, secret: str, draft: Any) -> None:
    visitor.visit("sign", token=secret)
    content = draft if isinstance(draft, bytes) else json.dumps(draft).encode()
    chosen = {"name": "draft.json", "mimeType": "application/json", "buffer": content}
    visitor.page.get_by_label("Open the file").set_input_files(chosen)  # type: ignore[arg-type]  # a FilePayload


def sign_file(visitor: Visitor, secret: str, draft: Any) -> None:
    open_file(visitor, secret, draft)
    visitor.press("Sign with my passkey")
    visitor.sees("Signed")


def test_what_was_changed_on_the_way_is_not_signed_and_a_cancelled_prompt_changes_nothing(
    browser: Browser, origin: str
) -> None:
    world, party = World(), new_id()
    with Visitor.at(browser, origin) as visitor:
        device = visitor.authenticator()
        register(visitor, tokens.enrol(party=party, at=clock()).secret)
        actor = Actor(id=party, name="Ada Marsh", kind="person", key=Ed25519PrivateKey.generate())
        secret = world.token(actor, "read", "sign")
        before = StatementRow.objects.count()

        def refuses(path: str, change: Any, word: str, *, press: bool = True) -> None:
            visitor.on_the_way(path, change)
            open_file(visitor, secret, restriction(party))
            if press:
                visitor.press("Sign with my passkey")
            visitor.page.get_by_role("alert").get_by_text(word).wait_for()
            visitor.page.unroute_all()
            assert StatementRow.objects.count() == before

        refuses("/statements/draft", other_text, "The text shown is not the text", press=False)
        page = visitor.page
        assert page.get_by_role("button", name="Sign with my passkey").is_disabled()
        assert page.locator("#text-shown").inner_text() != page.locator("#text-stated").inner_text()
        refuses("/statements/draft", other_issuer, "something other than what was asked for", press=False)
        assert page.get_by_role("region", name="Text", exact=True).is_hidden()
        refuses("/passkeys/challenges", other_challenge, "to sign something else")

        visitor.verified(device, person=False)
        open_file(visitor, secret, restriction(party))
        visitor.press("Sign with my passkey")
        page.get_by_role("alert").get_by_text("all is as it was").wait_for()
        assert StatementRow.objects.count() == before
        visitor.verified(device, person=True)
        visitor.press("Sign with my passkey")
        visitor.sees("Signed")
        assert StatementRow.objects.count() == before + 1
        assert visitor.strangers == []


def other_text(said: dict[str, Any]) -> None:
    said["text"] = said["text"].replace("FR", "US") + " "


def other_issuer(said: dict[str, Any]) -> None:
    """A statement of another, rightly written."""
    payload = parse_json(base64.b64decode(said["payload"]))
    assert isinstance(payload, dict)
    said["payload"] = base64.b64encode(canonical(payload | {"issuer": new_id()})).decode()


def other_challenge(said: dict[str, Any]) -> None:
    said["publicKey"]["challenge"] = "A" * 43


def test_the_pages_speak_two_languages_say_what_is_wrong_and_fit_a_small_screen(browser: Browser, origin: str) -> None:
    world = World()
    ada = world.party("Ada Marsh")
    with Visitor.at(browser, origin, width=360) as visitor:
        page = visitor.page
        visitor.visit("sign", language="fr")
        assert page.locator("html").get_attribute("lang") == "fr"
        page.get_by_label("Jeton d’accès", exact=True).fill("proviso_nobody")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("Ce jeton n’est pas valable ici.").wait_for()
        page.get_by_label("Jeton d’accès", exact=True).fill(world.token(ada, "read", "sign"))
        page.keyboard.press("Enter")
        page.get_by_text("Personne ne vous demande rien.").wait_for()
        open_wrong = {"name": "draft.json", "mimeType": "application/json", "buffer": b"{"}
        page.get_by_label("Ouvrir le fichier").set_input_files(open_wrong)  # type: ignore[arg-type]  # a FilePayload
        page.get_by_role("alert").get_by_text("Ce fichier n’est pas un projet").wait_for()
        page.get_by_role("link", name="Mes signatures").click()
        page.get_by_text("Vous n’avez consenti à rien.").wait_for()
        for name in ("enrol", "sign", "signed"):
            visitor.visit(name)
            page.get_by_text("You act for Ada Marsh.").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.route(f"{origin}/api/v1/**", lambda route: route.abort())
        visitor.visit("sign")
        page.unroute_all()
        visitor.press("Try again")
        page.get_by_text("Nobody is asking you for anything.").wait_for()
        visitor.press("Leave")
        page.get_by_label("Access token", exact=True).wait_for()
        assert page.evaluate("sessionStorage.length") == 0
    answer = Client().get("/pages/sign", headers={"Accept-Language": "de, fr;q=0.8, en;q=0.5"})
    assert b'<html lang="fr">' in answer.content
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in answer.content
    assert Client().get("/pages/nowhere").status_code == Client().get("/pages/views.py").status_code == 404
