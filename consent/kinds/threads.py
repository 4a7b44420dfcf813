"""
The threads of the consent app's statement types (``registry.kinds.threads`` has the registry's).

A consent is found by the pair of its performer and its grantee, so that a decision never reads what was granted to
somebody else.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.kinds.kind import Context
from registry.kinds.threads import Body, Of, asked_in, cap_in, events_in, grantee_in, person_in, threads
from registry.threads import NO_THREADS, Ref, Threads, granted_to, refs, withdrawn_from


def _consent(context: Context, body: Body) -> Threads:
    own = Ref("grant", context.digest)
    leads = {own, *person_in(body["performer"]), *grantee_in(body["grantee"]), *events_in(body)}
    leads |= {withdrawn_from(body["performer"], body["grantee"]), *cap_in(body, context.digest), *asked_in(body)}
    return threads({own, granted_to(body["performer"], body["grantee"])}, leads | refs("grant", body["supersedes"]))


def _of_grant(context: Context, body: Body) -> Threads:
    return threads({Ref("grant", body["grant"])})


def _revoked(context: Context, body: Body) -> Threads:
    named = refs("grant", body.get("grants") or ())
    whole = {withdrawn_from(body["performer"], body["grantee"])} if body.get("grantee") else set()
    return threads(named | whole, {Ref("revocation", context.digest)})


def _revocation_disputed(context: Context, body: Body) -> Threads:
    return threads({Ref("revocation", body["revocation"])}, {Ref("dispute", context.digest)})


def _restricted(context: Context, body: Body) -> Threads:
    leads = {Ref("restriction", body["restriction"]), *events_in(body)}
    return threads({Ref("performer", body["performer"])}, leads)


def _suspended(context: Context, body: Body) -> Threads:
    """It leads to who may speak for its declarer, as they may lift it."""
    leads = {Ref("suspension", body["suspension"]), *refs("project", body["excepted_projects"]), *events_in(body)}
    leads.add(Ref("principal", body["by"]))
    return threads({Ref(body["on"]["kind"], body["on"]["id"])}, leads)


def _lifted(context: Context, body: Body) -> Threads:
    leads = {*refs("project", body.get("projects") or ()), *events_in(body)}
    return threads({Ref("suspension", body["suspension"])}, leads)


def _approval(context: Context, body: Body) -> Threads:
    return threads({Ref("shot", body["shot"])})


THREADS: Final[Mapping[str, Of]] = MappingProxyType(
    {
        "consent.granted": _consent,
        "consent.recorded": _consent,
        "consent.ratified": _of_grant,
        "grant.accepted": _of_grant,
        "consent.revoked": _revoked,
        "revocation.disputed": _revocation_disputed,
        "restriction.declared": _restricted,
        "restriction.lifted": lambda context, body: threads({Ref("restriction", body["restriction"])}),
        "suspension.declared": _suspended,
        "suspension.lifted": _lifted,
        "approval.given": _approval,
        "approval.declined": _approval,
        "clearance.issued": lambda context, body: NO_THREADS,
    }
)
