"""
Say in a person's language what a monitor found: English or French, one line a fact.

What is proven and what the registry alone vouches for stand in lines of their own, always both. What a log or its
registry said is shown as ``plain``: nobody writes a line of this report but we.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from registry.watch.evidence import EvidenceKind, Verdict
from registry.watch.findings import Finding, Grade
from registry.watch.monitor import Report

Language = Literal["en", "fr"]

_GRADES: Final[dict[Grade, dict[Language, str]]] = {
    "fault": {"en": "ALARM", "fr": "ALERTE"},
    "unchecked": {"en": "NOT CHECKED", "fr": "NON VÉRIFIÉ"},
    "notice": {"en": "note", "fr": "remarque"},
}

_FINDINGS: Final[dict[str, dict[Language, str]]] = {
    "fork": {
        "en": "the log signed two different trees of {later} entries",
        "fr": "le journal a signé deux arbres différents de {later} entrées",
    },
    "rewritten": {
        "en": "the log changed entries: of its trees of {earlier} and {later} entries, neither begins the other",
        "fr": "le journal a modifié des entrées : de {earlier} et {later} entrées, aucun arbre ne commence l’autre",
    },
    "rollback": {
        "en": "the log went back: it showed {earlier} entries before and shows {later} now",
        "fr": "le journal est revenu en arrière : il montrait {earlier} entrées et n’en montre plus que {later}",
    },
    "backdated": {
        "en": "the log signed {later} entries at a time before it signed {earlier}",
        "fr": "le journal a daté {later} entrées d’avant ses {earlier} entrées",
    },
    "from_the_future": {
        "en": "the checkpoint comes from the future: {problem}",
        "fr": "le point de contrôle vient du futur : {problem}",
    },
    "bad_entry": {
        "en": "entry {index} of the log has not the form of an entry",
        "fr": "l’entrée {index} du journal n’a pas la forme d’une entrée",
    },
    "entry_differs": {
        "en": "{type} {digest} is listed as entry {index}, where the log holds something else",
        "fr": "{type} {digest} est annoncé à l’entrée {index}, où le journal contient autre chose",
    },
    "envelope_differs": {
        "en": "the registry shows another envelope of {type} {digest} than entry {index} commits to",
        "fr": "le registre montre de {type} {digest} une autre enveloppe que celle de l’entrée {index}",
    },
    "moved": {
        "en": "{type} {digest} was reported at entry {index} and is listed differently now (entry {now})",
        "fr": "{type} {digest} a été signalé à l’entrée {index} et figure autrement aujourd’hui (entrée {now})",
    },
    "never_logged": {
        "en": "{type} {digest} was accepted {minutes} minutes ago and is not in the log",
        "fr": "{type} {digest} a été accepté il y a {minutes} minutes et n’est pas dans le journal",
    },
    "second_entry": {
        "en": "{digest} stands in the log at {first} and again at {index}",
        "fr": "{digest} figure dans le journal à {first} et encore à {index}",
    },
    "vanished": {
        "en": "{type} {digest} was reported at entry {index} and is listed no more",
        "fr": "{type} {digest} a été signalé à l’entrée {index} et ne figure plus dans la liste",
    },
    "foreign_key": {
        "en": "{type} {digest} (entry {index}) was issued in your name and signed by none of your keys",
        "fr": "{type} {digest} (entrée {index}) a été émis en votre nom sans être signé par aucune de vos clés",
    },
    "log_unreachable": {"en": "{problem}", "fr": "lecture impossible : {problem}"},
    "bad_note": {
        "en": "the checkpoint is not believed: {problem}",
        "fr": "le point de contrôle n’est pas cru : {problem}",
    },
    "other_origin": {
        "en": "the checkpoint is of another log: {problem}",
        "fr": "le point de contrôle est celui d’un autre journal : {problem}",
    },
    "quorum_missing": {
        "en": "too few witnesses: {problem}",
        "fr": "trop peu de témoins : {problem}",
    },
    "bad_proof": {
        "en": "the files of the log do not lead to what it signed: {problem}",
        "fr": "les fichiers du journal ne mènent pas à ce qu’il a signé : {problem}",
    },
    "ahead": {
        "en": "{file} shows {size} entries, and {own} are shown here: the rest is kept from you, or on its way",
        "fr": "{file} montre {size} entrées, et {own} sont montrées ici : le reste vous est caché, ou est en chemin",
    },
    "list_unreadable": {
        "en": "the registry's list of statements cannot be read: {problem}",
        "fr": "la liste des déclarations du registre est illisible : {problem}",
    },
    "witness_ahead": {
        "en": "the clock of the witness {witness} runs ahead; its word was not counted",
        "fr": "l’horloge du témoin {witness} avance ; sa parole n’a pas été comptée",
    },
    "keys_differ": {
        "en": "{origin} states other verifier keys than those that are believed here; ask its operator why",
        "fr": "{origin} annonce d’autres clés que celles qui sont crues ici ; demandez-en la raison à l’exploitant",
    },
    "key_unknown": {
        "en": "{origin} states keys that are not believed here, and none that is has signed what it serves: {vkeys}. "
        "If it rotated its key, have its operator confirm the new one by another way than this address, then look once "
        "with --vkey for each key to believe",
        "fr": "{origin} annonce des clés qui ne sont pas crues ici, et aucune de celles qui le sont n’a signé ce qu’il "
        "montre : {vkeys}. Si sa clé a été remplacée, faites confirmer la nouvelle par l’exploitant autrement que par "
        "cette adresse, puis relancez une fois avec --vkey pour chaque clé à croire",
    },
    "first_sight": {
        "en": "the keys of {origin} were taken from the log itself: compare them with what its operator gives you",
        "fr": "les clés de {origin} viennent du journal lui-même : comparez-les à celles que donne l’exploitant",
    },
}

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "first": {
        "en": "nothing was kept of {origin} before: what it shows now is taken for the beginning",
        "fr": "rien n’était conservé de {origin} : ce qu’il montre maintenant est pris pour le début",
    },
    "nothing": {
        "en": "nothing of {origin} could be verified",
        "fr": "rien de {origin} n’a pu être vérifié",
    },
    "grown": {
        "en": "{origin}: {size} entries, verified; {new} since the last look",
        "fr": "{origin} : {size} entrées, vérifiées ; {new} depuis la dernière fois",
    },
    "read": {
        "en": "proven: {walked} of {size} entries were read and hash to the signed root",
        "fr": "prouvé : {walked} entrées sur {size} ont été lues et mènent à la racine signée",
    },
    "new": {
        "en": "new: {type} {digest}, entry {index}{by}",
        "fr": "nouveau : {type} {digest}, entrée {index}{by}",
    },
    "by": {"en": ", issued by {issuer}, signed by {keys}", "fr": ", émis par {issuer}, signé par {keys}"},
    "own": {"en": " (yours)", "fr": " (la vôtre)"},
    "waiting": {
        "en": "waiting: {type} {digest}, accepted {at}, not yet under the verified checkpoint",
        "fr": "en attente : {type} {digest}, accepté le {at}, pas encore sous le point de contrôle vérifié",
    },
    "person": {
        "en": "proven: {proven} of the {listed} statements listed for {party} stand in the log under this checkpoint",
        "fr": "prouvé : {proven} des {listed} déclarations annoncées pour {party} figurent dans le journal vérifié",
    },
    "vouched": {
        "en": "vouched for by the registry alone: that the list is complete; the log holds digests and no names",
        "fr": "sur la seule parole du registre : que la liste est complète ; le journal ne contient aucun nom",
    },
    "unasked": {
        "en": "the registry was not asked about {party}: give --token to list the statements that concern them",
        "fr": "le registre n’a pas été interrogé sur {party} : donnez --token pour lister les déclarations concernées",
    },
    "evidence": {"en": "evidence: {path}", "fr": "preuve : {path}"},
    "walking": {"en": "read {walked} of {size} entries", "fr": "{walked} entrées lues sur {size}"},
    "holds": {
        "en": "PROVEN by the log's own signatures: {what}",
        "fr": "PROUVÉ par les signatures mêmes du journal : {what}",
    },
    "worded": {
        "en": "signed by the log, and in this order by the word of whoever kept the file: {what}",
        "fr": "signé par le journal, et dans cet ordre sur la parole de qui a conservé le fichier : {what}",
    },
    "accomplices": {
        "en": "both were cosigned by {names}, which an honest witness does not do",
        "fr": "les deux ont été cosignés par {names}, ce qu’un témoin honnête ne fait pas",
    },
}

_SHOWN: Final[dict[EvidenceKind, dict[Language, str]]] = {
    "fork": {"en": "two trees of one size", "fr": "deux arbres d’une même taille"},
    "rewritten": {"en": "entries were changed", "fr": "des entrées ont été modifiées"},
    "rollback": {
        "en": "a smaller tree was shown after a larger one",
        "fr": "un arbre plus petit a été montré après un plus grand",
    },
    "backdated": {
        "en": "the times in the signatures go back while the tree grows",
        "fr": "les dates des signatures reculent tandis que l’arbre grandit",
    },
    "from_the_future": {
        "en": "a checkpoint signed after the moment at which it was seen",
        "fr": "un point de contrôle signé après le moment où il a été vu",
    },
}


# Control characters, line and paragraph ends, and what writes nothing or turns the direction of a line.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def plain(said: object) -> str:
    """Write on one line what a stranger said, so that it neither ends the line nor moves the cursor of a terminal."""
    return _UNSEEN.sub("\ufffd", str(said))


def words(name: str, language: Language, **facts: object) -> str:
    """Return one of the sentences that are no finding."""
    return _filled(_WORDS[name][language], facts)


def lines(report: Report, language: Language) -> Iterator[str]:
    """Yield the report, alarms first."""
    order = {"fault": 0, "unchecked": 1, "notice": 2}
    for finding in sorted(report.findings, key=lambda finding: order[finding.grade]):
        yield _finding(finding, language)
        if finding.evidence is not None:
            yield "  " + words("evidence", language, path=report.evidence[finding.evidence.file_name])
    yield from _log(report, language)
    yield from _person(report, language)


def verdict(kind: EvidenceKind, found: Verdict, language: Language) -> Iterator[str]:
    """Yield what a file of evidence shows."""
    yield words("holds" if found.proven else "worded", language, what=_SHOWN[kind][language])
    if found.witnesses:
        yield words("accomplices", language, names=", ".join(sorted(found.witnesses)))


def _finding(finding: Finding, language: Language) -> str:
    sentence = _filled(_FINDINGS[finding.code][language], finding.facts)
    colon = " :" if language == "fr" else ":"
    return f"{_GRADES[finding.grade][language]} {finding.code}{colon} {sentence}"


def _filled(sentence: str, facts: Mapping[str, object]) -> str:
    return sentence.format(**{name: plain(fact) for name, fact in facts.items()})


def _log(report: Report, language: Language) -> Iterator[str]:
    if report.seen is None:
        yield words("nothing", language, origin=report.origin)
        return
    if report.before is None:
        yield words("first", language, origin=report.origin)
    size = report.seen.size
    yield words("grown", language, origin=report.origin, size=size, new=size - (report.before or 0))
    yield words("read", language, walked=report.walked, size=size)


def _person(report: Report, language: Language) -> Iterator[str]:
    checked = report.checked
    if report.party is None:
        return
    if checked is None:
        if not any(finding.grade == "unchecked" for finding in report.findings):
            yield words("unasked", language, party=report.party)
        return
    for one in checked.proven:
        keys = ", ".join(keyid[:16] for keyid in one.keyids) + (words("own", language) if one.own else "")
        by = "" if one.issuer is None else words("by", language, issuer=one.issuer, keys=keys)
        listed = one.listed
        yield words("new", language, type=listed.type, digest=listed.digest, index=listed.index, by=by)
    for late in checked.waiting:
        yield words("waiting", language, type=late.type, digest=late.digest, at=f"{late.accepted_at:%Y-%m-%d %H:%M}Z")
    yield words("person", language, proven=report.in_log, listed=report.listed, party=report.party)
    yield words("vouched", language)
