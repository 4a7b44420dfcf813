"""
The threads of the registry's statement types: under what a decision finds each, and to what it leads.

Read from the body's JSON, which was checked before; the ids of what an act is done to may take a look at its row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from registry.core.approvals import APPROVERS
from registry.core.identifiers import Key
from registry.kinds.aliases import IDENTIFIER
from registry.kinds.kind import Context, Kind
from registry.kinds.parties import union_ids
from registry.models import Affiliation, Assignment, Licence, LicenceSubject, TitleClaim
from registry.names import identifier_hmac
from registry.statements import open_statement
from registry.threads import Ref, Threads, granted_to, refs, withdrawn_from

Body = Mapping[str, Any]
Of = Callable[[Context, Body], Threads]
EVENT_SUBJECTS: Final = ("work", "project", "party")


def threads(found: Iterable[Ref] = (), leads: Iterable[Ref] = ()) -> Threads:
    return Threads(found=frozenset(found), leads=frozenset(leads))


def with_threads(kinds: Iterable[Kind], of_type: Mapping[str, Of]) -> tuple[Kind, ...]:
    """Return the kinds, each with its threads; raises ``KeyError`` where one has none."""
    return tuple(replace(kind, threads=_bound(of_type[kind.type])) for kind in kinds)


def _bound(of: Of) -> Callable[[Context], Threads]:
    return lambda context: of(context, context.statement.body)


def events_in(value: object) -> Iterator[Ref]:
    """Yield every event that a body's windows follow."""
    if isinstance(value, dict):
        kind = next((name for name in EVENT_SUBJECTS if name in value), None)
        if "event" in value and kind is not None:
            yield event(kind, str(value[kind]))
        for held in value.values():
            yield from events_in(held)
    elif isinstance(value, list):
        for held in value:
            yield from events_in(held)


def cap_in(terms: Body, root: str) -> frozenset[Ref]:
    """Return the count that these terms limit, if they limit any."""
    caps = terms.get("caps") or {}
    return frozenset({Ref("cap", root)} if any(cap is not None for cap in caps.values()) else ())


def event(kind: str, ident: str) -> Ref:
    """Return the thing under which events of a work, project or party are found."""
    return Ref("event", f"{kind}:{ident}")


def person_in(ident: str) -> frozenset[Ref]:
    """Return what is followed about somebody whose consent is asked."""
    return frozenset({Ref("performer", ident), Ref("principal", ident), Ref("party", ident)})


def asked_in(terms: Body) -> frozenset[Ref]:
    """Return what is followed about parties whose approval these terms ask by name: who may answer for them."""
    return refs("principal", (term["by"] for term in terms["approvals"] if term["by"] not in APPROVERS))


def holder_in(ident: str) -> frozenset[Ref]:
    """Return what is followed about somebody whose title is asked."""
    return frozenset({Ref("principal", ident), Ref("party", ident)})


def grantee_in(ident: str) -> frozenset[Ref]:
    """Return what is followed about a grantee: who acts for it or its affiliates, and so vouches for nobody to it."""
    affiliates = Affiliation.objects.filter(party=ident).values_list("affiliate", flat=True)
    return holder_in(ident) | refs("principal", map(str, affiliates))


def identifiers_in(keys: Iterable[Key]) -> frozenset[Ref]:
    """Return what is followed about identifiers: who else states one, and who confirmed whose it is."""
    return refs(IDENTIFIER, (identifier_hmac(key).hex() for key in keys))


def _party(context: Context, body: Body) -> Threads:
    key = {Ref("key", context.record.key.keyid)} if context.record.key is not None else set()
    stated = identifiers_in(context.record.claimed)
    return threads({Ref("party", body["party"])} | stated, key | stated | refs("union", union_ids(body["unions"])))


def _alias(context: Context, body: Body) -> Threads:
    """A rival is met under what both state, and so is what either no longer states."""
    stated = identifiers_in(context.record.claimed | {one.key for one in context.record.disclaims})
    return threads({Ref("party", body["party"])} | stated, stated | {Ref("party", body["party"])})


def _vouched(context: Context, body: Body) -> Threads:
    confirmed = identifiers_in(one.key for one in context.record.confirms)
    return threads({Ref("performer", body["party"])} | confirmed)


def _key_added(context: Context, body: Body) -> Threads:
    """A key that agents brought leads to the authority that lets them."""
    recovered = context.statement.issuer != body["party"]
    leads = {Ref("key", context.record.key.keyid)} | refs("principal", [body["party"]] if recovered else ())
    return threads({Ref("party", body["party"])}, leads)


def _authority(context: Context, body: Body) -> Threads:
    found = {Ref("principal", body["principal"]), Ref("authority", body["authority"])}
    leads = {Ref("authority", body["authority"]), *refs("party", body["agents"])}
    if body["role"] == "vendor":  # a request by the vendor is read as one of its principal's too
        found |= refs("agent", body["agents"])
        leads |= {Ref("speaks_for", body["principal"]), Ref("party", body["principal"])}
    if body["role"] == "union":
        leads |= refs("union", body["agents"])
    return threads(found, leads)


def _of_authority(context: Context, body: Body) -> Threads:
    return threads({Ref("authority", body["authority"])}, {Ref("dispute", context.digest)})


def _policy(context: Context, body: Body) -> Threads:
    officers = {Ref("officers", "")} if body["court_officers"] else set()
    return threads({Ref("policy", body["party"])} | officers, refs("party", body["court_officers"]))


def _project(context: Context, body: Body) -> Threads:
    leads = {Ref("policy", body["producer"]), Ref("party", body["producer"])}
    found = {Ref("project", body["project"]), event("project", body["project"])}
    return threads(found, leads | refs("project", [body.get("parent")]))


