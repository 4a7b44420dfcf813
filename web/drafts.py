"""
Draft a statement: the bytes to sign, and the text to read first.

1. Expand what stands for several things: territory groups, bare languages, project nodes with all below them. Only
   here; a signed statement lists what it means.
2. Sort what stands for a set, and say what is usual where the kind knows it and the body is silent.
3. Read the body as it will be read when it comes back signed, so that a draft that cannot be accepted is no draft.
4. Write the text in the signer's language, and put its hash, and that of the salted private part, into the body.
5. Number and date the statement.

A draft changes nothing and is not kept.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from uuid6 import uuid7

from generation.core.pay import check_private
from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.envelope import NONCE_BYTES, PAYLOAD_TYPE, format_statement, pae
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_uuid
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.record import LANGUAGES_SHOWN
from registry.core.terms import ALL, LANGUAGES, expand_languages, expand_territories
from registry.core.times import whole_second
from registry.errors import NotTheIssuer
from registry.kinds.kind import Kind
from registry.locks import clock
from registry.selectors.names import names_for
from registry.selectors.projects import with_descendants
from web.statements import kind_of

SALT_BYTES: Final = 16
_OF_BODIES = {
    "affiliates",
    "agents",
    "agreements",
    "aspects",
    "court_officers",
    "excepted_projects",
    "future_projects",
    "grants",
    "powers",
    "product_categories",
    "projects",
    "replica_use",
    "scenes",
    "supersedes",
    "unions",
}
_OF_SCOPES = {"acts", "aspects", "languages", "media", "purposes", "territories"}
SETS: Final = frozenset(_OF_BODIES | _OF_SCOPES)  # fields in which order means nothing
_OURS: Final = ("language", "text_sha256", "private_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a signer needs: sign ``PAE(type, payload)`` and send envelope, text and private part back."""

    payload: bytes
    text: str
    private: Json

    def format(self) -> dict[str, Json]:
        signed = pae(PAYLOAD_TYPE, self.payload)
        return {
            "payload": base64.b64encode(self.payload).decode(),
            "pae_sha256": hashlib.sha256(signed).hexdigest(),
            "text": self.text,
            "private": self.private,
        }


def draft(
    kind: Kind,
    *,
    issuer: str,
    body: Mapping[str, Json],
    language: str,
    private: Json,
    at: datetime,
    shown_to: str | None = None,
) -> Draft:
    """
    Draft a statement of this kind; raises a ``DomainError`` where it could not be read back.

    The text names a deal by its sides only where ``shown_to``, by default the issuer, may read it.
    """
    if kind.effect == "records":
        raise NotTheIssuer(type=kind.type, issuer=issuer)
    check_private(kind.type, private)
    expanded = {**kind.usual, **expand(body)}
    reader = Reader({name: value for name, value in expanded.items() if name not in _OURS}, "body")
    record = kind.parse(reader)
    reader.finish()
    text = kind.describe(record, language, names_for(shown_to or issuer, at=at))
    salted = _salted(private)
    expanded |= {
        "language": language,
        "text_sha256": sha256_hex(text.encode()),
        "private_sha256": None if salted is None else sha256_hex(canonical(salted)),
    }
    payload = format_statement(
        type=kind.type,
        id=str(uuid7()),
        issued_at=whole_second(at),
        issuer=issuer,
        nonce=secrets.token_bytes(NONCE_BYTES),
        body=expanded,
    )
    return Draft(payload=payload, text=text, private=salted)


def expand(body: Mapping[str, Json], path: str = "body") -> dict[str, Json]:
    """Return the body with groups expanded and sets sorted; what is malformed stays so for the reader to refuse."""
    expanded = {name: _sorted(value) if name in SETS else value for name, value in body.items()}
    for name, value in expanded.items():
        if name == "scopes" and isinstance(value, list):
            boxes = [_expand_scope(scope, f"{path}.scopes[{number}]") for number, scope in enumerate(value)]
            expanded[name] = _by_bytes(boxes)
        elif name == "terms" and isinstance(value, dict):
            expanded[name] = expand(value, f"{path}.terms")
        elif name in LISTS and isinstance(value, list):
            held = [
                expand(one, f"{path}.{name}[{number}]") if isinstance(one, dict) else one
                for number, one in enumerate(value)
            ]
            expanded[name] = LISTS[name](held)
    return expanded


def _by_bytes(items: list[Json]) -> Json:
    return [*sorted(items, key=lambda one: canonical(one).decode())]


def _by_kind(items: list[Json]) -> Json:
    return _by_fields(items, "kind", "id")


