"""
A real browser with an authenticator of its own: headless Chromium, driven by Playwright.

Needs a Chromium on the PATH and the `playwright` package; a test asks for the fixture ``browser`` and skips, saying so,
where one is missing. The origin is `http://localhost:<port>`: browsers make no passkeys for 127.0.0.1.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PATIENCE_MS = 60_000  # of every step: other tests may have the processor, and a first PDF loads its fonts
AT_REST = "body:not([aria-busy])"


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium for as long as the block lasts; skips where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="the browser's tests need the package playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("the browser's tests need chromium: apt-get install chromium")
    connections.close_all()  # while a loop runs in this thread Django sees others, and nobody could close these
    with pytest.MonkeyPatch.context() as patch, api.sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django would take every query for one from a coroutine.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS), env=dict(os.environ))
        try:
            yield chromium
        finally:
            chromium.close()


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A person with a browser of their own: a page, its authenticators, and all that went wrong or went elsewhere."""

    origin: str
    page: Page
    devtools: Any
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # addresses of other hosts that were asked for

    @classmethod
    @contextmanager
    def at(cls, browser: Browser, origin: str, *, width: int = 1280, **context: Any) -> Iterator[Visitor]:
        own = browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB", **context)
        page = own.new_page()
        page.set_default_timeout(PATIENCE_MS)
        visitor = cls(origin=origin, page=page, devtools=own.new_cdp_session(page))
        page.on("console", lambda said: visitor.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        page.on("request", lambda request: visitor._note(request.url))
        visitor.devtools.send("WebAuthn.enable")
        try:
            yield visitor
        finally:
            own.close()

    def authenticator(self, **fields: Any) -> str:
        """Plug in a virtual authenticator; it holds three resident credentials at most."""
        options = {"options": AUTHENTICATOR | fields}
        return str(self.devtools.send("WebAuthn.addVirtualAuthenticator", options)["authenticatorId"])

    def presence(self, authenticator: str, *, simulated: bool) -> None:
        """Say whether somebody touches this authenticator whenever it asks."""
        told = {"authenticatorId": authenticator, "enabled": simulated}
        self.devtools.send("WebAuthn.setAutomaticPresenceSimulation", told)

    def verified(self, authenticator: str, *, person: bool) -> None:
        """Say whether this authenticator recognises the person in front of it."""
        told = {"authenticatorId": authenticator, "isUserVerified": person}
        self.devtools.send("WebAuthn.setUserVerified", told)

    def on_the_way(self, path: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Stand between page and server: change the JSON of every answer to a call."""

        def answer(route: Any) -> None:
            received = route.fetch()
            said = received.json()
            change(said)
            route.fulfill(response=received, json=said)

        self.page.route(f"{self.origin}/api/v1{path}", answer)

    def visit(self, page: str, *, language: str = "en", **fragment: str) -> None:
        """Open one of our pages; what a fragment brings never reaches the server."""
        after = "&".join(f"{name}={value}" for name, value in fragment.items())
        self.page.goto("about:blank")  # a change of the fragment alone would not load the page
        self.page.goto(f"{self.origin}/pages/{page}?language={language}" + (f"#{after}" if after else ""))
        self.page.locator(AT_REST).wait_for()

    def press(self, name: str) -> None:
        """Press a button once the page is at rest: while it is at work it hears nothing."""
        self.page.locator(AT_REST).wait_for()
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, title: str) -> None:
        """Wait for a heading."""
        self.page.get_by_role("heading", name=title, exact=True).wait_for()

    def _note(self, address: str) -> None:
        if not address.startswith((f"{self.origin}/", "about:", "blob:")):
            self.strangers.append(address)
