"""
The slow twin of what statements make of each other, part three: who must grant a use of an asset, and who did.

At one point: who holds the right there, which licences of theirs reach the asset and the requester, up their chains,
and which other licence keeps them out. The first that serves, by digest, is the ground.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

from consent.core.settled.read import Read
from tests.reference_history import NEVER, Body, History, Turn, counts, place, seconds
from tests.reference_licences import ADVERTISING, RANKS, Licences, Terms, Use, holds, shows_any, shows_within


class Asking(NamedTuple):
    """Who asks, and what of the request licences ask about."""

    requester: str
    kind: str
    at: int
    rests_on: list[str]
    least: dict[str, int]  # act -> the rank of the least assurance that serves
    draws: dict[str, int]  # unit -> how much the request draws
    serving: dict[str, list[tuple[str, list[str]]]]  # principal -> (authority, acts) under which the requester acts
    principals: set[str]  # everybody for whom the requester was ever to act

    def authorities(self, party: str, act: str) -> set[str]:
        return {authority for authority, acts in self.serving.get(party, []) if act in acts}

    def is_for(self, party: str, act: str) -> bool:
        return party == self.requester or bool(self.authorities(party, act))


class Ground(NamedTuple):
    """What a use rests on at a point."""

    digests: set[str]
    asked: tuple[tuple[str, str, list[Body]], ...] = ()  # (ground, grantor, its approvals)
    grantee: str | None = None  # to whom it was granted
    continues: bool = False  # during a strike


@dataclass
class Holder:
    """Who holds a right at a moment, and everybody who held it before, with the place in the log where they stopped."""

    claim: Read
    party: str
    line: dict[str, int] = field(default_factory=dict)


class Title:
    def __init__(self, history: History, licences: Licences, asking: Asking, asset: Read) -> None:
        self.history, self.licences, self.asking, self.asset = history, licences, asking, asset
        self.subjects = [("asset", asset.body["asset"])]
        if asset.body["work"] is not None:
            self.subjects.append(("work", asset.body["work"]))
        self._chains: dict[tuple[str, int], list[list[Terms]]] = {}
        self._claims = {right: self._claimed(right) for right in ("picture", "master", "composition", "artwork")}

    # --- who holds it

    def claims(self, nature: str) -> list[Read]:
        found = [s for s in self.history.of("title.claimed") if counts(s) and s.issuer == s.body["claimant"]]
        nobodys = [title for s in self.history.of("erasure.done") for title in s.body["titles"]]
        found = [s for s in found if s.body["subject"] not in nobodys]
        return [s for s in found if self._is_of_asset(s.body["subject"]) and s.body["nature"] == nature]

    def _is_of_asset(self, subject: Body) -> bool:
        return (subject["kind"], subject["id"]) in self.subjects

    def _claimed(self, right: str) -> list[tuple[Read, list[Turn]]]:
        found = []
        for s in self.claims("economic"):
            if s.body["right"] == right:
                row = self.history.holders(s.digest, s.body["claimant"], lambda _: True)
                if not self.history.dispute(s.digest, lambda party, row=row: party in {turn.party for turn in row})[1]:  # type: ignore[misc]  # a lambda
                    found.append((s, row))
        return found

    def holders(self, right: str, use: Use) -> tuple[str, list[Holder]]:
        """Return whether a right is held, has no known owner or is disputed at a point, and by whom it is held."""
        found, disputed, sure = [], False, True
        shares: dict[str, Fraction] = {}
        for s, row in self._claims[right]:
            turns = [turn for turn in row if turn.since <= use.point.moment]
            if not any(self._claim_holds(box, use) for box in s.body["scopes"]):
                continue
            party, sure = turns[-1].party, sure and turns[-1].sure
            until, _ = self.history.dispute(s.digest, lambda party: False)
            disputed = disputed or until > self.asking.at
            shares[party] = min(Fraction(1), shares.get(party, Fraction(0)) + Fraction(*s.body["share"]))
            found.append(Holder(s, party, self._line(turns)))
        total = sum(shares.values(), Fraction(0))
        state = "disputed" if disputed or total > 1 else "unknown" if total < 1 or not sure else "held"
        return state, found

    def _line(self, turns: list[Turn]) -> dict[str, int]:
        line: dict[str, int] = {}
        for turn, after in pairwise(turns):
            if turn.since < after.since and after.by is not None:
                line[turn.party] = place(after.by)[0]
        return line | {turns[-1].party: NEVER + 1}

    def _claim_holds(self, box: Body, use: Use) -> bool:
        start, end = box["window"]
        within = seconds(start) <= use.point.moment < (NEVER if end is None else seconds(end))
        return within and holds(box, use.point, [use.project]) and shows_within(box, use.shown)

    # --- whether it is granted

    def ground(self, holder: Holder, use: Use) -> Ground | None:
        """Return on what a holder's part of a use rests; None where it is not granted."""
        asking, act = self.asking, use.point.act
        if asking.is_for(holder.party, act):
            kept_out = any(self._keeps_holder_out(e, holder, use) for e in self.barriers(holder, use))
            authorities = asking.authorities(holder.party, act)
            return None if kept_out else Ground({holder.claim.digest} | authorities, grantee=holder.party)
        serving = []
        for root in self.licences.roots:
            for chain in self.chains(root, use.point.moment):
                mandate = self._mandate(chain[-1], holder)
                if mandate is not None and self._reach(chain) and self._serves(chain, use, holder):
                    serving.append((chain[0].said.digest, chain, mandate))
        if not serving:
            return None
        _, chain, mandate = min(serving, key=lambda one: one[0])
        digests = {holder.claim.digest, *(link.said.digest for link in chain)} | ({mandate} if mandate else set())
        for link in chain:
            under = [word.authority for word in self.licences.words(link) if word is not None and word.authority]
            digests |= {*under[:1]}
        grantee = chain[0].holder
        if grantee != asking.requester:
            digests |= asking.authorities(grantee, act)
        asked = [
            (link.said.digest, link.root.body["licensor"], [one for body in link.bodies for one in body["approvals"]])
            for link in chain
        ]
        return Ground(digests, tuple(asked), grantee)

    def chains(self, root: Read, moment: int, depth: int = 8) -> list[list[Terms]]:
        """Return a licence with all that stand above it at a moment; none where one above may not be relied on."""
        if depth == 8 and (root.digest, moment) in self._chains:
            return self._chains[root.digest, moment]
        terms = self.licences.terms(root, moment)
        parent = self.history.by_digest.get(root.body["parent"]) if root.body["parent"] else None
        found: list[list[Terms]] = []
        if root.body["parent"] is None:
            found = [[terms]]
        elif parent is not None and depth > 1:
            for above in self.chains(parent, moment, depth - 1):
                given = all(body["sublicensable"] for body in above[0].bodies)
                if given and self._held_above(parent, above[0], terms, moment):
                    found.append([terms, *above])
        if depth == 8:
            self._chains[root.digest, moment] = found
        return found

    def _held_above(self, parent: Read, above: Terms, terms: Terms, moment: int) -> bool:
        """Say whether who gives a sublicence holds the licence above it, or did and assigned it later in the log."""
        licensor = terms.root.body["licensor"]
        passed = [
            after.by
            for turn, after in pairwise(self.licences.row(parent))
            if turn.party == licensor and turn.since < after.since <= moment and after.by is not None
        ]
        return above.holder == licensor or any(terms.order < place(by)[0] for by in passed)

    def _mandate(self, top: Terms, holder: Holder) -> str | None:
        """Return by which authority the licence at the top is a holder's; "" where it is its own; None if not."""
        mandates = self.licences.mandates(top.root)
        for party, before in holder.line.items():
            if top.order < before and top.root.body["licensor"] == party:
                return ""
        for party, before in holder.line.items():
            if top.order < before and party in mandates and mandates[party].contested_until <= self.asking.at:
                return mandates[party].authority
        return None

    def _reach(self, chain: list[Terms]) -> bool:
        return all(self.reaches(link) for link in chain)

    def reaches(self, link: Terms) -> bool:
        """Say whether a licence names the asset, or a work or catalogue that held it in time."""
        since = NEVER if self.asset.index is None else self.asset.index
        before = NEVER if link.root.index is None else link.root.index
        named = [s for s in link.body["subjects"] if all(s in body["subjects"] for body in link.bodies)]
        new = all(body["new_assets"] for body in link.bodies)
        for subject in named:
            if subject["kind"] == "asset":
                reached = subject["id"] == self.asset.body["asset"]
            elif subject["kind"] == "work":
                reached = subject["id"] == self.asset.body["work"] and (new or since < before)
            else:
                held = self._catalogued(subject["id"])
                reached = held is not None and (new or max(held, since) < before)
            if reached:
                return True
        return False

    def _catalogued(self, catalogue: str) -> int | None:
        """Return since which place in the log its owner's catalogue holds the asset or its work."""
        said = [s for s in self.history.about("catalogue.registered", "catalogue", catalogue) if counts(s)]
        said = [s for s in said if s.issuer == s.body["owner"]]
        own = [s for s in said if s.issuer == said[0].issuer]
        places = [place(s)[0] for s in own for m in s.body["members"] if (m["kind"], m["id"]) in self.subjects]
        return min(places, default=None)

    def _serves(self, chain: list[Terms], use: Use, holder: Holder) -> bool:
        """Say whether a chain serves a use in some way: each link as it is, or selling off what it released."""
        if not self.asking.is_for(chain[0].holder, use.point.act):
            return False
        ways = [self.licences.allows(link, use) for link in chain]
        if not all(ways) or any(self._takes_away(link, use) for link in chain):
            return False
        if not any(self._stands(chain, row, use) for row in product(*ways)):
            return False
        return not any(self._keeps_out(e, chain, holder, use) for e in self.barriers(holder, use))

    def _stands(self, chain: list[Terms], selling_off: tuple[bool, ...], use: Use) -> bool:
        for number, link in enumerate(chain):
            selling = any(selling_off[number:])  # what hangs on something that is sold off is sold off too
            if not self._link_stands(link, selling, use):
                return False
        return True

    def _link_stands(self, link: Terms, selling: bool, use: Use) -> bool:
        asking, root = self.asking, link.root
        words = self.licences.words(link)
        if not (root.index is not None and root.index < root.tree_size and link.sure):
            return False
        if any(word is None or word.contested_until > asking.at for word in words):
            return False
        if RANKS.index(self.licences.assurance(root)) < asking.least.get(use.point.act, 1):
            return False
        released = asking.kind == "use" and not {root.digest, link.said.digest}.isdisjoint(asking.rests_on)
        sold = selling and released and use.point.act == "distribute"
        ended = bool(self.licences.endings(root)) or root.digest not in self.history.vouched.no_revocation_of
        if (ended or selling) and not sold:
            return False
        return not self._exhausted(link)

    def _exhausted(self, link: Terms) -> bool:
        drawn = self.history.vouched.cap_counts.get(link.root.digest, {})
        for unit, draws in self.asking.draws.items():
            caps = [body["caps"][unit] for body in link.bodies if body["caps"].get(unit) is not None]
            if caps and (unit not in drawn or drawn[unit] + draws > min(caps)):
                return True
        return False

    def _takes_away(self, link: Terms, use: Use) -> bool:
        """What a licence's own words keep its licensee from."""
        for body in link.bodies:
            listed = {*body["product_categories"]}
            named = bool(use.categories) and {*use.categories} <= listed
            if listed and use.point.purpose in ADVERTISING and not named:
                return True
        return any(self._held_back(link, "licensee", use))

    def _held_back(self, link: Terms, binds: str, use: Use) -> Iterator[bool]:
        for body in link.bodies:
            for holdback in body["holdbacks"]:
                for box in holdback["scopes"] if holdback["binds"] == binds else []:
                    yield self._barred(link, box, use) and shows_any(box, use.shown)

    def _barred(self, link: Terms, box: Body, use: Use) -> bool:
        """Say whether a box that is read as a bar names a point, whatever is shown."""
        holders = self.licences.parties(link.root)
        window = self.history.window(box, 0, "bars", link.root.body["licensor"], holders)
        everywhere = [*box["projects"]] if use.project == "*" else [use.project]
        return window is not None and window[0] <= use.point.moment < window[1] and holds(box, use.point, everywhere)

    # --- who is kept out

    def barriers(self, holder: Holder, use: Use) -> list[tuple[str, Terms]]:
        """Return the licences to others that keep somebody out at a point, as exclusive ones or by a holdback."""
        found = []
        for root in self.licences.roots:
            e = self.licences.terms(root, use.point.moment)
            own = e.holder == self.asking.requester or e.holder in self.asking.principals
            if own and e.sure:
                continue
            if self.licences.word(root) is None or not self._in_time(e, holder) or not self._still_bars(e, use):
                continue
            if any(self._held_back(e, "licensor", use)) and self.reaches(e):
                found.append(("holdback", e))
            if e.body["exclusivity"] != "none" and self._reaches_as_given(e) and self._is_exclusive_at(e, use):
                found.append(("exclusive", e))
        return found

    def _reaches_as_given(self, e: Terms) -> bool:
        """What an amendment that does not count yet takes from a licence frees nobody."""
        return self.reaches(Terms(e.root, e.said, e.body, (), e.order, e.holder, e.sure, e.stretch, e.since))

    def _is_exclusive_at(self, e: Terms, use: Use) -> bool:
        boxes = [*e.body["scopes"]]
        for option in e.body["options"]:
            boxes += option["scopes"] if option["option"] in self.licences.exercised(e.root) else []
        if not any(self._barred(e, box, use) for box in boxes):
            return False
        listed = {*e.body["product_categories"]}
        spared = listed and use.point.purpose in ADVERTISING and use.categories and listed.isdisjoint(use.categories)
        return not spared

    def _still_bars(self, e: Terms, use: Use) -> bool:
        """Say whether a licence still keeps others out: what sets them free must count, as it permits."""
        lapses = self.licences.lapses(e, e.body, sure=True)
        if use.point.moment >= self.licences.control(e, sure=True):
            return False
        if use.point.moment >= lapses and self.asking.at >= lapses:
            return False
        node: Read | None = e.root
        while node is not None:
            if any(counts(s) for s in self.licences.endings(node)):
                return False
            node = self.history.by_digest.get(node.body["parent"]) if node.body["parent"] else None
        return True

    def _holders_of(self, e: Terms) -> set[str]:
        return {e.root.body["licensor"], *self.licences.mandates(e.root)}

    def _in_time(self, e: Terms, holder: Holder) -> bool:
        """What a holder gave after it had assigned its title was not its to give."""
        places = [holder.line[party] for party in self._holders_of(e) if party in holder.line]
        return not places or e.order < max(places)

    def _binds_licensor(self, kind: str, e: Terms) -> bool:
        own = self.licences.assurance(e.root) != "recorded"
        return own and (kind == "holdback" or e.body["exclusivity"] == "exclusive")

    def _keeps_holder_out(self, barrier: tuple[str, Terms], holder: Holder, use: Use) -> bool:
        kind, e = barrier
        return not self._holders_of(e).isdisjoint(holder.line) and self._binds_licensor(kind, e)

    def _keeps_out(self, barrier: tuple[str, Terms], chain: list[Terms], holder: Holder, use: Use) -> bool:
        kind, e = barrier
        if e.root in [link.root for link in chain]:
            return False
        licensor = e.root.body["licensor"]
        for number, link in enumerate(chain):
            under = link.root.digest in self._above(e.root)
            if under and (licensor == self.asking.requester or licensor in self.asking.principals):
                if self._binds_licensor(kind, e):
                    return True
                continue
            top = number == len(chain) - 1 and not self._holders_of(e).isdisjoint(holder.line)
            if (licensor == link.root.body["licensor"] or top) and self._goes_before(kind, e, link):
                return True
        return False

    def _above(self, root: Read) -> set[str]:
        above: set[str] = set()
        node = root
        while node.body["parent"] in self.history.by_digest and node.body["parent"] not in above:
            above.add(node.body["parent"])
            node = self.history.by_digest[node.body["parent"]]
        return above

    def _goes_before(self, kind: str, e: Terms, g: Terms) -> bool:
        own, other = (self.licences.assurance(terms.root) != "recorded" for terms in (e, g))
        if kind == "holdback":
            return own >= other and e.order < g.order
        if own != other:
            return own
        if own:
            return e.order < g.order
        if g.body["exclusivity"] != "none":
            return True
        signed = [terms.root.body.get("signed_on") for terms in (e, g)]
        return None in signed or signed[0] <= signed[1]  # type: ignore[operator]  # two days
