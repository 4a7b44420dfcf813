"""
Small cases for decisions: real signed envelopes, so that a test damages one field and sees one obstacle.

``World()`` is a case that is cleared: Gallery registered a portrait of Ada and holds its title; Ada consents, Gallery
licenses, both to Studio; Notary vouches for Ada. Each statement is a ``Step`` under a name; a test changes a step,
drops or adds one, and decides. Keys, ids and nonces come from names, so that the same world has the same bytes.
"""

import copy
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.core.decision import Decision, decide
from consent.core.facts import Facts, facts_from
from consent.core.request import parse_request
from consent.core.vouched import Vouched
from registry.core.envelope import Envelope, PublicKey, canonical, format_statement, sign_statement
from registry.core.limits import UNITS
from registry.core.terms import ACTS, LABELS, MEDIA, PURPOSES, TERRITORIES

AT = datetime(2027, 6, 1, 12, tzinfo=UTC)
SIGNED = datetime(2027, 5, 1, tzinfo=UTC)
GRANTS = ("consent.granted", "consent.recorded", "licence.granted", "licence.recorded")
SHA = "a" * 64
WEIGHTS = "b" * 64
UNUSED = MappingProxyType(dict.fromkeys(UNITS, 0))
Body = dict[str, Any]


def id_of(name: str) -> str:
    """Return the id that a name stands for."""
    raw = bytearray(hashlib.sha256(f"id {name}".encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x70, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


@lru_cache
def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"key {name}".encode()).digest())


def public(name: str) -> dict[str, Any]:
    return PublicKey.of(key_of(name)).format()


def keyid(name: str) -> str:
    return PublicKey.of(key_of(name)).keyid


