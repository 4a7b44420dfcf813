"""The text of a policy: what a party asks of the grants that it uses."""

from typing import Final

from registry.core.policy import PolicySet
from registry.core.terms import ACTS
from registry.texts import words
from registry.texts.layout import Line, Names, Pair, listed, page

_ASSURANCES: Final[dict[str, Pair]] = {
    "recorded": (
        "a document that the user of the right recorded is enough",
        "un document inscrit par l’utilisateur du droit suffit",
    ),
    "confirmed": (
        "the holder of the right must have confirmed it by their own key",
        "le titulaire doit l’avoir confirmé par sa propre clé",
    ),
    "signed": (
        "the holder of the right must have signed it themselves",
        "le titulaire doit l’avoir signé lui-même",
    ),
}


def describe_policy(record: PolicySet, language: str, names: Names) -> str:
    return page(
        language,
        ("Policy", "Politique"),
        [
            (f"Whose: {names(record.party)}", f"De : {names(record.party)}"),
            *_assurances(record),
            _engines(record),
            _officers(record, language, names),
        ],
        (
            "By signing I set this policy for what is asked for us and in our projects. It takes the place of the one "
            "before.",
            "En signant, j’adopte cette politique pour ce qui est demandé pour nous et dans nos projets. Elle remplace "
            "la précédente.",
        ),
    )


def _assurances(record: PolicySet) -> list[Line]:
    if not record.assurance:
        return [
            ("Nothing more than usual is asked of a grant.", "Rien de plus que d’ordinaire n’est exigé d’un droit.")
        ]
    lines: list[Line] = []
    for act in ACTS.terms:
        if act in record.assurance:
            asked, short = _ASSURANCES[record.assurance[act]], words.SHORT_ACTS[act]
            lines.append((f"For {short[0]}: {asked[0]}.", f"Pour {short[1]} : {asked[1]}."))
    return lines


def _engines(record: PolicySet) -> Pair:
    if record.attested_engines:
        return (
            "Engines are allowed whose maker signed that they were trained on licensed material only.",
            "Les moteurs dont le fabricant a signé qu’ils n’ont appris que de matériel autorisé sont admis.",
        )
    return (
        "Only engines are allowed whose training is proven in this registry.",
        "Seuls sont admis les moteurs dont l’entraînement est prouvé dans ce registre.",
    )


def _officers(record: PolicySet, language: str, names: Names) -> Pair | None:
    if not record.court_officers:
        return None
    named = listed(sorted(names(officer) for officer in record.court_officers), language)
    return f"Court officers: {named}", f"Officiers de justice : {named}"
