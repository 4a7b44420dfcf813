"""
What a finished file says about itself, as values and as the JSON of a C2PA manifest.

A ``Credential`` names the clearance, its proof, the grounds, the weights and the references, by digest: no person, no
title, no file name, no thumbnail. ``manifest`` writes it for the library that signs; ``from_manifest`` reads it back,
strictly, from what that library reports of a file. Whether the signature stands is asked elsewhere
(``generation.verify.manifest``); whether the digests are true, in ``generation.core.verify``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from consent.core.cleared import MAX_GROUNDS, read_ground
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_list, require_sorted
from registry.core.jcs import Json

LABEL = "org.proviso.clearance"
ACTIONS = "c2pa.actions.v2"
TRAINING_MINING = "cawg.training-mining"
SPEC_VERSION = "2.2.0"  # of the C2PA specification whose forms are written here
MAX_PROOF_CHARS = 128 * 1024

State = Literal["Trusted", "Valid", "Expired", "Invalid", "Missing"]
Relationship = Literal["inputTo", "componentOf"]
_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"  # IPTC's vocabulary, which C2PA names its sources by
GENERATED = _SOURCES + "trainedAlgorithmicMedia"
COMPOSITE = _SOURCES + "compositeWithTrainedAlgorithmicMedia"
_BY_DIGEST = "sha256:"  # an ingredient is named by the digest of its bytes, nothing else
_FORBIDDEN = MappingProxyType(
    {
        f"cawg.{use}": {"use": "notAllowed"}
        for use in ("ai_generative_training", "ai_inference", "ai_training", "data_mining")
    }
)
# Roles whose pixels or samples come out again in the result; of the others only what was learnt from them does.
CARRIED_ROLES = frozenset(
    {"first_frame", "last_frame", "keyframe", "extend", "inpaint", "face_replace", "age_change", "dub", "lipsync"}
)


def relationship_of(role: str) -> Relationship:
    """Return how a reference in this role stands to the result, in C2PA's words."""
    return "componentOf" if role in CARRIED_ROLES else "inputTo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """One reference of the shot: its role, how it went in, the digest of its bytes."""

    role: str
    relationship: Relationship
    sha256: str

    @classmethod
    def parse(cls, obj: object, path: str) -> "Ingredient":
        """Read one ingredient as the C2PA library reports it; anything that says more about it is refused."""
        body = Reader(obj, path)
        body.opt_raw("label")
        named = body.str("instance_id", max_chars=80)
        if not named.startswith(_BY_DIGEST):
            raise Malformed("bad_value", field=body.at("instance_id"), value=named, wanted="sha256:<64 hex digits>")
        carried = body.choice("relationship", ("inputTo", "componentOf")) == "componentOf"
        ingredient = cls(
            role=body.str("description", max_chars=40),
            relationship="componentOf" if carried else "inputTo",
            sha256=read_digest(named.removeprefix(_BY_DIGEST), body.at("instance_id")),
        )
        body.finish()
        return ingredient

    def format(self, label: str) -> dict[str, Json]:
        return {
            "label": label,
            "instance_id": _BY_DIGEST + self.sha256,
            "relationship": self.relationship,
            "description": self.role,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """The papers inside the file."""

    clearance: str  # digest of its `clearance.issued`
    proof: str  # the clearance's receipt, tlog-proof
    grounds: tuple[tuple[str, str], ...]  # (digest, assurance), sorted
    weights: str  # SHA-256 of the model's file
    training_root: str  # Merkle root of its training manifest
    ingredients: tuple[Ingredient, ...]
    composite: bool  # whether pixels of a reference were carried over

    def assertion(self) -> dict[str, Json]:
        """Write the assertion ``org.proviso.clearance`` (``docs/formats.md`` section 8)."""
        return {
            "v": 1,
            "clearance": self.clearance,
            "proof": self.proof,
            "grounds": [[digest, assurance] for digest, assurance in self.grounds],
            "weights": self.weights,
            "training_root": self.training_root,
        }

    def manifest(self, *, engine: str, version: str) -> dict[str, Any]:
        """Write the definition from which the C2PA library makes and signs the manifest."""
        labels = [f"reference-{number}" for number, _ in enumerate(self.ingredients, start=1)]
        return {
            "claim_generator_info": [{"name": "Proviso", "version": version, "specVersion": SPEC_VERSION}],
            "format": "video/mp4",
            "ingredients": [i.format(label) for i, label in zip(self.ingredients, labels, strict=True)],
            "assertions": [
                {"label": ACTIONS, "data": {"actions": self._actions(labels, engine), "allActionsIncluded": True}},
                {"label": TRAINING_MINING, "data": {"entries": dict(_FORBIDDEN)}},
                {"label": LABEL, "data": self.assertion()},
            ],
        }

    def _actions(self, labels: Sequence[str], engine: str) -> list[dict[str, Any]]:
        """`c2pa.created` takes the inputs; what was carried over is `c2pa.placed`, as the specification asks."""
        named = list(zip(self.ingredients, labels, strict=True))
        created: dict[str, Any] = {
            "action": "c2pa.created",
            "digitalSourceType": COMPOSITE if self.composite else GENERATED,
            "softwareAgent": {"name": engine},
        }
        inputs = [label for ingredient, label in named if ingredient.relationship == "inputTo"]
        if inputs:
            created["parameters"] = {"ingredientIds": inputs}
        placed = [
            {"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}}
            for ingredient, label in named
            if ingredient.relationship == "componentOf"
        ]
        return [created, *placed]

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> "Credential":
        """Read the credential of a manifest; raises ``Malformed`` where it does not say exactly what ours say."""
        assertions = _by_label(manifest)
        source = _source(assertions[ACTIONS])
        if assertions[TRAINING_MINING] != {"entries": dict(_FORBIDDEN)}:
            raise Malformed("bad_value", field=TRAINING_MINING, wanted="every use not allowed")
        body = Reader(assertions[LABEL], LABEL)
        body.int("v", 1, 1)
        grounds = body.list_of("grounds", read_ground, max_items=MAX_GROUNDS)
        require_sorted([digest for digest, _ in grounds], body.at("grounds"))
        credential = cls(
            clearance=body.digest("clearance"),
            proof=body.str("proof", max_chars=MAX_PROOF_CHARS),
            grounds=grounds,
            weights=body.digest("weights"),
            training_root=body.digest("training_root"),
            ingredients=read_list(manifest.get("ingredients", []), "ingredients", Ingredient.parse),
            composite=source == COMPOSITE,
        )
        body.finish()
        return credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What the C2PA library says of a file; it alone looks at the file's own signature and hashes."""

    state: State  # Trusted: all stands, and the signer leads to an anchor given. Expired: all but its time stands
    manifest: Mapping[str, Any]  # the active one, as the library reports it
    failures: tuple[str, ...]  # C2PA's codes, of the manifest and of its ingredients; or why there is none
    signer: str
    stamped_at: str | None = None  # by a time stamp that leads to an anchor given; RFC 3339
    stamped_by: str = ""


