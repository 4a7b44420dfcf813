"""`GET /parties/{id}`: who a party is, which keys it has, and how sure that is."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.core.fields import read_uuid
from registry.core.record import VOUCH_LEVELS
from registry.core.record import Party as PartyRecord
from registry.errors import Unknown
from registry.locks import clock
from registry.models import Affiliation, Key, Party
from registry.selectors.authorities import principals_of
from registry.selectors.identities import LEVELS, held_by, level_of, serves, vouches_of
from registry.selectors.parties import kind_of, party_records


class _Key(serializers.Serializer):
    keyid = serializers.CharField()
    kind = serializers.CharField()
    added = serializers.DateTimeField()
    added_by = serializers.CharField()
    revoked = serializers.DateTimeField(allow_null=True)
    revoked_by = serializers.CharField(allow_null=True)
    recovered_by = serializers.UUIDField(allow_null=True, help_text="the agent who brought it")
    ripe_at = serializers.DateTimeField(allow_null=True, help_text="a recovered key counts from then on")


class _Vouch(serializers.Serializer):
    """Who vouched for the party, and when."""

    digest = serializers.CharField()
    voucher = serializers.UUIDField()
    level = serializers.ChoiceField(choices=VOUCH_LEVELS)
    accepted_at = serializers.DateTimeField(allow_null=True)
    checked_on = serializers.DateField(allow_null=True)
    method = serializers.CharField(allow_null=True)
    challenge = serializers.UUIDField(allow_null=True, help_text="that the party answered: `GET /challenges/{id}`")
    confirms = serializers.ListField(child=serializers.CharField(), help_text="schemes of the identifiers checked")
    logged = serializers.BooleanField(help_text="under a published checkpoint, so that decisions see it")
    independent = serializers.BooleanField(allow_null=True, help_text="of `grantee`; null where none was named")


class PartySerializer(serializers.Serializer):
    """A party. Personal details are there for the party itself only."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["person", "organisation"])
    digest = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="null once erased")
    affiliates = serializers.ListField(child=serializers.UUIDField())
    keys = _Key(many=True)
    level = serializers.ChoiceField(
        choices=LEVELS, help_text="the best level at which anybody vouched for it; a consent needs `document` or more"
    )
    held = serializers.BooleanField(
        help_text="another party states the same ISNI, HAND id or alias, and nobody independent has confirmed whose it "
        "is: until then what this person consents to counts for nothing"
    )
    held_by = serializers.ListField(
        allow_null=True, child=serializers.CharField(), help_text="schemes; null for who may not see them"
    )
    serves = serializers.BooleanField(
        allow_null=True, help_text="a consent to `grantee` may rest on who this is; null where none was named"
    )
    vouches = serializers.ListField(
        child=_Vouch(), help_text="all of them for the party and who may view for it, its own for a voucher"
    )
    personal = serializers.JSONField(allow_null=True)


class PartyView(APIView):
    """One party."""

    @extend_schema(
        parameters=[
            OpenApiParameter("grantee", str, description="before whom the identity is to stand: its own ties count")
        ],
        responses=PartySerializer,
        operation_id="parties_read",
    )
    def get(self, request: Request, party: str) -> Response:
        row = Party.objects.filter(id=read_uuid(party, "party")).first()
        if row is None:
            raise Unknown(kind="party", id=party, status=404)
        record = party_records([party]).get(party)
        return Response(
            {
                "id": row.id,
                "kind": row.kind,
                "digest": row.digest,
                "name": None if record is None else record.name,
                "affiliates": list(Affiliation.objects.filter(party=party).values_list("affiliate", flat=True)),
                "keys": list(Key.objects.filter(party=party).order_by("added", "keyid").values(*_Key().fields)),
                **_identity(party, request),
                "personal": None if record is None or request.user.party != party else _personal(record),
            }
        )


def _identity(party: str, request: Request) -> dict[str, Any]:
    reader, at, grantee = request.user.party, clock(), request.query_params.get("grantee")
    if grantee is not None:
        kind_of(read_uuid(grantee, "grantee"), field="grantee")
    held = held_by(party, grantee)
    own_side = reader == party or party in principals_of(reader, power="view", at=at)
    return {
        "level": level_of(party),
        "held": bool(held),
        "held_by": list(held) if own_side else None,
        "serves": None if grantee is None else serves(party, grantee),
        "vouches": [asdict(one) for one in vouches_of(party, reader=reader, at=at, grantee=grantee)],
    }


def _personal(record: PartyRecord) -> dict[str, Any]:
    return {
        "born": record.born,
        "domicile": record.domicile,
        "unions": record.unions,
        "identifiers": dict(record.identifiers),
    }
