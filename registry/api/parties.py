"""`GET /parties/{id}`: who a party is, which keys it has and who vouches for it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.core.fields import read_uuid
from registry.core.record import Party as PartyRecord
from registry.errors import Unknown
from registry.models import Affiliation, Key, Party, Vouch
from registry.selectors.parties import party_records


class _Key(serializers.Serializer):
    keyid = serializers.CharField()
    kind = serializers.CharField()
    added = serializers.DateTimeField()
    added_by = serializers.CharField()
    revoked = serializers.DateTimeField(allow_null=True)
    revoked_by = serializers.CharField(allow_null=True)


class _Vouch(serializers.Serializer):
    digest = serializers.CharField()
    voucher = serializers.UUIDField()
    level = serializers.ChoiceField(choices=["email", "document", "in_person"])


class PartySerializer(serializers.Serializer):
    """A party. Personal details are there for the party itself only."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["person", "organisation"])
    digest = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="null once erased")
    affiliates = serializers.ListField(child=serializers.UUIDField())
    keys = _Key(many=True)
    vouches = _Vouch(many=True)
    personal = serializers.JSONField(allow_null=True)


class PartyView(APIView):
    """One party."""

    @extend_schema(responses=PartySerializer, operation_id="parties_read")
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
                "keys": list(
                    Key.objects.filter(party=party)
                    .order_by("added", "keyid")
                    .values("keyid", "kind", "added", "added_by", "revoked", "revoked_by")
                ),
                "vouches": list(
                    Vouch.objects.filter(party=party).order_by("digest").values("digest", "voucher", "level")
                ),
                "personal": None if record is None or request.user.party != party else _personal(record),
            }
        )


def _personal(record: PartyRecord) -> dict[str, Any]:
    return {
        "born": record.born,
        "domicile": record.domicile,
        "unions": record.unions,
        "identifiers": dict(record.identifiers),
    }
