"""`/approvals`: what waits for the caller's yes or no; the answer itself is a signed statement."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from generation.core.states import STATES
from generation.models import Shot
from generation.selectors.approvals import asked_of, asking, voices_of
from registry.api.authentication import needs


class AskedForm(serializers.Serializer):
    """A word that is waited for: `approval.given` or `approval.declined` with this shot, grant and `on`."""

    grant = serializers.CharField(help_text="digest")
    by = serializers.UUIDField(help_text="whose word it is")
    on = serializers.ChoiceField(choices=["spec", "result"])
    due = serializers.DateTimeField(allow_null=True, help_text="from when silence answers; null: not yet, or never")
    use = serializers.UUIDField(allow_null=True, help_text="of a released shot; null: of the shot itself")


class ApprovalForm(serializers.Serializer):
    """A shot that waits; its preview is at `/shots/{id}/preview` until it is released."""

    shot = serializers.UUIDField()
    project = serializers.UUIDField()
    shot_code = serializers.CharField()
    take = serializers.IntegerField()
    state = serializers.ChoiceField(choices=sorted(STATES))
    asked = AskedForm(many=True)


class ApprovalsView(GenericAPIView):
    """Shots that wait for the caller's party, or for somebody for whom it approves, newest first."""

    permission_classes = [needs("read", "rights", "sign")]
    queryset = Shot.objects.none()  # for the schema; `get` answers
    serializer_class = ApprovalForm

    @extend_schema(responses=ApprovalForm(many=True), operation_id="approvals_list")
    def get(self, request: Request) -> Response:
        voices = voices_of(request.user)
        page = self.paginate_queryset(asking(voices)) or []
        return self.get_paginated_response(
            [
                {
                    "shot": shot.id,
                    "project": shot.project,
                    "shot_code": shot.shot_code,
                    "take": shot.take,
                    "state": shot.state,
                    "asked": asked_of(shot, voices),
                }
                for shot in page
            ]
        )
