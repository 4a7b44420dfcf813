"""
`POST /assets`: keep the bytes of a file, and draft the statement that registers it.

The same party's same bytes answer with that asset. Bytes count for nothing until the drafted `asset.registered` comes
back signed; what the caller does not declare about them is declared unknown.
"""

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.assets import AssetsView
from registry.api.authentication import needs
from registry.api.uploads import UnnamedUpload
from registry.core.assets import ASSET_KINDS, CONTENT_STATES, CONTENTS
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.jcs import Json, parse_json
from registry.core.record import LANGUAGES_SHOWN
from registry.locks import clock
from registry.models import Asset
from registry.services.assets import Deposit, deposit
from registry.services.tokens import Principal
from web.drafts import DraftSerializer, draft
from web.statements import kind_of

MAX_METADATA_BYTES: Final = 64 * 1024


class AssetUploadSerializer(serializers.Serializer):
    """A file, and as JSON text what is said of it."""

    file = serializers.FileField()
    metadata = serializers.CharField(
        help_text='JSON: {"title", "kind", "inventory", "work", "language"}; what `inventory` leaves out is unknown'
    )


class AssetKeptSerializer(serializers.Serializer):
    """What is kept, and the draft to sign; `draft` is null where the asset is registered already."""

    asset = serializers.UUIDField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    media = serializers.JSONField()
    registered = serializers.CharField(allow_null=True, help_text="digest of its asset.registered")
    draft = DraftSerializer(allow_null=True)


class AssetUpload(AssetsView):
    """Keep a file; the list beside it is the registry's own."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": AssetUploadSerializer},
        responses={200: AssetKeptSerializer, 201: AssetKeptSerializer},
        operation_id="assets_create",
    )
    def post(self, request: Request) -> Response:
        request.upload_handlers = [UnnamedUpload(request)]
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise Malformed("missing_field", field="file")
        said = _read_metadata(request.data.get("metadata"))
        kept = deposit(file, party=request.user.party, at=clock())
        registered = Asset.objects.filter(id=kept.asset).values_list("digest", flat=True).first()
        answer = {
            "asset": kept.asset,
            "sha256": kept.sha256,
            "size": kept.size,
            "media": kept.media.format(),
            "registered": registered,
            "draft": None if registered else _draft(kept, said, by=request.user),
        }
        return Response(answer, status=status.HTTP_201_CREATED if kept.first else status.HTTP_200_OK)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [UnnamedUpload(request)]  # before anything reads the body
        return super().initialize_request(request, *args, **kwargs)

    def get_permissions(self) -> list[Any]:
        return [needs("rights")()] if self.request.method == "POST" else super().get_permissions()


def _read_metadata(text: object) -> dict[str, Json]:
    """Read what is said of the file, before its bytes are looked at: a refusal leaves nothing behind."""
    if not isinstance(text, str):
        raise Malformed("missing_field", field="metadata")
    reader = Reader(parse_json(text.encode("utf-8", "surrogatepass"), max_bytes=MAX_METADATA_BYTES), "metadata")
    said: dict[str, Json] = {
        "title": reader.str("title"),
        "kind": reader.choice("kind", ASSET_KINDS),
        "work": reader.opt_uuid("work"),
        "language": reader.opt_choice("language", LANGUAGES_SHOWN) or "en",
        "inventory": dict.fromkeys(CONTENTS, "unknown"),
    }
    if (held := reader.opt_object("inventory")) is not None:
        said["inventory"] = {name: held.opt_choice(name, CONTENT_STATES) or "unknown" for name in CONTENTS}
        held.finish()
    reader.finish()
    return said


def _draft(kept: Deposit, said: dict[str, Json], *, by: Principal) -> dict[str, Json]:
    body: dict[str, Json] = {
        "asset": kept.asset,
        "sha256": kept.sha256,
        "size": kept.size,
        "media": kept.media.format(),
        **{name: said[name] for name in ("title", "kind", "work", "inventory")},
    }
    return draft(
        kind_of("asset.registered"),
        issuer=by.party,
        body=body,
        language=str(said["language"]),
        private=None,
        at=clock(),
    ).format()
