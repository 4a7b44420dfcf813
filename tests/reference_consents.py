"""
The slow twin of what statements make of each other, part four: what a performer allows at one point, and what bars it.
"""

from consent.core.settled.read import Read
from tests.reference_history import ALWAYS, NEVER, OWN, Body, History, Turn, Word, counts, eighteen, place, seconds
from tests.reference_licences import Use, holds, shows_any, shows_within
from tests.reference_points import SEXUAL
from tests.reference_title import Asking, Ground

BIOMETRIC = {"scan", "store", "train", "finetune"}
EVERY_ACT = BIOMETRIC | {"condition", "alter", "distribute", "sublicense"}
KEPT = {"scan", "store"}


class Consents:
    """The consents among the statements, each asked for one use."""

    def __init__(self, history: History, asking: Asking, request: Body) -> None:
        self.history, self.asking, self.request = history, asking, request
        self.given = [s for s in history.of("consent.granted", "consent.recorded") if self._is_one(s)]
        self._withdrawn: dict[str, list[tuple[set[str], int]]] = {}
        self._narrower: dict[str, list[Read] | None] = {}

    def of(self, performer: str) -> list[Read]:
        """Return the consents of a performer that nothing took the place of, by digest."""
        found = [s for s in self.given if s.body["performer"] == performer and self.narrower(s) is not None]
        return sorted(found, key=lambda s: s.digest)

    # --- whether it is one

    def _is_one(self, s: Read) -> bool:
        """An offer is none until its grantee accepts it."""
        return s.type == "consent.recorded" or s.body["basis"] == "consent" or bool(self._acceptances(s))

    def _acceptances(self, offer: Read) -> list[Read]:
        countered = [
            place(s)
            for s in self.history.of("consent.recorded")
            if s.body["counters"] == offer.digest and s.issuer == offer.body["grantee"]
        ]
        return [
            s
            for s in self.history.about("grant.accepted", "grant", offer.digest)
            if self.history.word(s, offer.body["grantee"], "negotiate") is not None
            and not any(before < place(s) for before in countered)
        ]

    def _logged(self, s: Read) -> bool:
        under = s.index is not None and s.index < s.tree_size
        if s.type == "consent.recorded" or s.body["basis"] == "consent":
            return under
        return under and any(a.index is not None and a.index < a.tree_size for a in self._acceptances(s))

    def word(self, s: Read) -> Word | None:
        """Return whose word a consent is: the performer's own, their guardian's, their estate's, their agent's."""
        body, born = s.body, self.history.born(s.body["performer"])
        performer, grantee, issued = body["performer"], body["grantee"], int(s.issued_at.timestamp())
        if s.type == "consent.recorded":
            return OWN if s.authorised and s.issuer == grantee else None
        dead = any(moment <= issued for moment in self.history.deaths(performer, grantee, sure=True))
        roles = {"estate"} if dead else {"agent", "guardian", "union", "vendor", "society"}
        word = self.history.word(s, performer, "grant", _acts(body), grantee, roles)
        if dead:
            return None if word is OWN else word
        minor = body["minor"]
        if (born is not None and issued < eighteen(born)) or (minor and born is None):
            every = bool(minor) and minor["guardians"] == "all"
            return self.history.guardians(s, performer, _acts(body), grantee, every) if minor else None
        return None if minor else word

    def narrower(self, s: Read) -> list[Read] | None:
        """Return the later consents that narrow one, as they do not count yet; None where one took its place."""
        if s.digest not in self._narrower:
            self._narrower[s.digest] = self._replacements(s)
        return self._narrower[s.digest]

    def _replacements(self, s: Read) -> list[Read] | None:
        found = []
        for new in self.given:
            same = all(new.body[name] == s.body[name] for name in ("performer", "grantee"))
            if s.digest in new.body["supersedes"] and same:
                word = self.word(new)
                if self._logged(new) and word is not None and not word.contested_until:
                    return None
                found.append(new)
        return found

    def after(self, s: Read) -> list[Read]:
        """Return every consent that takes the place of one, and of these in turn."""
        same = [new for new in self.given if all(new.body[name] == s.body[name] for name in ("performer", "grantee"))]
        direct = [new for new in same if s.digest in new.body["supersedes"]]
        return [*direct, *(one for new in direct for one in self.after(new))]

    # --- when it was withdrawn

    def withdrawn(self, s: Read) -> list[tuple[set[str], int]]:
        """Return for which acts it was withdrawn, and from when."""
        if s.digest not in self._withdrawn:
            self._withdrawn[s.digest] = self._withdrawals(s)
        return self._withdrawn[s.digest]

    def _withdrawals(self, s: Read) -> list[tuple[set[str], int]]:
        performer = s.body["performer"]
        holders = {turn.party for turn in self.row(s)}
        said = []
        for r in self.history.about("consent.revoked", "performer", performer):
            if r.issuer != performer and self.history.word(r, performer, "revoke") is None:
                continue
            earlier = s.issued_at <= r.issued_at or place(s) < place(r)
            if s.digest in (r.body["grants"] or []) or (r.body["grantee"] in holders and earlier):
                said.append(r)
        if not said:
            return [] if s.digest in self.history.vouched.no_revocation_of else [(EVERY_ACT, 0)]
        return [part for r in said for part in self._parts(s, r)]

    def _parts(self, s: Read, r: Read) -> list[tuple[set[str], int]]:
        kind, body = s.body["revocation"]["kind"], s.body
        cooling = body["cooling_off_until"] is not None and r.issued_at.timestamp() < seconds(body["cooling_off_until"])
        failed = self.history.dispute(r.digest, lambda party: party == body["performer"])[1]
        breach = kind == "for_breach" and r.body.get("cause") == "breach" and not failed
        if body["basis"] == "consent" or cooling or kind == "at_will" or breach:
            return [(EVERY_ACT, 0)]
        parts = [(BIOMETRIC, 0)]
        if kind == "on_notice":
            notice = body["revocation"]["notice_hours"] * 3_600
            parts.append((EVERY_ACT - BIOMETRIC, int(r.issued_at.timestamp()) + notice))
        return parts

    def row(self, s: Read) -> list[Turn]:
        row = self.history.holders(s.digest, s.body["grantee"], lambda _: bool(s.body["assignable"]))
        return [
            turn for turn, after in zip(row, [*row[1:], None], strict=True) if after is None or turn.since < after.since
        ]

    # --- whether it allows a use

    def serves(self, s: Read, use: Use) -> Ground | None:
        """Return what a use rests on if this consent allows it; None where it does not."""
        turn = [turn for turn in self.row(s) if turn.since <= use.point.moment][-1]
        every = [s, *(self.narrower(s) or [])]
        word = self.word(s)
        if not set.intersection(*({*one.body["replica_use"]} for one in every)):
            return None  # nothing that both allow, whatever is asked
        if word is None or word.contested_until > self.asking.at or not turn.sure or not self._logged(s):
            return None
        if not self.asking.is_for(turn.party, use.point.act):
            return None
        performer = s.body["performer"]
        if not self.history.vouched_for(performer, turn.party) or self.history.contested(performer, turn.party):
            return None
        if self._is_withdrawn(every, use.point.act) or self._pulled_by_then(every, use) or self._exhausted(s, every):
            return None
        if not all(self._says(one, use) and self._allows(one, use) for one in every):
            return None
        digests = {s.digest} | ({word.authority} if word.authority is not None else set())
        if turn.party != self.asking.requester:
            digests |= self.asking.authorities(turn.party, use.point.act)
        continues = all(one.body["strike"] == "continues" for one in every)
        asked = ((s.digest, s.body["performer"], [term for one in every for term in one.body["approvals"]]),)
        return Ground(digests, asked, turn.party, continues)

    def _is_withdrawn(self, every: list[Read], act: str) -> bool:
        parts = [part for one in every for part in self.withdrawn(one)]
        if not any(act in acts and since <= self.asking.at for acts, since in parts):
            return False
        finishing = self.asking.kind == "release" and every[0].digest in self.asking.rests_on
        return not (finishing and all(one.body["tail"].get(act) == "finish" for one in every))

    def _pulled_by_then(self, every: list[Read], use: Use) -> bool:
        """Say whether notice has run at that moment, and what was made must be taken down then."""
        words = [one.body["tail"].get("distribute", "pull") for one in every]
        if use.point.act != "distribute" or words in ([word] * len(every) for word in ("keep", "finish")):
            return False
        parts = [part for one in every for part in self.withdrawn(one)]
        return any("distribute" in acts and self.asking.at < since <= use.point.moment for acts, since in parts)

    def _exhausted(self, s: Read, every: list[Read]) -> bool:
        drawn = self.history.vouched.cap_counts.get(s.digest, {})
        for unit, draws in self.asking.draws.items():
            caps = [one.body["caps"][unit] for one in every if one.body["caps"].get(unit) is not None]
            if caps and (unit not in drawn or drawn[unit] + draws > min(caps)):
                return True
        return False

    def _says(self, s: Read, use: Use) -> bool:
        """Say whether role, scenes, replica use and words are those that were agreed."""
        body, request = s.body, self.request
        shown = request["by_performer"].get(body["performer"], {}) if "by_performer" in request else {}
        if body["role"] is not None and shown.get("role") != body["role"]:
            return False
        scenes = request.get("scenes", [])
        if body["scenes"] != "any" and not (scenes and {*scenes} <= {*body["scenes"]}):
            return False
        if self.asking.kind != "train" and shown.get("replica_use") not in body["replica_use"]:
            return False
        return use.point.aspect != "voice" or _words_agree(body["dialogue"], shown.get("dialogue"))

    def _allows(self, s: Read, use: Use) -> bool:
        if s.type == "consent.recorded" and use.point.act != "store":
            return False
        return self._in_time(s, use) and any(self._box_allows(s, box, use) for box in s.body["scopes"])

    def _in_time(self, s: Read, use: Use) -> bool:
        """Look at the times that bound all boxes: cooling off, keeping, coming of age, death."""
        body, act, at = s.body, use.point.act, use.point.moment
        if body["cooling_off_until"] is not None and act not in KEPT and at < seconds(body["cooling_off_until"]):
            return False
        if body["retention_until"] is not None and act in KEPT and at >= seconds(body["retention_until"]):
            return False
        if at >= self._majority(s):
            return False
        holder = [turn for turn in self.row(s) if turn.since <= at][-1].party
        died = min(self.history.deaths(body["performer"], holder, sure=False), default=NEVER)
        return body["survives_death"] or s.issued_at.timestamp() >= died or at < died

    def _majority(self, s: Read) -> int:
        """Return when a consent for somebody under age ends."""
        minor, born = s.body["minor"], self.history.born(s.body["performer"])
        if not minor or minor["at_majority"] == "continues":
            return NEVER
        if born is None:
            return ALWAYS
        ratified = any(
            counts(r) and r.issuer == s.body["performer"] and r.issued_at.timestamp() >= eighteen(born)
            for r in self.history.about("consent.ratified", "grant", s.digest)
        )
        return NEVER if ratified and minor["at_majority"] == "to_be_ratified" else eighteen(born)

    def _box_allows(self, s: Read, box: Body, use: Use) -> bool:
        holder = [turn for turn in self.row(s) if turn.since <= use.point.moment][-1].party
        window = self.history.window(box, int(s.issued_at.timestamp()), "grants", s.body["performer"], (holder,))
        if window is None or not window[0] <= use.point.moment < window[1]:
            return False
        nodes = {*s.body["future_projects"]}.intersection(self.history.row(use.project)[1:])
        if not holds(box, use.point, [use.project, *nodes]) or not shows_within(box, use.shown):
            return False
        own = s.body["performer"] in s.signers or s.type == "consent.recorded"
        return own or not (use.point.act in ("train", "finetune") or SEXUAL & (use.shown[0] | use.shown[1]))


