"""The table of routes is ``web.urls``; what no route or view caught leaves as a problem too."""

from django.urls import include, path

urlpatterns = [path("", include("web.urls"))]

handler400 = "config.problems.bad_request"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"
