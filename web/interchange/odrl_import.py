"""
ODRL policies into drafts: the strictest reading, and nothing dropped.

1. A policy is an Agreement or Offer with one assigner and one assignee; a Set grants nobody anything. Another profile
   than ours may change the meaning of every term, so it is refused.
2. Each permission is one box. What the box must say and neither the rule nor the terms given beside the file say is
   `dimension_not_stated`: an unstated dimension is never "all". Unstated content shows nothing special.
3. Boundaries lose rather than win a second: `gt` starts a second later, `lteq` ends where it says.
4. Whatever was not understood (a constraint, duty, prohibition, another action) is refused by name, since without it
   the rest would grant more. So is what ODRL says in the file beside the policies: it may be meant for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from rdflib import Literal, URIRef
from rdflib.term import Node

from registry.core.errors import DomainError
from registry.core.jcs import Json, parse_json
from registry.core.terms import ALL, LANGUAGES, expand_languages, expand_territories
from registry.core.times import format_time
from web.interchange.drafts import Check, Draft, check_draft, sorted_boxes
from web.interchange.given import Given
from web.interchange.odrl_export import CONSENT_PLACES, JSON, LICENCE_PLACES, NOTHING, OPERANDS, SUBJECT_TYPES
from web.interchange.odrl_names import ODRL, PROFILE, PROVISO, RDF, RULES, XSD
from web.interchange.odrl_reading import Taking, Unreadable, local_name, read_graph
from web.interchange.report import Finding, Report, finding
from web.interchange.spreadsheets import Taken

_POLICIES: Final = (
    *(ODRL.Agreement, ODRL.Offer, ODRL.Set, ODRL.Policy, ODRL.Privacy, ODRL.Assertion, ODRL.Request, ODRL.Ticket),
)
_ACTIONS: Final[Mapping[Node, str]] = {ODRL.distribute: "distribute", ODRL.modify: "alter", ODRL.grantUse: "sublicense"}
_KINDS: Final[Mapping[Node, str]] = {type_: kind for kind, type_ in SUBJECT_TYPES.items()}
_DIMENSIONS: Final[Mapping[Node | None, str]] = {operand: name for name, operand in OPERANDS.items()}
_SIDES: Final[Mapping[Node | None, str]] = {
    ODRL.gt: "start",
    ODRL.gteq: "start",
    ODRL.lt: "end",
    ODRL.lteq: "end",
}
_GRANT: Final = {"acts", "aspects", "purposes", "media", "territories", "languages", "projects"}
_PARTIES: Final = {"licence": ("licensor", "licensee"), "consent": ("performer", "grantee")}
# Stand in ODRL's own places; as a term of the profile beside these they would be dropped.
_PLACED: Final = frozenset({*LICENCE_PLACES, *CONSENT_PLACES})
_ISSUERS: Final = {
    "licence.recorded": "licensee",
    "licence.granted": "licensor",
    "consent.recorded": "grantee",
    "consent.granted": "performer",
}
# What a licence says where a policy says nothing: the least.
_LEAST: Final[dict[str, Json]] = {
    "new_assets": False,
    "exclusivity": "none",
    "sublicensable": False,
    "caps": {},
    "holdbacks": [],
    "approvals": [],
    "options": [],
    "product_categories": [],
}


def read_policies(data: bytes, *, json_ld: bool, given: Given, check: Check = check_draft) -> Taken:
    """Read every policy of a file; raises ``FileRefused`` if anything in it cannot be expressed."""
    try:
        taking = Taking(read_graph(data, json_ld=json_ld))
    except Unreadable as error:
        Report.of((), [finding("not_rdf", problem=error)]).require()
        raise  # never reached: the report is wrong
    found = {node for type_ in _POLICIES for node in taking.graph.subjects(RDF.type, type_)}
    found |= {node for rules in RULES.values() for node in taking.graph.subjects(rules, None)}
    readings = [_Policy(taking=taking, given=given, node=node) for node in sorted(found, key=str)]
    drafts = [draft for reading in readings if (draft := reading.draft(check)) is not None]
    findings = [one for reading in readings for one in reading.findings]
    if not readings:
        findings.append(finding("no_header", wanted="odrl:Agreement"))
    findings += [finding("rule_not_expressed", column=str(at), what=what) for at, what in _beside(taking)]
    report = Report.of((), findings)
    report.require()
    return Taken(drafts=tuple(drafts), report=report)


def _beside(taking: Taking) -> Iterator[tuple[Node, str]]:
    """Return what ODRL says that no policy leads to."""
    for subject, predicate, value in taking.beside():
        if any(str(term).startswith(str(ODRL)) for term in (predicate, value)):
            yield subject, f"{local_name(predicate)} {local_name(value)}"


@dataclass(slots=True, kw_only=True)
class _Policy:
    """One policy while it is read; findings name it where a spreadsheet names a column."""

    taking: Taking
    given: Given
    node: Node
    findings: list[Finding] = field(default_factory=list)

    def draft(self, check: Check) -> Draft | None:
        type_ = self._head()
        body = self._terms()
        family = type_.partition(".")[0]
        by, to = _PARTIES[family]
        body[by] = self._party(ODRL.assigner, self.given.licensor)
        body[to] = self._party(ODRL.assignee, self.given.licensee)
        boxes, subjects = self._rules()
        if family == "licence":
            body = {**_LEAST, **self._paper(), **body, "subjects": [*subjects]}
        elif [subject["id"] for subject in subjects] != [body[by]]:
            self._say("rule_not_expressed", what="a target other than the performer")
        body["scopes"] = sorted_boxes(boxes)
        self._finish()
        if self.findings:
            return None
        draft = Draft(reference=self._reference(), type=type_, issuer=str(body[_ISSUERS[type_]]), body=body)
        if (wrong := check(draft, lambda path: (None, str(self.node)))) is not None:
            self.findings.append(wrong)
        return draft

    def _head(self) -> str:
        """Take what kind of policy it is; returns the type of statement to draft."""
        kinds = self.taking.all(self.node, RDF.type)
        if not any(kind in (ODRL.Agreement, ODRL.Offer) for kind in kinds):
            self._say("rule_not_expressed", what=f"a policy of type {', '.join(map(local_name, kinds))}")
        self.taking.all(self.node, ODRL.uid)
        for profile in self.taking.all(self.node, ODRL.profile):
            if profile != PROFILE:
                self._say("not_our_profile", value=profile)
        conflict = self.taking.one(self.node, ODRL.conflict)
        if conflict not in (None, ODRL.prohibit):
            self._say("rule_not_expressed", what=f"conflict {local_name(conflict)}")
        type_ = self.taking.one(self.node, PROVISO.statement)
        if type_ is not None and str(type_) not in _ISSUERS:
            self._say("wrong_kind", value=type_, kind="licences, consents")
            return "licence.recorded"
        return "licence.recorded" if type_ is None else str(type_)

    def _terms(self) -> dict[str, Json]:
        """Take the terms of the profile that stand on the policy."""
        found: dict[str, Json] = {}
        for predicate in set(self.taking.graph.predicates(self.node, None)):
            if not str(predicate).startswith(str(PROVISO)) or local_name(predicate) in _PLACED:
                continue
            if predicate not in (PROVISO.reference, PROVISO.statement):
                value = self.taking.one(self.node, URIRef(str(predicate)))
                try:
                    found[local_name(predicate)] = _value(value)
                except (DomainError, TypeError) as error:
                    self._say("bad_json", problem=error)
        return found

    def _paper(self) -> dict[str, Json]:
        paper = {"document_sha256": self.given.document_sha256, "signed_on": self.given.signed_on}
        return {name: value for name, value in paper.items() if value is not None}

    def _reference(self) -> str:
        reference = self.taking.graph.value(self.node, PROVISO.reference)
        return str(self.node if reference is None else reference)

    def _party(self, role: URIRef, given: str | None) -> Json:
        named = self.taking.one(self.node, role)
        if named is None:
            if given is None:
                self._say("dimension_not_stated", name=local_name(role))
            return given
        found = self.given.id_of(str(named))
        if found is None or (given is not None and given != found):
            self._say("bad_cell", value=named, wanted="a party's urn:uuid", voulu="l’urn:uuid d’une partie")
        return found

    def _rules(self) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
        """Take the permissions; returns their boxes, and the subjects that all of them share."""
        boxes: list[dict[str, Json]] = []
        targets: set[tuple[Node, ...]] = set()
        for rule in self.taking.all(self.node, ODRL.permission):
            self._roles(rule)
            targets.add((*self.taking.all(rule, ODRL.target), *self.taking.all(self.node, ODRL.target)))
            boxes.append(_Rule(policy=self, node=rule).box())
        if len(targets) > 1:
            self._say("rule_not_expressed", what="permissions with different targets in one policy")
        if not boxes:
            self._say("dimension_not_stated", name="permission")
        subjects = [subject for one in targets for target in one if (subject := self._subject(target)) is not None]
        return boxes, sorted(subjects, key=lambda subject: (str(subject["kind"]), str(subject["id"])))

    def _roles(self, rule: Node) -> None:
        """Take what a rule repeats of its policy; another party than the policy's is left, and so reported."""
        for kind in self.taking.all(rule, RDF.type):
            if kind != ODRL.Permission:
                self._say("rule_not_expressed", what=local_name(kind))
        for role in (ODRL.assigner, ODRL.assignee):
            if set(self.taking.graph.objects(rule, role)) <= set(self.taking.graph.objects(self.node, role)):
                self.taking.all(rule, role)

    def _subject(self, target: Node) -> dict[str, Json] | None:
        types = self.taking.all(target, RDF.type)
        id_ = self.given.id_of(str(target))
        if id_ is None:
            self._say("unknown_work", value=target)
            return None
        named = str(target).removeprefix("urn:proviso:").partition(":")[0]
        kinds = [named] if named in SUBJECT_TYPES else [_KINDS[one] for one in types if one in _KINDS]
        if len(set(kinds)) > 1:
            self._say("rule_not_expressed", what=f"a target that is both {' and '.join(kinds)}")
        return {"kind": kinds[0] if kinds else "work", "id": id_}

    def _finish(self) -> None:
        self.taking.all(self.node, PROVISO.reference)
        for _, predicate, value in self.taking.left(self.node):
            self._say("rule_not_expressed", what=f"{local_name(predicate)} {local_name(value)}")

    def _say(self, code: str, **values: object) -> None:
        shown = {name: str(value) for name, value in values.items()}
        self.findings.append(finding(code, row=None, column=str(self.node), wrong=True, **shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One permission while it is read."""

    policy: _Policy
    node: Node

    def box(self) -> dict[str, Json]:
        held: dict[str, Json] = {}
        window: dict[str, Json] = {}
        for constraint in self._constraints(self.policy.taking.all(self.node, ODRL.constraint)):
            self._read(constraint, held, window)
        acts = self._acts()
        stated = {**self.policy.given.sets, **({"acts": acts} if acts else {}), **held}
        for name in sorted(_GRANT - {*stated}):
            self.policy._say("dimension_not_stated", name=name)
        if "start" not in window:
            self.policy._say("dimension_not_stated", name="start")
        return {name: stated[name] for name in stated if name in _GRANT} | {
            "window": [window.get("start"), window.get("end")],
            "content": {name: held.get(name, []) for name in ("depicts", "scene")},
        }

    def _acts(self) -> list[Json]:
        taking = self.policy.taking
        named = [*taking.all(self.node, ODRL.action), *taking.all(self.policy.node, ODRL.action)]
        for action in named:
            if action not in _ACTIONS and not str(action).startswith(str(PROVISO)):
                self.policy._say("rule_not_expressed", what=f"action {local_name(action)}")
        return [*sorted({_ACTIONS.get(action, local_name(action)) for action in named})]

    def _constraints(self, nodes: list[Node]) -> Iterator[Node]:
        """Return the simple constraints; `and` is both of them, any other combination is not expressed."""
        taking = self.policy.taking
        waiting, seen = [*reversed(nodes)], set[Node]()
        while waiting:
            node = waiting.pop()
            taking.all(node, RDF.type)
            parts = taking.all(node, ODRL["and"])
            if not parts:
                yield node
            elif node not in seen:
                seen.add(node)
                waiting += reversed(parts)

    def _read(self, node: Node, held: dict[str, Json], window: dict[str, Json]) -> None:
        taking = self.policy.taking
        operand, operator = taking.one(node, ODRL.leftOperand), taking.one(node, ODRL.operator)
        values = taking.all(node, ODRL.rightOperand)
        one_of = operator == ODRL.isAnyOf or (operator == ODRL.eq and len(values) == 1)
        if operand in _DIMENSIONS and one_of and _DIMENSIONS[operand] not in held:
            held[_DIMENSIONS[operand]] = self._set(_DIMENSIONS[operand], values)
        elif operand in (ODRL.dateTime, PROVISO.following) and len(values) == 1:
            self._side(operator, values[0], window)
        else:
            self.policy._say("constraint_not_expressed", value=local_name(operand))

    def _set(self, dimension: str, values: list[Node]) -> Json:
        names = [_term(value) for value in values if value != NOTHING]
        try:
            if dimension == "territories":
                return [*sorted(expand_territories(names))]
            if dimension == "languages":
                tags = expand_languages(names)
                return [ALL] if tags == set(LANGUAGES.terms) else [*sorted(tags)]
        except DomainError:
            self.policy._say("bad_cell", value=", ".join(names), wanted="of the vocabulary", voulu="du vocabulaire")
        if dimension == "projects":
            return [*sorted(name if name == ALL else self.policy.given.id_of(name) or name for name in names)]
        return [*sorted(names)]

    def _side(self, operator: Node | None, value: Node, window: dict[str, Json]) -> None:
        name = _SIDES.get(operator)
        moment = _moment(value, operator)
        if name is None or moment is None or name in window:
            self.policy._say("constraint_not_expressed", value=f"{local_name(operator)} {value}")
        else:
            window[name] = moment


def _moment(value: Node, operator: Node | None) -> Json:
    """Return one side of a window in whole seconds, never wider than it was said; None where it is no moment."""
    if not isinstance(value, Literal):
        return None
    try:
        return _value(value) if value.datatype == JSON else _whole_second(value, operator)
    except (DomainError, OverflowError):
        return None


def _whole_second(value: Literal, operator: Node | None) -> str | None:
    if value.datatype != XSD.dateTime or value.ill_typed:
        return None
    moment = value.toPython()
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    whole = moment.astimezone(UTC).replace(microsecond=0)
    late = moment != whole and operator in (ODRL.gt, ODRL.gteq)
    return format_time(whole + timedelta(seconds=1) if late or operator == ODRL.gt else whole)


def _value(node: Node | None) -> Json:
    if not isinstance(node, Literal):
        raise TypeError("one literal is wanted")
    return parse_json(str(node).encode()) if node.datatype == JSON else str(node)


def _term(node: Node) -> str:
    return str(node) if isinstance(node, Literal) else local_name(node)
