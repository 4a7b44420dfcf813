"""
The texts of licences: whoever signs reads every term, and what is not agreed is said too.

The order is that of a contract: who and what, how exclusively, who else may come in, how much and on what conditions,
how it ends, and last the boxes that it covers.
"""

from typing import Final

from registry.core.licences import Licence, LicenceAmended, Option
from registry.texts.conditions import describe_approvals, describe_caps
from registry.texts.events import event_of
from registry.texts.layout import Line, Names, Pair, listed, moment, page, quoted
from registry.texts.scopes import describe_bars, describe_scopes
from registry.texts.subjects import document_line, indented, signed_line, subject_lines

_EXCLUSIVITIES: Final[dict[str, Pair]] = {
    "none": (
        "It is not exclusive: the licensor may give the same to others.",
        "Elle n’est pas exclusive : le donneur peut accorder la même chose à d’autres.",
    ),
    "sole": (
        "It is sole: the licensor gives the same to nobody else, but may use it itself. What it gave before to others "
        "without exclusivity stays.",
        "Elle est unique : le donneur n’accorde la même chose à personne d’autre, mais peut l’exploiter lui-même. Ce "
        "qu’il a accordé auparavant à d’autres sans exclusivité demeure.",
    ),
    "exclusive": (
        "It is exclusive: the licensor gives the same to nobody else and does not use it itself. What it gave before "
        "to others without exclusivity stays.",
        "Elle est exclusive : le donneur n’accorde la même chose à personne d’autre et ne l’exploite pas lui-même. Ce "
        "qu’il a accordé auparavant à d’autres sans exclusivité demeure.",
    ),
}  # fmt: skip
_HOLDBACKS: Final[dict[str, Pair]] = {
    "licensee": (
        "Holdback: the licensee leaves the following alone, even where the licence covers it:",
        "Réserve d’exploitation : le preneur s’abstient de ce qui suit, même si la licence le couvre :",
    ),
    "licensor": (
        "Holdback: while the licence stands, the licensor and its later licensees leave the following alone:",
        "Réserve d’exploitation : tant que la licence court, le donneur et ses preneurs ultérieurs s’abstiennent de ce "
        "qui suit :",
    ),
}  # fmt: skip


def describe_licence(record: Licence, language: str, names: Names) -> str:
    return page(
        language,
        ("Licence", "Licence"),
        terms_of(record, language, names),
        (
            "By signing, the licensor allows the licensee exactly what is written here and nothing else. The licensor "
            "can end the licence by a statement of its own.",
            "En signant, le donneur de licence autorise le preneur à faire exactement ce qui est écrit ici, et rien "
            "d’autre. Le donneur peut mettre fin à la licence par sa propre déclaration.",
        ),
    )


def describe_recorded_licence(record: Licence, language: str, names: Names) -> str:
    return page(
        language,
        ("Licence recorded from a document", "Licence inscrite d’après un document"),
        terms_of(record, language, names),
        (
            "By signing, the licensee states, on its own responsibility, that the licensor signed a document with "
            "these terms. The licensor can confirm or deny it.",
            "En signant, le preneur déclare, sous sa propre responsabilité, que le donneur de licence a signé un "
            "document contenant ces termes. Le donneur peut le confirmer ou le nier.",
        ),
    )


def describe_amendment(record: LicenceAmended, language: str, names: Names) -> str:
    named, since = names(record.licence), record.effective_from
    return page(
        language,
        ("Amendment of a licence", "Avenant à une licence"),
        [
            (f"Licence: {named}", f"Licence : {named}"),
            (f"In force from {moment(since, 'en')}", f"En vigueur à partir du {moment(since, 'fr')}"),
            document_line(record.document_sha256, ("the amendment", "de l’avenant")),
            (
                "From then on the licence says what follows, in place of all that it said before. For earlier times "
                "the earlier terms hold.",
                "À partir de cette date, la licence dit ce qui suit, en remplacement de tout ce qu’elle disait. Pour "
                "la période antérieure, les termes antérieurs valent.",
            ),
            *terms_of(record.terms, language, names, amended=True),
        ],
        (
            "By signing, the licensor gives the licence these terms. What they no longer allow from that date on ends "
            "at once.",
            "En signant, le donneur donne ces termes à la licence. Ce qu’ils n’autorisent plus à partir de cette date "
            "prend fin immédiatement.",
        ),
    )


def terms_of(record: Licence, language: str, names: Names, *, amended: bool = False) -> list[Line | None]:
    """Say every term of a licence; ``amended``: of one that was given before."""
    return [
        (f"Licensor: {names(record.licensor)}", f"Donneur de licence : {names(record.licensor)}"),
        (f"Licensee: {names(record.licensee)}", f"Preneur de licence : {names(record.licensee)}"),
        *subject_lines(record.subjects, names),
        _new_assets(record, amended=amended),
        _parent(record, names),
        _EXCLUSIVITIES[record.exclusivity],
        _categories(record),
        _sublicences(record),
        _assignment(record),
        _control(record),
        *describe_caps(record.caps, language),
        *describe_approvals(record.approvals, language, names),
        *_holdbacks(record, language, names),
        *_options(record, language, names),
        _ends_unless(record, names),
        _sell_off(record),
        _moral(),
        document_line(record.document_sha256),
        signed_line(record.signed_on),
        ("The licence covers:", "La licence couvre :"),
        *describe_scopes(record.scopes, language, names),
    ]