def _by_name(items: list[Json]) -> Json:
    return _by_fields(items, "option")


def _by_scheme(items: list[Json]) -> Json:
    named = [one if isinstance(one, dict) else {} for one in items]
    order = sorted(range(len(items)), key=lambda n: (str(named[n].get("scheme")), str(named[n].get("value"))))
    return [items[n] for n in order]


def _by_fields(items: list[Json], *fields: str) -> Json:
    return [
        *sorted(items, key=lambda one: " ".join(str(one.get(name)) for name in fields) if isinstance(one, dict) else "")
    ]


# Lists of objects that stand for sets, and how such a set is sorted.
LISTS: Final[Mapping[str, Callable[[list[Json]], Json]]] = {
    "approvals": _by_bytes,
    "confirms": _by_scheme,
    "disclaims": _by_scheme,
    "holdbacks": _by_bytes,
    "members": _by_kind,
    "options": _by_name,
    "subjects": _by_kind,
}


def _sorted(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [*sorted({str(item) for item in value})]
    return value


def _expand_scope(scope: Json, path: str) -> Json:
    if not isinstance(scope, dict):
        return scope
    box = {name: _sorted(value) if name in SETS else value for name, value in scope.items()}
    if (territories := _names(box.get("territories"))) is not None:
        box["territories"] = [*sorted(expand_territories(territories, field=f"{path}.territories"))]
    if (languages := _names(box.get("languages"))) is not None:
        tags = expand_languages(languages, field=f"{path}.languages")
        box["languages"] = [ALL] if tags == set(LANGUAGES.terms) else [*sorted(tags)]
    if isinstance(projects := box.get("projects"), list):
        box["projects"] = [*sorted({id_ for node in projects for id_ in _expand_project(node, f"{path}.projects")})]
    if isinstance(content := box.get("content"), dict):
        box["content"] = {name: _sorted(value) for name, value in content.items()}
    return box


def _names(value: Json) -> list[str] | None:
    """Return a list of texts; None where it is something else, which the reader refuses."""
    if not isinstance(value, list):
        return None
    names = [item for item in value if isinstance(item, str)]
    return names if len(names) == len(value) else None


def _expand_project(node: Json, path: str) -> list[str]:
    """`{"id": …, "expand": true}` is the project and all below it."""
    if isinstance(node, str):
        return [node]
    reader = Reader(node, path)
    project, whole = read_uuid(reader.raw("id"), reader.at("id")), reader.opt_bool("expand")
    reader.finish()
    return with_descendants(project) if whole else [project]


def _salted(private: Json) -> Json:
    if private is None:
        return None
    if not isinstance(private, dict):
        raise Malformed("bad_type", field="private", wanted="an object")
    return {"salt": base64.b64encode(secrets.token_bytes(SALT_BYTES)).decode()} | private


class DraftRequestSerializer(serializers.Serializer):
    """What to draft. Territory groups, bare languages and project nodes may stand in `body.scopes`."""

    type = serializers.CharField()
    issuer = serializers.UUIDField()
    body = serializers.JSONField(help_text="the fields of the kind, without those that the draft fills in")
    language = serializers.ChoiceField(choices=LANGUAGES_SHOWN)
    private = serializers.JSONField(allow_null=True, required=False)


class DraftSerializer(serializers.Serializer):
    """The bytes to sign and the text to read."""

    payload = serializers.CharField(help_text="base64 of the canonical payload")
    pae_sha256 = serializers.CharField(help_text="SHA-256 of what is signed: DSSE PAE of payload type and payload")
    text = serializers.CharField()
    private = serializers.JSONField(allow_null=True, help_text="with its salt, to be sent back as it is")


class DraftView(APIView):
    """Draft a statement for its issuer to read and sign."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("sign", "rights", "produce", "enrol")]

    @extend_schema(request=DraftRequestSerializer, responses=DraftSerializer, operation_id="statements_draft")
    def post(self, request: Request) -> Response:
        reader = Reader(request.data)
        kind = kind_of(reader.str("type"))
        issuer, language = reader.uuid("issuer"), reader.choice("language", LANGUAGES_SHOWN)
        body, private = reader.raw("body"), reader.opt_raw("private")
        reader.finish()
        if not isinstance(body, dict):
            raise Malformed("bad_type", field="body", wanted="an object")
        drafted = draft(
            kind,
            issuer=issuer,
            body=body,
            language=language,
            private=private,
            at=clock(),
            shown_to=request.user.party,
        )
        return Response(drafted.format())
