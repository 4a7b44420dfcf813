"""
The clearance report as a PDF, for whoever insures or buys the film.

1. What it is about, what it is, and the figures at a glance.
2. The sale that was asked for: what is in the way and who can clear it; approvals still awaited.
3. Every shot in one table; events of the cut without papers.
4. The papers of each shot: grounds with assurance and end, checks and who looked, why it may not be used now.
5. Music, models, and the annex with every digest in full.
"""

from collections.abc import Iterable, Iterator

from generation.core.report import Blocker, ClearanceReport, ShotLine
from generation.report.codes import said
from generation.report.page import Sheet
from generation.report.words import all_places, area, called, date_of, media, moment_of, places, short, word
from registry.core.times import parse_time
from registry.texts.layout import grouped

MAX_AREAS = 4  # of one obstacle that are written out


def write_pdf(report: ClearanceReport, language: str) -> bytes:
    """Write the report; the same report gives the same bytes."""
    return _Writer(report, language).write()


class _Writer:
    def __init__(self, report: ClearanceReport, language: str) -> None:
        self._report, self._language = report, language
        head = f"{self._w('title')} · {called(report.project, language)}"
        self._sheet = Sheet(
            language=language,
            head=head,
            foot=f"{moment_of(report.at, language)} · {self._log()}",
            page=self._w("page"),
            of=self._w("of"),
            at=parse_time(report.at),
        )

    def write(self) -> bytes:
        self._front()
        self._figures()
        self._sale()
        self._shots()
        self._unmatched()
        self._papers()
        self._music()
        self._models()
        self._annex()
        return bytes(self._sheet.output())

    def _w(self, name: str) -> str:
        return word(name, self._language)

    def _date(self, time: str | None) -> str:
        return date_of(time, self._language)

    def _front(self) -> None:
        report, sheet = self._report, self._sheet
        sheet.heading(self._w("title"), level=1)
        sheet.pairs(
            [
                (self._w("project"), f"{called(report.project, self._language)}  ({report.project.id})"),
                (self._w("producer"), f"{called(report.producer, self._language)}  ({report.producer.id})"),
                (self._w("made"), moment_of(report.at, self._language)),
                (self._w("log"), self._log()),
                (self._w("cut"), self._cut()),
                (self._w("sale"), self._asked()),
            ]
        )
        sheet.say(self._w("basis"), soft=True)

    def _log(self) -> str:
        size = grouped(self._report.tree_size, self._language)
        return f"{self._report.log} · {size} {self._w('entries')}"

    def _cut(self) -> str:
        cut = self._report.cut
        if cut is None:
            return self._w("no_cut")
        return f"{cut.name}, {self._w('version')} {cut.version}, {self._date(cut.at)} · {short(cut.sha256)}"

    def _asked(self) -> str:
        sale = self._report.sale
        if sale is None:
            return self._w("no_sale")
        where = media(sale.media, self._language) if sale.media else self._w("as_released")
        lands = all_places(sale.territories, self._language) if sale.territories else self._w("as_released")
        plain = sale.until in ("as_released", "forever")
        until = self._w(sale.until) if plain else f"{self._w('until')} {self._date(sale.until)}"
        return f"{where} · {lands} · {until}"

    def _figures(self) -> None:
        shots = self._report.shots
        figures = [
            (self._w("shots"), str(len(shots))),
            (self._w("usable"), str(sum(shot.window == "in_window" for shot in shots))),
            (self._w("must_go"), str(sum(shot.must_pull for shot in shots))),
            (self._w("no_papers"), str(len(self._report.unmatched))),
            (self._w("earliest"), self._earliest()),
        ]
        if self._report.sale is not None:
            for name, verdict in (("sale_ok", "covered"), ("sale_blocked", "blocked"), ("sale_waits", "pending")):
                figures.append((self._w(name), str(sum(shot.sale == verdict for shot in shots))))
        self._sheet.heading(self._w("summary"))
        self._sheet.pairs(figures)

    def _earliest(self) -> str:
        found = self._report.earliest_expiry
        return self._w("none_known") if found is None else self._date(found)

    def _sale(self) -> None:
        if self._report.sale is None:
            return
        self._sheet.heading(self._w("blocked_by"))
        rows = list(self._blockers(self._report.shots))
        if not rows:
            self._sheet.say(self._w("nothing_blocks"))
        else:
            head = [self._w(name) for name in ("who", "why", "about", "shots", "where_when")]
            self._sheet.rows(head, rows, widths=(20, 18, 18, 12, 32))
        waits = [
            [called(wait.by, self._language), shot.shot_code, self._w(f"on_{wait.on}"), self._due(wait.due)]
            for shot in self._report.shots
            for wait in shot.waits
        ]
        if waits:
            self._sheet.heading(self._w("waiting"), level=3)
            head = [self._w(name) for name in ("who", "shot", "about", "due")]
            self._sheet.rows(head, waits, widths=(40, 20, 20, 20))

    def _due(self, due: str | None) -> str:
        return self._w("none") if due is None else moment_of(due, self._language)

    def _blockers(self, shots: Iterable[ShotLine]) -> Iterator[list[str]]:
        """Put what is in the way of several shots in one row: the same reason, person and areas."""
        together: dict[tuple[str, str, str, str], list[str]] = {}
        for shot in shots:
            for blocker in shot.blockers:
                about = called(blocker.subject, self._language)
                key = (
                    called(blocker.ask, self._language),
                    said(blocker.code, self._language),
                    about,
                    self._areas(blocker),
                )
                codes = together.setdefault(key, [])
                if shot.shot_code not in codes:
                    codes.append(shot.shot_code)
        for (who, why, about, missing), codes in sorted(together.items()):
            yield [who, why, about, ", ".join(codes), missing]

    def _areas(self, blocker: Blocker) -> str:
        told = [area(one, self._language) for one in blocker.areas[:MAX_AREAS]]
        more = len(blocker.areas) - MAX_AREAS
        return "\n".join([*told, *([f"+ {more}"] if more > 0 else [])]) or "–"

    def _shots(self) -> None:
        self._sheet.heading(self._w("shots"))
        names = ["shot", "now", "performers", "rights_until"]
        widths = [20, 20, 40, 20]
        if self._report.sale is not None:
            names, widths = [*names, "sale_column"], [20, 18, 32, 18, 12]
        rows = [self._shot_row(shot) for shot in self._report.shots]
        self._sheet.rows([self._w(name) for name in names], rows, widths=widths)

    def _shot_row(self, shot: ShotLine) -> list[str]:
        people = ", ".join(called(who, self._language) for who in shot.performers) or "–"
        row = [self._shot_name(shot), self._now(shot), people, self._date(shot.rights_until)]
        return [*row, self._w(shot.sale)] if shot.sale is not None else row

    def _shot_name(self, shot: ShotLine) -> str:
        return f"{shot.shot_code}, {self._w('take')} {shot.take}"

    def _now(self, shot: ShotLine) -> str:
        if shot.state == "withdrawn":
            return self._w("withdrawn")
        return self._w("must_pull") if shot.must_pull else self._w(shot.window)

    def _unmatched(self) -> None:
        if not self._report.unmatched:
            return
        self._sheet.heading(self._w("no_papers"))
        rows = [
            [self._place(event.place), event.name or "–", self._w(event.kind), said(event.gap, self._language)]
            for event in self._report.unmatched
        ]
        self._sheet.rows([self._w(name) for name in ("event", "name", "about", "why")], rows, widths=(30, 30, 12, 28))

    def _place(self, place: str) -> str:
        return place.replace("line ", f"{self._w('line')} ", 1)

    def _papers(self) -> None:
        self._sheet.heading(self._w("papers"), over=bool(self._report.shots))
        for shot in self._report.shots:
            self._sheet.heading(self._shot_name(shot), level=3)
            self._sheet.pairs(list(self._facts(shot)))
            for gap in shot.gaps:
                why = f"{said(gap.code, self._language)} ({called(gap.subject, self._language)})"
                self._sheet.say(f"{self._w('not_now')}{self._w('colon')}{why}", alarm=True)
            rows = [
                [
                    called(ground.grantor, self._language),
                    self._w("title_ground" if ground.kind == "title" else ground.kind),
                    self._w(ground.assurance) if ground.withdrawn is None else self._w(ground.withdrawn),
                    self._date(ground.until),
                    short(ground.digest),
                ]
                for ground in shot.grounds
            ]
            names = ("granted_by", "ground", "assurance", "rights_until", "digest")
            self._sheet.rows([self._w(name) for name in names], rows, widths=(32, 16, 16, 18, 18))

    def _facts(self, shot: ShotLine) -> Iterator[tuple[str, str]]:
        file = f"{self._w('file')} {short(shot.output_sha256)}"
        yield self._w("released"), f"{self._date(shot.released_at)} · {file}"
        if shot.frames_used:
            yield self._w("frames"), ", ".join(f"{first}–{after - 1}" for first, after in shot.frames_used)
        use = f"{media(shot.media, self._language)} · {places(shot.territories, self._language)}"
        more = f" · {shot.other_uses} {self._w('other_uses')}" if shot.other_uses else ""
        yield self._w("for"), f"{use} · {self._w('until')} {self._date(shot.use_until)}{more}"
        checks = ", ".join(f"{self._w(name)}{self._w('colon')}{self._w(outcome)}" for name, outcome in shot.checks)
        reviewed = called(shot.reviewed_by, self._language)
        seen = f"{self._w('reviewed')} {reviewed}" if shot.reviewed_by is not None else self._w("not_reviewed")
        yield self._w("checks"), f"{checks or self._w('no_checks')}; {seen}"
        yield self._w("model"), short(shot.weights)

    def _music(self) -> None:
        self._sheet.heading(self._w("music"))
        cues = [(shot, cue) for shot in self._report.shots for cue in shot.cues]
        if not cues:
            self._sheet.say(self._w("no_music"))
            return
        rows = [
            [
                shot.shot_code,
                called(cue.asset, self._language),
                ", ".join(called(who, self._language) for who in cue.compositions) or self._w("unclaimed"),
                ", ".join(called(who, self._language) for who in cue.masters) or self._w("unclaimed"),
            ]
            for shot, cue in cues
        ]
        head = [self._w(name) for name in ("shot", "about", "composition", "master")]
        self._sheet.rows(head, rows, widths=(16, 28, 28, 28))
        self._sheet.say(self._w("performing"), soft=True)

    def _models(self) -> None:
        self._sheet.heading(self._w("models"))
        rows = [
            [one.engine, short(one.weights), self._w(one.training), "–" if one.root is None else short(one.root)]
            for one in self._report.weights
        ]
        head = [self._w(name) for name in ("model", "digest", "training", "root")]
        self._sheet.rows(head, rows, widths=(25, 25, 25, 25))
        self._sheet.say(self._w("vouched"), soft=True)

    def _annex(self) -> None:
        self._sheet.heading(self._w("annex"))
        self._sheet.say(self._w("how"), soft=True)
        rows = [[short(digest), digest, what] for digest, what in self._digests().items()]
        self._sheet.rows(["…", "SHA-256", self._w("about")], rows, widths=(14, 62, 24))

    def _digests(self) -> dict[str, str]:
        """Return every digest of the report, in order, with what it is of."""
        found: dict[str, str] = {}
        if self._report.cut is not None:
            found[self._report.cut.sha256] = self._w("cut")
        for shot in self._report.shots:
            found[shot.output_sha256] = f"{self._w('file')} {shot.shot_code}"
            found[shot.release] = f"{self._w('released')} {shot.shot_code}"
            for ground in shot.grounds:
                kind = self._w("title_ground" if ground.kind == "title" else ground.kind)
                found.setdefault(ground.digest, f"{kind}, {called(ground.grantor, self._language)}")
        for one in self._report.weights:
            found[one.weights] = f"{self._w('model')} {one.engine}"
            if one.root is not None:
                found[one.root] = self._w("root")
        return found