def _work(context: Context, body: Body) -> Threads:
    """Whoever follows the events of a work reads who may tell of them."""
    return threads({Ref("work", body["work"]), event("work", body["work"])})


def _asset(context: Context, body: Body) -> Threads:
    return threads({Ref("asset", body["asset"])}, refs("work", [body.get("work")]))


def _of_asset(context: Context, body: Body) -> Threads:
    return threads({Ref("asset", body["asset"])})


def _appearance(context: Context, body: Body) -> Threads:
    return threads({Ref("asset", body["asset"])}, person_in(body["performer"]))


def _component(context: Context, body: Body) -> Threads:
    return threads({Ref("asset", body["asset"])}, {Ref("asset", body["component"])})


def _catalogue(context: Context, body: Body) -> Threads:
    members = {Ref(member["kind"], member["id"]) for member in body["members"]}
    return threads(members | {Ref("catalogue", body["catalogue"])}, {Ref("catalogue", body["catalogue"])})


def _title(context: Context, body: Body) -> Threads:
    subject = Ref(body["subject"]["kind"], body["subject"]["id"])
    claim = Ref("claim", context.digest)
    return threads({subject, claim}, {claim, *holder_in(body["claimant"])})


def _disputed(context: Context, body: Body) -> Threads:
    return threads({Ref("claim", body["claim"])}, {Ref("dispute", context.digest)})


def _resolved(context: Context, body: Body) -> Threads:
    return threads({Ref("dispute", body["dispute"])})


def _licence(context: Context, body: Body) -> Threads:
    own = Ref("grant", context.digest)
    leads = {own, *holder_in(body["licensor"]), Ref("party", body["licensee"]), event("party", body["licensee"])}
    leads |= refs("grant", [body.get("parent")])
    return threads({own, *_reached(body, [body["licensee"]])}, leads | _terms(body, context.digest))


def _reached(terms: Body, licensees: Iterable[str]) -> frozenset[Ref]:
    return frozenset(granted_to(subject["id"], to) for subject in terms["subjects"] for to in licensees)


def _terms(terms: Body, root: str) -> frozenset[Ref]:
    """Return to what the terms of a licence lead, whichever statement says them."""
    catalogues = refs("catalogue", (one["id"] for one in terms["subjects"] if one["kind"] == "catalogue"))
    return catalogues | asked_in(terms) | cap_in(terms, root) | frozenset(events_in(terms))


def _of_licence(context: Context, body: Body) -> Threads:
    return threads({Ref("grant", body["licence"])}, events_in(body))


def _amended(context: Context, body: Body) -> Threads:
    own, root, terms = Ref("grant", context.digest), Ref("grant", body["licence"]), body["terms"]
    passed = Assignment.objects.filter(grant=body["licence"]).values_list("to", flat=True)
    reached = _reached(terms, [terms["licensee"], *map(str, passed)])
    return threads({root, own, *reached}, {own, root, *_terms(terms, body["licence"])})


def _assigned(context: Context, body: Body) -> Threads:
    """A grant is found by its new holder too; a title leads to its new holder."""
    grant, to = body["grant"], body["to"]
    if TitleClaim.objects.filter(digest=grant).exists():
        return threads({Ref("claim", grant)}, holder_in(to))
    opened = open_statement(grant)
    if opened is not None and opened.statement.type == "consent.granted":
        return _consent_assigned(grant, str(opened.statement.body["performer"]), to)
    subjects = LicenceSubject.objects.filter(licence=grant).values_list("subject_id", flat=True)
    found = {Ref("grant", grant), *(granted_to(str(subject), to) for subject in subjects)}
    parties = Licence.objects.filter(digest=grant).values_list("licensee", flat=True)
    return threads(
        found, {Ref("grant", grant), Ref("party", to), event("party", to), *refs("party", map(str, parties))}
    )


def _consent_assigned(grant: str, performer: str, to: str) -> Threads:
    """Its new holder's own ties count, and so does what is withdrawn from them."""
    found = {Ref("grant", grant), granted_to(performer, to)}
    return threads(found, {Ref("grant", grant), withdrawn_from(performer, to), *grantee_in(to)})


def _event(context: Context, body: Body) -> Threads:
    kind = next(name for name in EVENT_SUBJECTS if body.get(name) is not None)
    found = {event(kind, body[kind])}
    if body["event"] == "death":
        found |= {Ref("performer", body[kind])}
    return threads(found)


THREADS: Final[Mapping[str, Of]] = MappingProxyType(
    {
        "party.registered": _party,
        "identity.vouched": _vouched,
        "alias.declared": _alias,
        "key.added": _key_added,
        "key.revoked": lambda context, body: threads({Ref("party", body["party"])}),
        "authority.granted": _authority,
        "authority.ended": _of_authority,
        "authority.disputed": _of_authority,
        "policy.set": _policy,
        "project.registered": _project,
        "work.registered": _work,
        "asset.registered": _asset,
        "inventory.declared": _of_asset,
        "appearance.recorded": _appearance,
        "appearance.claimed": _appearance,
        "component.recorded": _component,
        "catalogue.registered": _catalogue,
        "title.claimed": _title,
        "title.disputed": _disputed,
        "title.resolved": _resolved,
        "licence.granted": _licence,
        "licence.recorded": _licence,
        "licence.confirmed": _of_licence,
        "licence.denied": _of_licence,
        "licence.terminated": _of_licence,
        "licence.amended": _amended,
        "option.exercised": _of_licence,
        "grant.assigned": _assigned,
        "event.recorded": _event,
    }
)
