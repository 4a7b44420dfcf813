"""The table of routes: what is public of the log under `/log/`, pages under `/pages/`, all else under `/api/v1/`."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from registry.api import documentation
from registry.api.assets import AssetRightsView, AssetView
from registry.api.authorities import AuthoritiesView
from registry.api.challenges import AnswerView, ChallengesView, ChallengeView
from registry.api.documents import DocumentsView, DocumentView
from registry.api.licences import LicencesView, LicenceView
from registry.api.notices import NoticeReadView, NoticesView
from registry.api.parties import PartyView
from registry.api.party_statements import PartyStatementsView
from registry.api.passkeys import PasskeyChallengesView, PasskeysView
from registry.api.projects import ProjectView
from registry.api.statements import ProofView, StatementView
from web.assets import AssetUpload
from web.checks import CheckView
from web.drafts import DraftView
from web.interchange.api import ExportView, ImportView, ProfileView
from web.pages.api import TokenView
from web.record.api import RecordView
from web.statements import StatementsView

assert documentation  # imported for the schema: how a token is sent

api = [
    path("assets", AssetUpload.as_view()),
    path("assets/<str:asset>", AssetView.as_view()),
    path("assets/<str:asset>/rights", AssetRightsView.as_view()),
    path("authorities", AuthoritiesView.as_view()),
    path("challenges/<str:challenge>", ChallengeView.as_view()),
    path("challenges/<str:challenge>/answer", AnswerView.as_view()),
    path("clearances/check", CheckView.as_view()),
    path("documents", DocumentsView.as_view()),
    path("documents/<str:sha256>", DocumentView.as_view()),
    path("statements", StatementsView.as_view()),
    path("statements/draft", DraftView.as_view()),
    path("statements/<str:digest>", StatementView.as_view()),
    path("statements/<str:digest>/proof", ProofView.as_view()),
    path("statements/<str:digest>/record.pdf", RecordView.as_view()),
    path("parties/<str:party>", PartyView.as_view()),
    path("parties/<str:party>/challenges", ChallengesView.as_view()),
    path("parties/<str:party>/notices", NoticesView.as_view()),
    path("parties/<str:party>/notices/<str:digest>/read", NoticeReadView.as_view()),
    path("parties/<str:party>/statements", PartyStatementsView.as_view()),
    path("passkeys", PasskeysView.as_view()),
    path("passkeys/challenges", PasskeyChallengesView.as_view()),
    path("projects/<str:project>", ProjectView.as_view()),
    path("token", TokenView.as_view()),
    path("licences", LicencesView.as_view()),
    path("licences/<str:digest>", LicenceView.as_view()),
    path("interchange/import", ImportView.as_view()),
    path("interchange/export", ExportView.as_view()),
    path("interchange/odrl-profile", ProfileView.as_view()),
    path("", include("consent.api.urls")),
    path("", include("generation.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema")),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("log/", include("registry.api.log")),
    path("pages/", include("web.pages.urls")),
]