class Bars:
    """Restrictions and suspensions, asked for one use of one subject."""

    def __init__(self, history: History, at: int) -> None:
        self.history, self.at = history, at
        self.any = bool(history.of("restriction.declared", "suspension.declared"))

    def on(self, subjects: list[tuple[str, str]], use: Use) -> list[Read]:
        """Return the bars on these subjects that meet a use."""
        if not self.any:
            return []
        found = [
            s
            for s in self.history.of("restriction.declared")
            if ("performer", s.body["performer"]) in subjects and self._restricts(s, use)
        ]
        for s in self.history.of("suspension.declared"):
            on = (s.body["on"]["kind"], s.body["on"]["id"])
            named = on in subjects or any(
                self._is_member(id_, on, use) for kind, id_ in subjects if kind == "performer"
            )
            if named and self._suspends(s, use):
                found.append(s)
        return found

    def _restricts(self, s: Read, use: Use) -> bool:
        lifted = self.history.about("restriction.lifted", "restriction", s.body["restriction"])
        if any(counts(one) and one.issuer == s.body["performer"] for one in lifted):
            return False
        return any(self._meets(s, box, use) for box in s.body["scopes"])

    def _meets(self, s: Read, box: Body, use: Use) -> bool:
        window = self.history.window(box, int(s.issued_at.timestamp()), "bars", s.issuer)
        assert window is not None
        in_time = window[0] <= use.point.moment < window[1]
        return in_time and holds(box, use.point, self._nodes(box, use)) and shows_any(box, use.shown)

    def _nodes(self, box: Body, use: Use) -> list[str]:
        """A bar on a project binds all below it, and whoever means every project."""
        return [*box["projects"]] if use.project == "*" else self.history.row(use.project)

    def _is_member(self, person: str, on: tuple[str, str], use: Use) -> bool:
        if on[0] != "union":
            return False
        if any(on[1] in s.body["unions"] for s in self.history.about("party.registered", "party", person)):
            return True
        stretches = []
        for a in self.history.about("authority.granted", "principal", person):
            ended = self.history.about("authority.ended", "authority", a.body["authority"])
            left = any(counts(s) and s.issuer in (person, *a.body["agents"]) for s in ended)
            if a.body["role"] == "union" and on[1] in a.body["agents"] and not left:
                start, end = a.body["window"]
                stretches.append((seconds(start), NEVER if end is None else seconds(end)))
        if not stretches:
            return False
        return min(s for s, _ in stretches) <= use.point.moment < max(e for _, e in stretches)

    def _suspends(self, s: Read, use: Use) -> bool:
        row = [] if use.project == "*" else self.history.row(use.project)
        stated = [self.history.projects[node]["agreement"] for node in row if node in self.history.projects]
        agreement = next((name for name in stated if name is not None), None)
        if s.body["agreements"] and (
            agreement is None or _spelled(agreement) not in map(_spelled, s.body["agreements"])
        ):
            return False
        lifted = self._lifted(s)
        spared = {*s.body["excepted_projects"]}
        for one in lifted:
            if one.body["scopes"] is None and one.body["projects"] is None:
                return False
            spared |= {*(one.body["projects"] or [])} if one.body["scopes"] is None else set()
        if not spared.isdisjoint(row):
            return False
        boxes = [(one, box) for one in lifted for box in one.body["scopes"] or []]
        if any(self._lifts(one, box, use) for one, box in boxes):
            return False
        return any(self._meets(s, box, use) for box in s.body["scopes"])

    def _lifted(self, s: Read) -> list[Read]:
        said = [
            one for one in self.history.about("suspension.lifted", "suspension", s.body["suspension"]) if counts(one)
        ]
        return [one for one in said if self._may_lift(one, s)]

    def _may_lift(self, one: Read, s: Read) -> bool:
        if s.body["kind"] == "court":
            return one.issuer == s.issuer or one.issuer in self.history.officers
        person = s.body["on"]["id"] if s.body["kind"] == "personal" else s.issuer
        word = self.history.word(one, person, "grant")
        return word is not None and word.contested_until <= self.at

    def _lifts(self, one: Read, box: Body, use: Use) -> bool:
        window = self.history.window(box, int(one.issued_at.timestamp()), "grants", one.issuer)
        if window is None or not window[0] <= use.point.moment < window[1]:
            return False
        named = one.body["projects"] if one.body["projects"] is not None else box["projects"]
        nodes = named if use.project == "*" and named == ["*"] else self._lifted_nodes(use)
        content = box["content"]
        labelled = bool(content["depicts"] or content["scene"])
        return holds({**box, "projects": named}, use.point, nodes) and (not labelled or shows_within(box, use.shown))

    def _lifted_nodes(self, use: Use) -> list[str]:
        return [] if use.project == "*" else self.history.row(use.project)


def _spelled(agreement: str) -> list[str]:
    """Two names are of one agreement if their words are the same, but for years at their end."""
    words = "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789" else " " for c in agreement.casefold()).split()
    while len(words) > 1 and len(words[-1]) == 4 and words[-1].startswith("20") and words[-1].isdigit():
        words.pop()
    return words


def _acts(body: Body) -> set[str]:
    return {act for box in body["scopes"] for act in box["acts"]}


def _words_agree(agreed: Body, wanted: Body) -> bool:
    if agreed["kind"] == "any":
        return True
    if wanted is None or wanted["kind"] == "none":
        return wanted is not None
    scripted = agreed["kind"] != "none" and wanted["kind"] in ("as_scripted", "listed")
    return bool(scripted and agreed["script_sha256"] == wanted["script_sha256"])