def _by_label(manifest: Mapping[str, Any]) -> dict[str, object]:
    """Return our three assertions, each there once and vouched for by the signer (`created`, not `gathered`)."""
    found: dict[str, object] = {}
    listed = manifest.get("assertions")
    for number, assertion in enumerate(listed if isinstance(listed, list) else []):
        label = assertion.get("label") if isinstance(assertion, dict) else None
        if label not in (ACTIONS, TRAINING_MINING, LABEL):
            continue
        if label in found or assertion.get("created") is not True:
            raise Malformed("bad_value", field=f"assertions[{number}]", value=label, wanted="once, by the signer")
        found[label] = assertion.get("data")
    for label in (ACTIONS, TRAINING_MINING, LABEL):
        if label not in found:
            raise Malformed("missing_field", field=label)
    return found


def _source(actions: object) -> str:
    """Return the digital source type of the one ``c2pa.created``."""
    listed = actions.get("actions") if isinstance(actions, dict) else None
    created = [a for a in listed or [] if isinstance(a, dict) and a.get("action") == "c2pa.created"]
    source = created[0].get("digitalSourceType") if len(created) == 1 else None
    if source not in (GENERATED, COMPOSITE):
        raise Malformed("bad_value", field=ACTIONS, value=source, wanted="one c2pa.created of generated media")
    return str(source)
