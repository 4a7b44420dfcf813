"""The words of the record's page beside the signed text, English and French side by side."""

from typing import Final

from registry.texts.layout import Pair, say, spaced

WORDS: Final[dict[str, Pair]] = {
    "consent": ("Consent record", "Relevé de consentement"),
    "licence": ("Licence record", "Relevé de licence"),
    "statement": ("Record of a signed statement", "Relevé d’une déclaration signée"),
    "signed_by": ("Signed by", "Signé par"),
    "in_the_name_of": ("In the name of", "Au nom de"),
    "with": ("With", "Avec"),
    "on": ("On", "Le"),
    "received": ("received by the registry on", "reçu par le registre le"),
    "status": ("Standing", "Situation"),
    "stands": (
        "not taken back, as far as the registry knows on",
        "non retiré, à la connaissance du registre le",
    ),
    "taken_back": ("TAKEN BACK on", "RETIRÉ le"),
    "key:ed25519": ("a key (Ed25519)", "une clé (Ed25519)"),
    "key:es256": ("a key (ECDSA P-256)", "une clé (ECDSA P-256)"),
    "key:mldsa44": ("a post-quantum key (ML-DSA-44)", "une clé post-quantique (ML-DSA-44)"),
    "key:webauthn": ("a passkey", "une clé d’accès (passkey)"),
    "as_signed": ("The words that were signed", "Le texte signé"),
    "what_is_left": ("What is left of the words that were signed", "Ce qui reste du texte signé"),
    "language:en": ("in English", "en anglais"),
    "language:fr": ("in French", "en français"),
    "not_this_language": (
        "This was signed in French. Only the French words are signed; a translation into English follows them.",
        "Ceci a été signé en anglais. Seul le texte anglais est signé ; une traduction en français le suit.",
    ),
    "names_gone": (
        "The text below is not whole any more. The people with these numbers were erased since and their names with "
        "them; the number stands where the name was. The SHA-256 on this page is that of the text as it was signed.",
        "Le texte ci-dessous n’est plus complet. Les personnes portant ces numéros ont été effacées depuis, et leur "
        "nom avec elles ; le numéro figure à la place du nom. L’empreinte SHA-256 de la page est celle du texte signé.",
    ),
    "erased_on": ("erased on", "effacement le"),
    "translation": ("Translation into English, not signed", "Traduction en français, non signée"),
    "translated": (
        "Made by the registry from the same signed data. Where it differs from the words above, those count.",
        "Établie par le registre à partir des mêmes données signées. En cas de divergence, le texte ci-dessus fait "
        "foi.",
    ),
    "proof": ("What proves it", "Ce qui le prouve"),
    "digest": ("Statement", "Déclaration"),
    "text_digest": ("Text", "Texte"),
    "key_digest": ("Key", "Clé"),
    "place": ("Place in the log", "Place au journal"),
    "entry": ("entry", "entrée n°"),
    "of_entries": ("counted from 0, of", "comptée à partir de 0, sur"),
    "log_root": ("Checkpoint", "Point de contrôle"),
    "root_signed": ("signed by", "signé par"),
    "witnesses": ("cosigning witnesses", "témoins cosignataires"),
    "sha256": ("SHA-256", "SHA-256"),
    "attached": (
        "Attached to this file: the signed statement, its text, the signer’s keys, the receipt and the checkpoint. "
        "With them anybody can check it offline, without this registry: proviso-verify record.pdf --trust trust.json. "
        "This page is a picture of the record; what counts is the attached text, which that command shows.",
        "Joints à ce fichier : la déclaration signée, son texte, les clés du signataire, le reçu et le point de "
        "contrôle. Avec eux, chacun peut tout vérifier hors ligne, sans ce registre : proviso-verify record.pdf "
        "--trust trust.json. Cette page n’est qu’une image ; fait foi le texte joint, que cette commande affiche.",
    ),
    "scan": ("The receipt of this statement", "Le reçu de cette déclaration"),
    "goes_on": (
        "Continued on the next page. Only the whole text is what was signed.",
        "Suite à la page suivante. Seul le texte entier est ce qui a été signé.",
    ),
    "page": ("Page", "Page"),
    "of": ("of", "sur"),
    "colon": (": ", "\N{NO-BREAK SPACE}: "),
}
_HEADS: Final = {"consent": "consent", "licence": "licence"}  # by the first part of the statement's type


def word(name: str, language: str) -> str:
    """Return a word of the page."""
    text = say(WORDS[name], language)
    return spaced(text) if language == "fr" else text


def kicker(type_: str, language: str) -> str:
    """Name the kind of record."""
    return word(_HEADS.get(type_.split(".")[0], "statement"), language)


def key_kind(kind: str, algorithm: str, language: str) -> str:
    """Name a kind of key; a passkey with the algorithm that it signs with."""
    named = word(f"key:{kind}", language)
    if kind != "webauthn":
        return named
    return f"{named}, {say(WORDS[f'key:{algorithm}'], language).split('(')[-1].rstrip(')')}"