def _new_assets(record: Licence, *, amended: bool) -> Pair | None:
    if all(subject.kind == "asset" for subject in record.subjects):
        return None
    if record.new_assets:
        return (
            "It reaches all that these works and catalogues hold, what is registered later included.",
            "Elle s’étend à tout ce que contiennent ces œuvres et catalogues, y compris ce qui sera enregistré plus "
            "tard.",
        )
    if amended:
        return (
            "It reaches what these works and catalogues held when the licence was first given, not what was registered "
            "later.",
            "Elle s’étend à ce que contenaient ces œuvres et catalogues lorsque la licence fut d’abord accordée, non à "
            "ce qui a été enregistré plus tard.",
        )
    return (
        "It reaches what these works and catalogues hold today, not what is registered later.",
        "Elle s’étend à ce que contiennent aujourd’hui ces œuvres et catalogues, non à ce qui sera enregistré plus "
        "tard.",
    )


def _parent(record: Licence, names: Names) -> Pair | None:
    if record.parent is None:
        return None
    named = names(record.parent)
    return (
        f"It is a sublicence under the licence: {named}. It gives at most what that one gives, and ends with it.",
        f"C’est une sous-licence de la licence : {named}. Elle n’accorde rien de plus que celle-ci et prend fin avec "
        "elle.",
    )


def _categories(record: Licence) -> Pair | None:
    if not record.product_categories:
        return None
    english, french = (listed(record.product_categories, language) for language in ("en", "fr"))
    return (
        f"Advertising and merchandise only for these products: {english}.",
        f"Publicité et produits dérivés seulement pour les produits suivants : {french}.",
    )


def _sublicences(record: Licence) -> Pair:
    if record.sublicensable:
        return "The licensee may sublicense it.", "Le preneur peut la sous-licencier."
    return "It cannot be sublicensed.", "Elle ne peut pas être sous-licenciée."


def _assignment(record: Licence) -> Pair:
    if record.assignable:
        return "The licensee may assign it to somebody else.", "Le preneur peut la céder à un tiers."
    return "It cannot be assigned.", "Elle ne peut pas être cédée."


def _control(record: Licence) -> Pair:
    if record.change_of_control == "continues":
        return (
            "It goes on if the control of the licensee changes.",
            "Elle se poursuit en cas de changement de contrôle du preneur.",
        )
    return (
        "It ends if the control of the licensee changes.",
        "Elle prend fin en cas de changement de contrôle du preneur.",
    )


def _holdbacks(record: Licence, language: str, names: Names) -> list[Line]:
    lines: list[Line] = []
    for holdback in record.holdbacks:
        lines += [_HOLDBACKS[holdback.binds], *indented(describe_bars(holdback.scopes, language, names))]
    return lines


def _options(record: Licence, language: str, names: Names) -> list[Line]:
    lines: list[Line] = []
    for option in record.options:
        lines += [_option(option), *indented(describe_scopes(option.scopes, language, names))]
    return lines


def _option(option: Option) -> Pair:
    name = quoted(option.option)
    opens, closes = option.exercise
    return (
        f"Option {name[0]}: the licensee alone may take it up, from {moment(opens, 'en')} until just before "
        f"{moment(closes, 'en')}. The licence then covers too:",
        f"Option {name[1]} : le preneur seul peut la lever, du {moment(opens, 'fr')} jusqu’au {moment(closes, 'fr')}, "
        "exclu. La licence couvre alors aussi :",
    )


def _ends_unless(record: Licence, names: Names) -> Pair | None:
    if record.ends_unless is None:
        return None
    ends = record.ends_unless
    event = {language: event_of(ends.event, language, names) for language in ("en", "fr")}
    return (
        f"It ends on {moment(ends.by, 'en')} unless this has happened by then: {event['en']}.",
        f"Elle prend fin le {moment(ends.by, 'fr')} si l’événement suivant n’est pas survenu d’ici là : {event['fr']}.",
    )


def _sell_off(record: Licence) -> Pair:
    if not record.sell_off_days:
        return (
            "After its end nothing more may be released, and nothing released before may be put to new uses.",
            "Après son terme, rien de plus ne peut être diffusé, et rien de ce qui l’a été ne peut recevoir de nouvel "
            "usage.",
        )
    days = record.sell_off_days
    return (
        f"After its end, what was released while it stood may go on being released for {days} more days.",
        f"Après son terme, ce qui a été diffusé pendant sa durée peut continuer de l’être pendant {days} jours encore.",
    )


def _moral() -> Pair:
    return (
        "It covers no moral rights: whoever holds them is asked about alterations.",
        "Elle ne couvre aucun droit moral : leur titulaire est consulté pour toute modification.",
    )
