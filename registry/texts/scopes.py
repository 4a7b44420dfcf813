"""
A scope in words: every term of a box, so that whoever signs it reads all of it.

``describe_scope`` gives one box as lines, ``describe_scopes`` several as numbered parts, whose union is meant. Names of
projects are the caller's to know.
"""

from collections.abc import Iterable, Mapping, Sequence

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
    return _written(
        [
            (("What may be done", "Ce qui est permis"), series(_acts(scope, language), language)),
            *_dimensions(box, language, names),
            (
                (
                    "Sensitive things the person may be shown in",
                    "Sujets sensibles dans lesquels la personne peut être montrée",
                ),
                _content(scope.depicts, language),
            ),
            (
                (
                    "Sensitive things that may be shown beside",
                    "Sujets sensibles qui peuvent être montrés à côté",
                ),
                _content(scope.scene, language),
            ),
        ],
        language,
    )


def describe_bar(box: AnyScope, language: str, names: Names = bare) -> list[str]:
    """Write one box of what is forbidden, suspended or held back."""
    scope = box.box if isinstance(box, Timed) else box
    return _written(
        [
            (("What is barred", "Ce qui est interdit"), series(_acts(scope, language), language)),
            *_dimensions(box, language, names),
            (("What is shown", "Ce qui est montré"), _barred_content(scope, language)),
        ],
        language,
    )


def _barred_content(scope: Scope, language: str) -> str:
    """Without labels a bar bites whatever is shown; with some, where one of them is."""
    if not scope.depicts and not scope.scene:
        return say(("whatever it is", "quoi que ce soit"), language)
    told = []
    if scope.depicts:
        labels = listed(_terms(LABELS, scope.depicts, words.LABELS, language), language, last="or")
        told.append(say((f"the person is shown in {labels}", f"la personne est montrée dans {labels}"), language))
    if scope.scene:
        labels = listed(_terms(LABELS, scope.scene, words.LABELS, language), language, last="or")
        told.append(say((f"the shot shows {labels}", f"le plan montre {labels}"), language))
    either = say((", or where ", ", ou si "), language)
    return say(("only where ", "seulement si "), language) + either.join(told)


def describe_lifted(scopes: Sequence[AnyScope], language: str, names: Names = bare) -> list[str]:
    """Write what is lifted of a bar as numbered parts."""
    return _parts([_lifted(scope, language, names) for scope in scopes], language)


def _lifted(box: AnyScope, language: str, names: Names) -> list[str]:
    scope = box.box if isinstance(box, Timed) else box
    return _written(
        [
            (("What is lifted", "Ce qui est levé"), series(_acts(scope, language), language)),
            *_dimensions(box, language, names),
            (("What is shown", "Ce qui est montré"), _lifted_content(scope, language)),
        ],
        language,
    )


def _lifted_content(scope: Scope, language: str) -> str:
    """Without labels it is lifted whatever is shown; with some, where nothing else that is sensitive is."""
    if not scope.depicts and not scope.scene:
        return say(("whatever it is", "quoi que ce soit"), language)
    person, beside = (
        listed(_terms(LABELS, mask, words.LABELS, language), language) if mask else ""
        for mask in (scope.depicts, scope.scene)
    )
    told = (
        f"the person is shown in {person}" if person else "the person is shown in nothing sensitive",
        f"la personne est montrée dans {person}" if person else "la personne n’est montrée dans rien de sensible",
    )
    also = (
        f"the shot shows {beside}" if beside else "the shot shows nothing sensitive",
        f"le plan montre {beside}" if beside else "le plan ne montre rien de sensible",
    )
    both = say((" and ", " et "), language)
    return say(("at most, ", "tout au plus, "), language) + both.join((say(told, language), say(also, language)))


def describe_bars(scopes: Sequence[AnyScope], language: str, names: Names = bare) -> list[str]:
    """Write several boxes of what is forbidden as numbered parts; each bars by itself."""
    return _parts([describe_bar(scope, language, names) for scope in scopes], language)


def describe_scopes(scopes: Sequence[AnyScope], language: str, names: Names = bare) -> list[str]:
    """Write several boxes as numbered parts; each stands by itself, and together they are what is meant."""
    return _parts([describe_scope(scope, language, names) for scope in scopes], language)


def _parts(boxes: Sequence[Sequence[str]], language: str) -> list[str]:
    if len(boxes) == 1:
        return list(boxes[0])
    lines = []
    for number, box in enumerate(boxes, start=1):
        lines.append(say((f"Part {number} of {len(boxes)}", f"Partie {number} sur {len(boxes)}"), language))
        lines += [f"  {line}" for line in box]
    return lines


def _dimensions(box: AnyScope, language: str, names: Names) -> list[tuple[Pair, str]]:
    """Name every dimension but acts and content, which read differently in a permission and in a bar."""
    scope = box.box if isinstance(box, Timed) else box
    return [
        (("With", "Avec"), series(_terms(ASPECTS, scope.aspects, words.ASPECTS, language), language)),
        (("For", "Pour"), series(_terms(PURPOSES, scope.purposes, words.PURPOSES, language), language)),
        (("Shown in", "Diffusion"), series(_media(scope.media, language), language)),
        (("Where", "Où"), describe_territories(scope.territories, language)),
        (("In which languages", "En quelles langues"), describe_languages(scope.languages, language)),
        (("In which projects", "Dans quels projets"), _projects(scope, language, names)),
        (("When", "Quand"), describe_window(box, language, names)),
    ]


def _acts(scope: Scope, language: str) -> list[str]:
    return _terms(ACTS, scope.acts, words.ACTS, language)


def _written(lines: Iterable[tuple[Pair, str]], language: str) -> list[str]:
    colon = say((": ", "\N{NO-BREAK SPACE}: "), language)
    return [f"{say(line, language)}{colon}{text}." for line, text in lines]


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
    opens = say((f"from {start}", f"à partir de ce moment : {start}"), language)
    if end is None:
        return opens + say((", without an end", ", sans date de fin"), language)
    return opens + say((f" until just before {end}", f" ; jusqu’à ce moment, exclu : {end}"), language)


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
