"""The texts of a word on one shot: approved or declined."""

from typing import Final

from consent.core.approval_bodies import ApprovalDeclined, ApprovalGiven
from registry.texts.layout import Line, Names, Pair, page, quoted

_ON: Final[dict[str, Pair]] = {
    "spec": ("what is to be made", "ce qui doit être fait"),
    "result": ("the result", "le résultat"),
}


def describe_approval(record: ApprovalGiven | ApprovalDeclined, language: str, names: Names) -> str:
    given = isinstance(record, ApprovalGiven)
    on, named = _ON[record.on], names(record.grant)
    lines: list[Line | None] = [
        (f"Shot: {record.shot}", f"Plan : {record.shot}"),
        (f"Under: {named}", f"En vertu de : {named}"),
        (f"About: {on[0]}", f"Sur : {on[1]}"),
    ]
    if record.note is not None:
        note = quoted(record.note)
        lines.append((f"Note: {note[0]}", f"Note : {note[1]}"))
    return page(
        language,
        ("Approval", "Approbation") if given else ("Refusal of approval", "Refus d’approbation"),
        lines,
        (
            "By signing I approve this for this shot alone. I may decline it later, until the shot is released.",
            "En signant, j’approuve cela pour ce seul plan. Je peux me raviser jusqu’à la diffusion du plan.",
        )
        if given
        else (
            "By signing I decline this: the shot is not released on these terms.",
            "En signant, je refuse cela : le plan n’est pas diffusé dans ces conditions.",
        ),
    )
