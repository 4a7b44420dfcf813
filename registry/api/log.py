"""
Serve the log as the files it is: no SQL, no session, cacheable by anybody.

A full tile never changes, nor does a partial one of a given width; only the checkpoint does. Any static web server may
serve ``LOG_DIR`` in place of these views. Included under ``/log/``.
"""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import path, re_path
from django.views.decorators.http import require_safe

from registry.core.errors import BadProof
from registry.core.jcs import sha256_hex
from registry.core.tiles import parse_tile_path
from registry.log import vkeys
from registry.log.folder import log_dir, read_checkpoint

IMMUTABLE = f"public, max-age={timedelta(days=365) // timedelta(seconds=1)}, immutable"
BRIEF = "public, max-age=1, must-revalidate"  # how stale a checkpoint may be read
TEXT = "text/plain; charset=utf-8"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Return the newest signed checkpoint."""
    note = read_checkpoint()
    if note is None:
        raise Http404
    etag = f'"{sha256_hex(note)[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": BRIEF})
    return HttpResponse(note, content_type=TEXT, headers={"ETag": etag, "Cache-Control": BRIEF})


@require_safe
def tile(request: HttpRequest, name: str) -> HttpResponse:
    """Return a tile or an entry bundle; its path must have the one spelling that tlog-tiles gives it."""
    try:
        data = (log_dir() / parse_tile_path(name).path).read_bytes()
    except (BadProof, FileNotFoundError) as error:
        raise Http404 from error
    return HttpResponse(data, content_type="application/octet-stream", headers={"Cache-Control": IMMUTABLE})


@require_safe
def verifier_key(request: HttpRequest) -> HttpResponse:
    """Return the log's verifier keys, one a line, that of Ed25519 first."""
    lines = "".join(f"{key}\n" for key in vkeys())
    return HttpResponse(lines, content_type=TEXT, headers={"Cache-Control": "public, max-age=3600"})


urlpatterns = [
    path("checkpoint", checkpoint),
    path("vkey", verifier_key),
    re_path(r"^(?P<name>tile/.+)$", tile),
]
