"""
A scope in words: every term of a box, so that whoever signs it reads all of it.

``describe_scope`` gives one box as lines, ``describe_scopes`` several as numbered parts, whose union is meant. Names of
projects are the caller's to know.
"""

from collections.abc import Mapping, Sequence

from registry.core.events import AnyScope, Following, Timed
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, LABELS, MEDIA, PURPOSES, Vocabulary
from registry.core.times import from_epoch_s
from registry.texts import words
from registry.texts.events import describe_following
from registry.texts.layout import Names, Pair, bare, listed, moment, say, series
from registry.texts.places import describe_languages, describe_territories


def describe_scope(box: AnyScope, language: str, names: Names = bare) -> list[str]:
    """Write one box, a line a dimension; `language` is `en` or `fr`."""
    scope = box.box if isinstance(box, Timed) else box
    lines: list[Pair] = [
        ("What may be done", "Ce qui est permis"),
        ("With", "Avec"),
        ("For", "Pour"),
        ("Shown in", "Diffusion"),
        ("Where", "Où"),
        ("In which languages", "En quelles langues"),
        ("In which projects", "Dans quels projets"),
        ("When", "Quand"),
        ("Sensitive things the person may be shown in", "Sujets sensibles dans lesquels la personne peut être montrée"),
        ("Sensitive things that may be shown beside", "Sujets sensibles qui peuvent être montrés à côté"),
    ]
    told = [
        series(_terms(ACTS, scope.acts, words.ACTS, language), language),
        series(_terms(ASPECTS, scope.aspects, words.ASPECTS, language), language),
        series(_terms(PURPOSES, scope.purposes, words.PURPOSES, language), language),
        series(_media(scope.media, language), language),
        describe_territories(scope.territories, language),
        describe_languages(scope.languages, language),
        _projects(scope, language, names),
        describe_window(box, language, names),
        _content(scope.depicts, language),
        _content(scope.scene, language),
    ]
    colon = say((": ", "\N{NO-BREAK SPACE}: "), language)
    return [f"{say(line, language)}{colon}{text}." for line, text in zip(lines, told, strict=True)]


def describe_scopes(scopes: Sequence[AnyScope], language: str, names: Names = bare) -> list[str]:
    """Write several boxes as numbered parts; each stands by itself, and together they are what is meant."""
    if len(scopes) == 1:
        return describe_scope(scopes[0], language, names)
    lines = []
    for number, scope in enumerate(scopes, start=1):
        lines.append(say((f"Part {number} of {len(scopes)}", f"Partie {number} sur {len(scopes)}"), language))
        lines += [f"  {line}" for line in describe_scope(scope, language, names)]
    return lines


def describe_window(box: AnyScope, language: str, names: Names = bare) -> str:
    """Say from when until when; the end is not part of it."""
    if isinstance(box, Timed):
        return _following(box, language, names)
    start = moment(box.start, language)
    if box.end is None:
        return say((f"from {start}, without an end", f"à partir du {start}, sans date de fin"), language)
    end = moment(box.end, language)
    return say((f"from {start} until just before {end}", f"du {start} jusqu’au {end}, exclu"), language)


def _following(box: Timed, language: str, names: Names) -> str:
    """Say which events open and close the window; an edge that is a time stays one."""
    start, end = (_edge(edge, language, names) for edge in (box.start, box.end))
    opens = say((f"from {start}", f"à partir de : {start}"), language)
    if end is None:
        return opens + say((", without an end", ", sans date de fin"), language)
    return opens + say((f" until just before {end}", f" ; jusqu’à, exclu : {end}"), language)


def _edge(edge: int | Following | None, language: str, names: Names) -> str | None:
    if isinstance(edge, Following):
        return describe_following(edge, language, names)
    return None if edge is None else moment(from_epoch_s(edge), language)


def _terms(vocabulary: Vocabulary, mask: int, table: Mapping[str, Pair], language: str) -> list[str]:
    """Name the terms of a set, in the order of the vocabulary: acts and media go from first to last use."""
    held = set(vocabulary.names(mask))
    return [say(table[term], language) for term in vocabulary.terms if term in held]


def _media(mask: int, language: str) -> list[str]:
    named = _terms(MEDIA, mask, words.MEDIA, language)
    if mask != MEDIA.all:
        return named
    return [say(("every medium of the list", "tous les médias de la liste"), language) + f" ({', '.join(named)})"]


def _projects(scope: Scope, language: str, names: Names) -> str:
    if scope.all_projects:
        return say(("any project", "n’importe quel projet"), language)
    return listed(sorted(names(project) for project in scope.projects), language)


def _content(mask: int, language: str) -> str:
    """Name what is allowed and what is not: a list of what is allowed alone would leave the rest to guesswork."""
    allowed = _terms(LABELS, mask, words.LABELS, language)
    refused = _terms(LABELS, LABELS.all & ~mask, words.LABELS, language)
    if not refused:
        return say(("everything of the list", "toute la liste"), language) + f" ({', '.join(allowed)})"
    never = listed(refused, language)
    if not allowed:
        return say((f"none of these: {never}", f"aucun de ceux-ci : {never}"), language)
    held = listed(allowed, language)
    return say((f"{held}; none of these: {never}", f"{held} ; aucun de ceux-ci : {never}"), language)