def box(**changed: Any) -> Body:
    """Return the box of a use that the case asks for, with some dimensions changed."""
    usual: Body = {
        "acts": ["condition", "distribute"],
        "aspects": ["body", "face"],
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["DE", "FR"],
        "languages": ["fr-FR"],
        "projects": [id_of("film")],
        "window": ["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
        "content": {"depicts": [], "scene": ["violence"]},
    }
    return usual | changed


def everything(**changed: Any) -> Body:
    """Return a box that holds every term of an asset, for ever."""
    return {
        "acts": ["alter", "condition", "distribute", "finetune", "scan", "store", "sublicense", "train"],
        "aspects": ["motion", "picture", "sound", "style", "text"],
        "purposes": PURPOSES.names(PURPOSES.all),
        "media": MEDIA.names(MEDIA.all),
        "territories": TERRITORIES.names(TERRITORIES.all),
        "languages": ["*"],
        "projects": ["*"],
        "window": ["2020-01-01T00:00:00Z", None],
        "content": {"depicts": LABELS.names(LABELS.all), "scene": LABELS.names(LABELS.all)},
    } | changed


def boxes(*scopes: Body) -> list[Body]:
    """Return scopes in the order in which a statement lists them."""
    return sorted(scopes, key=canonical)


@dataclass(kw_only=True)
class Step:
    """One statement before it is signed; tests change it as they like."""

    type: str
    issuer: str  # a name
    body: Body
    signers: tuple[str, ...] = ()  # names of keys; none is the issuer's
    logged: bool = True
    issued_at: datetime = SIGNED
    shown: bool = True


@lru_cache(maxsize=4_096)
def _signed(payload: bytes, signers: tuple[str, ...]) -> Envelope:
    return sign_statement(payload, *(key_of(name) for name in signers))


def _sign(name: str, step: Step) -> Envelope:
    shown = {"language": "en", "text_sha256": "0" * 64, "private_sha256": None} if step.shown else {}
    payload = format_statement(
        type=step.type,
        id=id_of(f"statement {name}"),
        issued_at=step.issued_at,
        issuer=id_of(step.issuer),
        nonce=hashlib.sha256(f"nonce {name}".encode()).digest()[:16],
        body={**step.body, **shown},
    )
    return _signed(payload, step.signers or (step.issuer,))


@dataclass
class World:
    """Named steps in the order of the log, and what the registry vouches for."""

    steps: dict[str, Step] = field(default_factory=lambda: usual_steps())
    vouched: Body = field(default_factory=dict)  # changes to what is vouched for

    def __getitem__(self, name: str) -> Body:
        return self.steps[name].body

    def copy(self) -> "World":
        return copy.deepcopy(self)

    def add(self, name: str, type_: str, issuer: str, body: Body, **options: Any) -> str:
        """Add a statement at the end of the log and return its digest."""
        self.steps[name] = Step(type=type_, issuer=issuer, body=body, **options)
        return self.digest(name)

    def add_like(self, name: str, like: str, **changed: Any) -> str:
        """Add a statement like another, with fields of its body changed."""
        model = self.steps[like]
        return self.add(name, model.type, model.issuer, copy.deepcopy(model.body) | changed, signers=model.signers)

    def before(self, place: str, name: str, type_: str, issuer: str, body: Body, **options: Any) -> str:
        """Add a statement right before another one in the log."""
        after = {step: self.steps.pop(step) for step in [*self.steps][[*self.steps].index(place) :]}
        self.steps[name] = Step(type=type_, issuer=issuer, body=body, **options)
        self.steps |= after
        return self.digest(name)

    def drop(self, *names: str) -> None:
        for name in names:
            del self.steps[name]

    def scope(self, name: str, **changed: Any) -> None:
        """Change dimensions of the one box of a grant or claim."""
        self[name]["scopes"] = [self[name]["scopes"][0] | changed]

    def digest(self, name: str) -> str:
        return _sign(name, self.steps[name]).digest

    def envelopes(self) -> dict[str, Envelope]:
        return {name: _sign(name, step) for name, step in self.steps.items()}

    def facts(self, envelopes: Iterable[Envelope] | None = None) -> Facts:
        signed = self.envelopes()
        return facts_from(signed.values() if envelopes is None else envelopes, self.vouches(signed))

    def vouches(self, signed: dict[str, Envelope]) -> Vouched:
        indices = {signed[name].digest: n if s.logged else None for n, (name, s) in enumerate(self.steps.items())}
        alive = frozenset(signed[name].digest for name, step in self.steps.items() if step.type in GRANTS)
        usual = {
            "tree_size": len(self.steps),
            "indices": MappingProxyType(indices),
            "no_revocation_of": alive,
            "prompt_matches": (),
            "cap_counts": MappingProxyType(dict.fromkeys(alive, UNUSED)),
        }
        return Vouched(**{**usual, **self.vouched})

    def decide(self, request: Body | None = None, at: datetime = AT) -> Decision:
        return decide(parse_request(shot() if request is None else request), self.facts(), at)

    def codes(self, request: Body | None = None, at: datetime = AT) -> list[str]:
        """Return the codes of the obstacles, each once, in order; none means cleared."""
        return list(dict.fromkeys(obstacle.code for obstacle in self.decide(request, at).obstacles))


def party(name: str, **changed: Any) -> Body:
    usual: Body = {
        "party": id_of(name),
        "kind": "person",
        "name": name.title(),
        "identifiers": {},
        "affiliates": [],
        "born": "1990-04-01",
        "domicile": "FR",
        "unions": [],
        "key": public(name),
    }
    return usual | changed


def vouch(performer: str, **changed: Any) -> Body:
    return {"party": id_of(performer), "level": "document", "checked_on": "2027-04-01", "method": "passport"} | changed


def asset(name: str, **changed: Any) -> Body:
    """Return a still; ``aspects``, ``people`` and ``music`` reach into its media and inventory."""
    media: Body = {
        "container": "png",
        "mime": "image/png",
        "aspects": changed.pop("aspects", ["picture", "style"]),
        "width": 64,
        "height": 64,
        "alpha": True,
        "frames": 1,
        "fps": None,
        "duration_ms": None,
        "sample_rate": None,
        "channels": None,
    }
    inventory = dict.fromkeys(("people", "music", "artworks", "marks", "locations"), "none")
    for content in inventory:
        inventory[content] = changed.pop(content, "none")
    usual: Body = {
        "asset": id_of(name),
        "kind": "still",
        "title": name,
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "size": 100,
        "work": None,
        "media": media,
        "inventory": inventory,
    }
    return usual | changed


def appearance(name: str, performer: str, **changed: Any) -> Body:
    usual: Body = {
        "asset": id_of(name),
        "performer": id_of(performer),
        "aspects": ["body", "face"],
        "spans": None,
        "recognisable": True,
    }
    return usual | changed


def component(whole: str, part: str, **changed: Any) -> Body:
    return {"asset": id_of(whole), "component": id_of(part), "aspects": ["picture"], "spans": None} | changed


def claim(claimant: str, subject: str, **changed: Any) -> Body:
    usual: Body = {
        "claimant": id_of(claimant),
        "subject": {"kind": "asset", "id": id_of(subject)},
        "right": "picture",
        "nature": "economic",
        "scopes": [everything()],
        "share": [1, 1],
        "document_sha256": None,
    }
    return usual | changed


def authority(principal: str, *agents: str, **changed: Any) -> Body:
    """Return an authority that may grant, revoke and approve everything."""
    usual: Body = {
        "authority": id_of(f"authority of {principal} {' '.join(agents)}"),
        "principal": id_of(principal),
        "agents": sorted(map(id_of, agents)),
        "required": 1,
        "role": "agent",
        "powers": ["approve", "grant", "negotiate", "revoke", "view"],
        "acts": ACTS.names(ACTS.all),
        "window": ["2020-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    return usual | changed


def guard(world: World, grant: str = "consent", *, at_majority: str = "ends", guardians: str = "one") -> None:
    """Let Ada, who is under age, consent together with her guardian, whom the notary attested."""
    body = authority("ada", "guardian", role="guardian", evidence_sha256=SHA)
    world.before(grant, "guardian", "party.registered", "guardian", party("guardian"))
    world.before(grant, "guardianship", "authority.granted", "notary", body)
    world[grant]["minor"] = {"guardians": guardians, "court_order_sha256": None, "at_majority": at_majority}
    world.steps[grant].signers = ("ada", "guardian")


def licence(licensor: str, licensee: str, *assets: str, **changed: Any) -> Body:
    usual: Body = {
        "licensor": id_of(licensor),
        "licensee": id_of(licensee),
        "subjects": [{"kind": "asset", "id": asset_id} for asset_id in sorted(map(id_of, assets))],
        "new_assets": False,
        "scopes": [box(aspects=["motion", "picture", "sound", "style"])],
        "exclusivity": "none",
        "sublicensable": False,
        "caps": {"shots": None},
        "parent": None,
        "holdbacks": [],
        "approvals": [],
        "options": [],
        "ends_unless": None,
        "product_categories": [],
        "document_sha256": None,
        "signed_on": None,
    }
    return usual | changed


def consent(performer: str, grantee: str, **changed: Any) -> Body:
    usual: Body = {
        "performer": id_of(performer),
        "grantee": id_of(grantee),
        "scopes": [box()],
        "description": "walks along the ridge",
        "role": "Mara",
        "scenes": ["12", "13"],
        "dialogue": {"kind": "any", "script_sha256": None},
        "replica_use": ["employment_based"],
        "replaces_in_person_work": False,
        "represented": False,
        "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None},
        "approvals": [],
        "caps": {"shots": None},
        "survives_death": False,
        "tail": {"condition": "pull", "distribute": "keep"},
        "minor": False,
        "strike": "suspends",
        "assignable": False,
        "future_projects": [],
        "retention_until": None,
        "cooling_off_until": None,
        "supersedes": [],
    }
    return usual | changed


def revocation(performer: str, *digests: str, grantee: str | None = None) -> Body:
    return {
        "performer": id_of(performer),
        "grants": sorted(digests) if digests else None,
        "grantee": None if grantee is None else id_of(grantee),
    }


def usual_steps() -> dict[str, Step]:
    """Return the statements of the cleared case."""

    def step(type_: str, issuer: str, body: Body, **options: Any) -> Step:
        return Step(type=type_, issuer=issuer, body=body, **options)

    film = {
        "project": id_of("film"),
        "title": "Ridge",
        "kind": "film",
        "producer": id_of("studio"),
        "agreement": None,
        "signatory": None,
        "governing_law": None,
        "parent": None,
    }
    trained = {"weights": WEIGHTS}
    return {
        "registry": step("party.registered", "registry", party("registry", kind="organisation", born=None)),
        "studio": step("party.registered", "studio", party("studio", kind="organisation", born=None)),
        "gallery": step("party.registered", "gallery", party("gallery", kind="organisation", born=None)),
        "notary": step("party.registered", "notary", party("notary")),
        "ada": step("party.registered", "ada", party("ada")),
        "film": step("project.registered", "studio", film),
        "weights": step("weights.trained", "registry", trained, shown=False),
        "portrait": step("asset.registered", "gallery", asset("portrait", people="listed")),
        "appearance": step("appearance.recorded", "gallery", appearance("portrait", "ada")),
        "claim": step("title.claimed", "gallery", claim("gallery", "portrait")),
        "vouch": step("identity.vouched", "notary", vouch("ada")),
        "licence": step("licence.granted", "gallery", licence("gallery", "studio", "portrait")),
        "consent": step("consent.granted", "ada", consent("ada", "studio")),
    }


def reference(name: str = "portrait", role: str = "likeness", **changed: Any) -> Body:
    usual: Body = {
        "asset": id_of(name),
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "role": role,
        "performer": id_of("ada") if role == "likeness" else None,
        "source": None,
        "depicted_age": None,
    }
    return usual | changed


def shown(**changed: Any) -> Body:
    """Return what one performer is shown as and doing."""
    return {"depicts": [], "role": "Mara", "replica_use": "employment_based", "dialogue": None} | changed


def shot(**changed: Any) -> Body:
    """Return the request of the cleared case, with some fields changed."""
    usual: Body = {
        "v": 1,
        "kind": "shot",
        "salt": "AAAAAAAAAAAAAAAAAAAAAA==",
        "for": id_of("studio"),
        "project": id_of("film"),
        "shot": id_of("shot"),
        "engine": "starter",
        "weights": WEIGHTS,
        "references": [reference()],
        "prompt_sha256": SHA,
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["DE", "FR"],
        "languages": ["fr-FR"],
        "window": ["2027-09-01T00:00:00Z", "2029-01-01T00:00:00Z"],
        "scene": ["violence"],
        "scenes": ["12"],
        "by_performer": {id_of("ada"): shown()},
        "rests_on": [],
        "product_categories": [],
        "seconds": 4,
    }
    return usual | changed


def training(*names: str, **changed: Any) -> Body:
    assets = [{"asset": id_of(name), "sha256": hashlib.sha256(name.encode()).hexdigest()} for name in names]
    usual: Body = {
        "v": 1,
        "kind": "train",
        "salt": "AAAAAAAAAAAAAAAAAAAAAA==",
        "for": id_of("studio"),
        "territory": "FR",
        "engine": "starter",
        "manifest_sha256": SHA,
        "epochs": 1,
        "assets": sorted(assets, key=lambda entry: entry["sha256"]),
    }
    return usual | changed


def train_box(aspects: list[str], **changed: Any) -> Body:
    """Return a box that a training run needs."""
    return (
        box(
            acts=["train"],
            aspects=aspects,
            media=["internal"],
            territories=["FR"],
            languages=["zxx"],
            projects=["*"],
            content={"depicts": [], "scene": []},
        )
        | changed
    )


def after(**duration: float) -> datetime:
    return AT + timedelta(**duration)


def each_order(items: list[Envelope], seeds: int) -> Iterator[list[Envelope]]:
    """Yield the items in several orders, the same each run."""
    for seed in range(seeds):
        yield sorted(items, key=lambda item: hashlib.sha256(f"{seed}{item.digest}".encode()).digest())
