"""
`GET /assets`, `/assets/{id}` and `/assets/{id}/rights`: what concerns the caller's party.

What does not concern it answers as if it were not there. Depositing is ``web.assets``, which also drafts the statement.
"""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.core.assets import ASSET_KINDS
from registry.core.errors import Malformed
from registry.core.fields import read_digest, read_str, read_uuid
from registry.core.terms import ASPECTS
from registry.errors import Unknown
from registry.models import Appearance, Asset, Component, Dispute, Licence, TitleClaim
from registry.selectors.holdings import Holdings, assets_of, holdings_in

MAX_QUERY_CHARS: Final = 100

MEDIA_HELP: Final = "container, mime, aspects, width, height, alpha, frames, fps, duration_ms, sample_rate, channels"
INVENTORY_HELP: Final = "people, music, artworks, marks, locations: none | listed | unknown"


class AssetSerializer(serializers.Serializer):
    """One registered file."""

    id = serializers.UUIDField()
    digest = serializers.CharField(help_text="of its asset.registered")
    registrant = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ASSET_KINDS)
    title = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    work = serializers.UUIDField(allow_null=True)
    media = serializers.JSONField(help_text=MEDIA_HELP)
    inventory = serializers.JSONField(help_text=INVENTORY_HELP)


class AssetsView(generics.ListAPIView):
    """The assets that concern the caller's party, newest first."""

    serializer_class = AssetSerializer
    queryset = Asset.objects.none()  # for the schema; `get_queryset` answers

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=list(ASSET_KINDS)),
            OpenApiParameter("sha256", str, description="of the bytes"),
            OpenApiParameter("q", str, description="part of the title"),
        ],
        operation_id="assets_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Asset]:
        asked = self.request.query_params
        rows = assets_of(self.request.user.party)
        if (kind := asked.get("kind")) is not None:
            if kind not in ASSET_KINDS:
                raise Malformed("bad_value", field="kind", value=kind, wanted=" | ".join(ASSET_KINDS))
            rows = rows.filter(kind=kind)
        if (sha256 := asked.get("sha256")) is not None:
            rows = rows.filter(sha256=read_digest(sha256, "sha256"))
        if (words := asked.get("q")) is not None:
            rows = rows.filter(title__icontains=read_str(words, "q", max_chars=MAX_QUERY_CHARS))
        return rows


class AssetView(APIView):
    """One asset."""

    @extend_schema(responses=AssetSerializer, operation_id="assets_read")
    def get(self, request: Request, asset: str) -> Response:
        return Response(AssetSerializer(_concerning(request, asset)).data)


class _Title(serializers.Serializer):
    digest = serializers.CharField()
    claimant = serializers.UUIDField()
    subject = serializers.JSONField(help_text="the asset, or the work it belongs to")
    right = serializers.CharField()
    nature = serializers.CharField()
    ended = serializers.CharField(allow_null=True, help_text="what upheld a dispute of it")
    logged = serializers.BooleanField(help_text="under a published checkpoint, so that decisions see it")


class _Dispute(serializers.Serializer):
    digest = serializers.CharField()
    target = serializers.CharField(help_text="digest of the title claim")
    by = serializers.UUIDField()
    issued_at = serializers.DateTimeField()
    outcome = serializers.CharField(allow_null=True, help_text="withdrawn | dismissed | upheld | settled")
    logged = serializers.BooleanField()


class _Licence(serializers.Serializer):
    digest = serializers.CharField()
    type = serializers.CharField()
    licensor = serializers.UUIDField()
    licensee = serializers.UUIDField()
    exclusivity = serializers.ChoiceField(choices=["none", "sole", "exclusive"])
    parent = serializers.CharField(allow_null=True)
    confirmed = serializers.CharField(allow_null=True)
    denied = serializers.CharField(allow_null=True)
    terminated = serializers.CharField(allow_null=True)
    ended = serializers.CharField(allow_null=True)
    logged = serializers.BooleanField()


class _Appearance(serializers.Serializer):
    digest = serializers.CharField()
    performer = serializers.UUIDField()
    aspects = serializers.ListField(child=serializers.CharField())
    spans = serializers.JSONField(allow_null=True, help_text="frames, or null for the whole asset")
    recognisable = serializers.BooleanField()
    claimed = serializers.BooleanField()
    logged = serializers.BooleanField()


class _Component(serializers.Serializer):
    digest = serializers.CharField()
    component = serializers.UUIDField()
    aspects = serializers.ListField(child=serializers.CharField())
    spans = serializers.JSONField(allow_null=True)
    logged = serializers.BooleanField()


class AssetRightsSerializer(serializers.Serializer):
    """What is held and granted in an asset, by the digests of the statements that say so."""

    asset = serializers.UUIDField()
    sha256 = serializers.CharField()
    inventory = serializers.JSONField(help_text=INVENTORY_HELP)
    titles = _Title(many=True)
    disputes = _Dispute(many=True)
    licences = _Licence(many=True)
    appearances = _Appearance(many=True)
    components = _Component(many=True)


class AssetRightsView(APIView):
    """What is held and granted in one asset, as far as the caller's party is concerned."""

    @extend_schema(responses=AssetRightsSerializer, operation_id="assets_rights")
    def get(self, request: Request, asset: str) -> Response:
        row = _concerning(request, asset)
        return Response(_describe(row, holdings_in(row, party=request.user.party)))


def _concerning(request: Request, asset: str) -> Asset:
    row = assets_of(request.user.party).filter(id=read_uuid(asset, "asset")).first()
    if row is None:
        raise Unknown(kind="asset", id=asset, status=404)
    return row


def _describe(asset: Asset, held: Holdings) -> dict[str, Any]:
    rows: list[TitleClaim | Dispute | Licence | Appearance | Component] = [
        *held.titles,
        *held.disputes,
        *held.licences,
        *held.appearances,
        *held.components,
    ]
    numbers = log.indices(row.digest for row in rows)
    described = {row.digest: _one(row) | {"logged": numbers[row.digest] is not None} for row in rows}
    return {
        "asset": asset.id,
        "sha256": asset.sha256,
        "inventory": asset.inventory,
        "titles": [described[row.digest] for row in held.titles],
        "disputes": [described[row.digest] for row in held.disputes],
        "licences": [described[row.digest] for row in held.licences],
        "appearances": [described[row.digest] for row in held.appearances],
        "components": [described[row.digest] for row in held.components],
    }


_FIELDS: Final[dict[type, tuple[str, ...]]] = {
    TitleClaim: ("digest", "claimant", "right", "nature", "ended"),
    Dispute: ("digest", "target", "by", "issued_at", "outcome"),
    Licence: (
        "digest",
        "type",
        "licensor",
        "licensee",
        "exclusivity",
        "parent",
        "confirmed",
        "denied",
        "terminated",
        "ended",
    ),
    Appearance: ("digest", "performer", "spans", "recognisable", "claimed"),
    Component: ("digest", "component", "spans"),
}


def _one(row: TitleClaim | Dispute | Licence | Appearance | Component) -> dict[str, Any]:
    described = {name: getattr(row, name) for name in _FIELDS[type(row)]}
    if isinstance(row, TitleClaim):
        described["subject"] = {"kind": row.subject_kind, "id": row.subject_id}
    if isinstance(row, Appearance | Component):
        described["aspects"] = ASPECTS.names(row.aspects)
    return described
