"""The texts of what happens to a grant after it was given: confirmed, denied, ended, an option taken up, assigned."""

from typing import Final

from registry.core.licences import GrantAssigned, LicenceConfirmed, LicenceDenied, LicenceTerminated, OptionExercised
from registry.texts.layout import Names, Pair, moment, page, quoted
from registry.texts.subjects import document_line

_ACTS: Final[dict[type, tuple[Pair, Pair]]] = {
    LicenceConfirmed: (
        ("Confirmation of a licence", "Confirmation d’une licence"),
        (
            "By signing, the licensor confirms that it gave this licence, with exactly the terms that were recorded.",
            "En signant, le donneur confirme avoir accordé cette licence, exactement dans les termes inscrits.",
        ),
    ),
    LicenceDenied: (
        ("Denial of a licence", "Dénégation d’une licence"),
        (
            "By signing, the licensor denies that it gave this licence. It stops counting at once and for good, and "
            "with it every sublicence under it.",
            "En signant, le donneur nie avoir accordé cette licence. Elle cesse de compter immédiatement et "
            "définitivement, et avec elle toute sous-licence qui en dépend.",
        ),
    ),
    LicenceTerminated: (
        ("End of a licence", "Fin d’une licence"),
        (
            "By signing, the licensor ends this licence. But for what may still be sold off, it stops counting at once "
            "and for good, and with it every sublicence and option under it.",
            "En signant, le donneur met fin à cette licence. Sous réserve de l’écoulement, elle cesse de compter "
            "immédiatement et définitivement, et avec elle toute sous-licence et toute option qui en dépendent.",
        ),
    ),
}


def describe_licence_act(
    record: LicenceConfirmed | LicenceDenied | LicenceTerminated, language: str, names: Names
) -> str:
    title, signed = _ACTS[type(record)]
    named = names(record.licence)
    return page(language, title, [(f"Licence: {named}", f"Licence : {named}"), _sell_off(record)], signed)


def _sell_off(record: LicenceConfirmed | LicenceDenied | LicenceTerminated) -> Pair | None:
    if not isinstance(record, LicenceTerminated):
        return None
    until = record.sell_off_until
    if until is None:
        return (
            "What was released while it stood may go on being released for as many days as the licence gives for it.",
            "Ce qui a été diffusé pendant sa durée peut continuer de l’être autant de jours que la licence le prévoit.",
        )
    return (
        f"What was released while it stood may go on being released until just before {moment(until, 'en')}.",
        f"Ce qui a été diffusé pendant sa durée peut continuer de l’être jusqu’au {moment(until, 'fr')}, exclu.",
    )


def describe_option(record: OptionExercised, language: str, names: Names) -> str:
    named, option = names(record.licence), quoted(record.option)
    return page(
        language,
        ("An option is taken up", "Levée d’une option"),
        [
            (f"Licence: {named}", f"Licence : {named}"),
            (f"Option: {option[0]}", f"Option : {option[1]}"),
        ],
        (
            "By signing, the licensee takes up this option. From now on the licence covers what the option describes, "
            "on the licence’s own conditions.",
            "En signant, le preneur lève cette option. La licence couvre dès lors ce que l’option décrit, aux "
            "conditions de la licence.",
        ),
    )


def describe_assignment(record: GrantAssigned, language: str, names: Names) -> str:
    named, to, since = names(record.grant), names(record.to), record.effective_from
    return page(
        language,
        ("A grant or title passes to somebody else", "Cession d’une autorisation ou d’une titularité"),
        [
            (f"What passes: {named}", f"Objet de la cession : {named}"),
            (f"To: {to}", f"Cessionnaire : {to}"),
            (f"From {moment(since, 'en')}", f"À partir du {moment(since, 'fr')}"),
            document_line(record.document_sha256),
        ],
        (
            "By signing, whoever holds it hands it over. From that date on the new holder stands in its place, and it "
            "has no part in it any more. What it gave others before keeps its force.",
            "En signant, son titulaire la transmet. À partir de cette date, le cessionnaire prend sa place et le "
            "cédant n’y a plus part. Ce que le cédant a accordé auparavant à des tiers garde sa force.",
        ),
    )
