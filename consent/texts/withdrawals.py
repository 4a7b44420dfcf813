"""The texts of what is said of a consent later: acceptance, ratification, withdrawal, and the dispute of that."""

from consent.core.record import ConsentRatified, ConsentRevoked, GrantAccepted, RevocationDisputed
from registry.texts.layout import Line, Names, Pair, page, quoted


def describe_accepted(record: GrantAccepted, language: str, names: Names) -> str:
    return page(
        language,
        ("Acceptance of an offer", "Acceptation d’une offre"),
        [_consent(record.grant, names)],
        (
            "By signing I accept this offer on exactly the terms that it names.",
            "En signant, j’accepte cette offre, exactement aux conditions qu’elle énonce.",
        ),
    )


def describe_ratified(record: ConsentRatified, language: str, names: Names) -> str:
    return page(
        language,
        ("Confirmation on coming of age", "Confirmation à la majorité"),
        [_consent(record.grant, names)],
        (
            "I am of age. By signing I confirm what was consented to for me when I was a minor; it continues on the "
            "same terms.",
            "J’ai atteint la majorité. En signant, je confirme ce qui a été consenti pour moi durant ma minorité ; "
            "cela se poursuit aux mêmes conditions.",
        ),
    )


def describe_revoked(record: ConsentRevoked, language: str, names: Names) -> str:
    """Say what is taken back, and why where it matters."""
    performer = names(record.performer)
    lines: list[Line | None] = [(f"{performer} takes back:", f"{performer} retire :")]
    if record.grantee is not None:
        grantee = names(record.grantee)
        lines.append(
            (
                f"- everything ever granted to {grantee}; nothing granted to it before this counts any more.",
                f"- tout ce qui a été accordé à {grantee} ; rien de ce qui lui fut accordé avant ne compte plus.",
            )
        )
    lines += [_one(grant, names) for grant in record.grants or ()]
    lines.append(_cause(record))
    if record.evidence_sha256 is not None:
        sha256 = record.evidence_sha256
        lines.append((f"SHA-256 of the evidence: {sha256}", f"SHA-256 de la pièce justificative : {sha256}"))
    return page(
        language,
        ("Withdrawal of consent", "Retrait de consentement"),
        lines,
        (
            "By signing I take this back. It ends when and as far as each consent says that it can be taken back: at "
            "once, or after the notice that it names.",
            "En signant, je retire ce consentement. Il prend fin quand et dans la mesure où chaque consentement permet "
            "de le retirer : immédiatement, ou après le préavis qu’il fixe.",
        ),
    )


def _one(grant: str, names: Names) -> Pair:
    named = names(grant)
    if named == grant:
        return f"- the consent with the digest {grant}", f"- le consentement dont l’empreinte est {grant}"
    return f"- {named}", f"- {named}"


def _cause(record: ConsentRevoked) -> Pair:
    if record.cause == "breach":
        return "Why: its terms were broken.", "Motif : ses termes ont été violés."
    return "No reason is given, and none is needed.", "Aucun motif n’est donné ; aucun n’est requis."


def describe_revocation_disputed(record: RevocationDisputed, language: str, names: Names) -> str:
    grounds = quoted(record.grounds)
    return page(
        language,
        ("Dispute of a withdrawal", "Contestation d’un retrait"),
        [
            (
                f"The withdrawal with the digest {record.revocation}",
                f"Le retrait dont l’empreinte est {record.revocation}",
            ),
            (f"Why: {grounds[0]}", f"Motif : {grounds[1]}"),
            (
                f"SHA-256 of the evidence: {record.evidence_sha256}",
                f"SHA-256 de la pièce justificative : {record.evidence_sha256}",
            ),
        ],
        (
            "By signing I state that the terms were not broken. The withdrawal counts meanwhile; it falls only if the "
            "performer or a court officer upholds this dispute.",
            "En signant, je déclare que les termes n’ont pas été violés. Le retrait vaut entre-temps ; il ne tombe que "
            "si l’interprète ou un officier de justice donne suite à cette contestation.",
        ),
    )


def _consent(grant: str, names: Names) -> Pair:
    named = names(grant)
    if named == grant:
        return f"The consent with the digest {grant}", f"Le consentement dont l’empreinte est {grant}"
    return f"Consent: {named}", f"Consentement : {named}"
