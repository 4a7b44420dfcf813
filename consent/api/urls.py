"""Routes of the consent app, under `/api/v1/`."""

from django.urls import path

from consent.api.consents import Consents

urlpatterns = [path("consents", Consents.as_view())]
