"""The table of routes is ``web.urls``; what no route or view caught leaves as a problem too."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("web.urls"))] if find_spec("web.urls") else []

handler400 = "config.problems.bad_request"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"
