"""
The pages of a person who signs: `/pages/enrol`, `/pages/sign`, `/pages/signed`, and the few files that they load.

A page is the same for everybody and holds no data: its script calls the API with the token that the person brings.
Nothing runs, or is reached, that is not in this folder (``POLICY``).
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.utils.cache import patch_vary_headers

from registry.core.record import LANGUAGES_SHOWN
from web.pages.words import WORDS

FOLDER: Final = Path(__file__).resolve().parent
PAGES: Final = ("enrol", "sign", "signed")
FILES: Final = {
    "bytes.js": "text/javascript",
    "screen.js": "text/javascript",
    "signing.js": "text/javascript",
    "pages.js": "text/javascript",
    "pages.css": "text/css",
    "icon.svg": "image/svg+xml",
}
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",  # what a frame shows around a consent is not ours
        "require-trusted-types-for 'script'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_engine = Engine(dirs=[str(FOLDER / "templates")])


def start(request: HttpRequest) -> HttpResponse:
    """Lead to the page that somebody looks for who knows only the address."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect("/pages/sign" + (f"?{query}" if query else ""))


def page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in PAGES:
        raise Http404
    response = HttpResponse(_written(name, language_of(request)), headers=HEADERS)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def file(request: HttpRequest, name: str) -> HttpResponse:
    if name not in FILES:
        raise Http404
    return HttpResponse(_bytes(name), content_type=f"{FILES[name]}; charset=utf-8", headers=HEADERS)


def language_of(request: HttpRequest) -> str:
    """Return `?language=`, or the first of `Accept-Language` that the pages are written in, or English."""
    asked = request.GET.get("language", "")
    if asked in LANGUAGES_SHOWN:
        return asked
    ranges = request.headers.get("Accept-Language", "").split(",")
    ranked = sorted(ranges, key=_quality, reverse=True)
    accepted = [one.split(";")[0].strip().split("-")[0].lower() for one in ranked if _quality(one) > 0]
    return next((tag for tag in accepted if tag in LANGUAGES_SHOWN), "en")


def _quality(accepted: str) -> float:
    """RFC 9110 section 12.4.2; what cannot be read counts for nothing."""
    _, _, weight = accepted.partition(";q=")
    try:
        return float(weight or 1)
    except ValueError:
        return 0


@cache
def _written(name: str, language: str) -> str:
    words = {word: said[language] for word, said in WORDS.items()}
    others = [tag for tag in sorted(LANGUAGES_SHOWN) if tag != language]
    given = {"name": name, "language": language, "others": others, "pages": PAGES, "w": words}
    return _engine.get_template(f"{name}.html").render(Context(given | {"words": json.dumps(words)}))


@cache
def _bytes(name: str) -> bytes:
    return (FOLDER / "static" / name).read_bytes()
