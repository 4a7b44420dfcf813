"""The words of the clearance report, English and French side by side; and how times, places and media are written."""

from collections.abc import Sequence
from typing import Final

from generation.core.report import Area, Who
from registry.core.terms import MEDIA, TERRITORIES
from registry.core.times import parse_time
from registry.texts import words as terms
from registry.texts.layout import Pair, day, moment, say, spaced
from registry.texts.places import describe_territories, territory

MANY: Final = 12  # territories that are named one by one
SHORT: Final = 12  # hex digits of a digest in the text; whole in the annex

WORDS: Final[dict[str, Pair]] = {
    "title": ("Clearance report", "Rapport de libération de droits"),
    "project": ("Project", "Projet"),
    "producer": ("Producer", "Producteur"),
    "made": ("Made", "Établi"),
    "log": ("Log", "Journal"),
    "entries": ("entries", "entrées"),
    "cut": ("Cut", "Montage"),
    "version": ("version", "version"),
    "no_cut": ("none handed in: every released shot", "aucun remis : tous les plans publiés"),
    "sale": ("Sale asked about", "Vente examinée"),
    "no_sale": ("none: each shot for the use it was released for", "aucune : chaque plan pour son usage publié"),
    "as_released": ("as released", "comme publié"),
    "forever": ("without an end", "sans date de fin"),
    "until": ("until", "jusqu’au"),
    "from": ("from", "à partir du"),
    "basis": (
        "This report states what is recorded and signed in the registry at the moment named above: who "
        "granted what, by "
        "which statement, with which assurance, and what is missing. It is evidence, no legal opinion and no "
        "insurance. "
        "“Signed” and “confirmed” mean the grantor’s own key; “recorded” means entered from paper by the grantee.",
        "Ce rapport énonce ce qui est inscrit et signé au registre au moment indiqué ci-dessus : qui a "
        "autorisé quoi, par "
        "quel acte, avec quel degré d’assurance, et ce qui manque. C’est un élément de preuve, ni un avis "
        "juridique ni une "
        "assurance. « Signé » et « confirmé » désignent la clé même de l’auteur de l’autorisation ; « "
        "inscrit », une saisie "
        "d’après papier par le bénéficiaire.",
    ),
    "summary": ("At a glance", "En bref"),
    "shots": ("Shots", "Plans"),
    "usable": ("In their window now", "Utilisables à ce jour"),
    "must_go": ("Withdrawn, must go", "Retirés, à supprimer"),
    "no_papers": ("Events without papers", "Événements sans papiers"),
    "sale_ok": ("Sale covered", "Vente couverte"),
    "sale_blocked": ("Sale blocked", "Vente bloquée"),
    "sale_waits": ("Sale waits for approval", "Vente en attente d’accord"),
    "earliest": ("Earliest end of rights", "Première échéance de droits"),
    "none_known": ("none stated", "aucune indiquée"),
    "blocked_by": (
        "What is in the way of this sale, and who can clear it",
        "Ce qui bloque cette vente, et qui peut le lever",
    ),
    "nothing_blocks": (
        "Nothing recorded is in the way of this sale.",
        "Rien d’inscrit ne fait obstacle à cette vente.",
    ),
    "who": ("Ask", "À demander à"),
    "about": ("About", "Objet"),
    "why": ("Why", "Motif"),
    "where_when": ("Missing", "Ce qui manque"),
    "waiting": ("Approvals asked for and not yet given", "Accords demandés et non encore donnés"),
    "on_spec": ("on the request", "sur la demande"),
    "on_result": ("on the result", "sur le résultat"),
    "due": ("Due", "Échéance"),
    "shot": ("Shot", "Plan"),
    "take": ("take", "prise"),
    "now": ("Now", "À ce jour"),
    "performers": ("Performers", "Interprètes"),
    "rights_until": ("Rights until", "Droits jusqu’au"),
    "sale_column": ("Sale", "Vente"),
    "event": ("Event", "Événement"),
    "name": ("Name in the cut", "Nom au montage"),
    "papers": ("Papers of each shot", "Papiers de chaque plan"),
    "ground": ("Ground", "Fondement"),
    "granted_by": ("Granted by", "Autorisé par"),
    "assurance": ("Assurance", "Assurance"),
    "digest": ("Statement", "Acte"),
    "released": ("Released", "Publié"),
    "file": ("file", "fichier"),
    "frames": ("Frames used", "Images utilisées"),
    "for": ("Use", "Usage"),
    "other_uses": ("other uses covered", "autres usages couverts"),
    "checks": ("Checks", "Contrôles"),
    "no_checks": ("none", "aucun"),
    "reviewed": ("seen and passed by", "vu et validé par"),
    "not_reviewed": ("no review was due", "aucune relecture requise"),
    "not_now": ("May not be used now", "Inutilisable à ce jour"),
    "music": ("Music cue list", "Relevé des musiques"),
    "no_music": ("No shot takes music from recorded material.", "Aucun plan ne reprend de musique enregistrée."),
    "composition": ("Composition", "Œuvre musicale"),
    "master": ("Recording", "Enregistrement"),
    "unclaimed": ("not claimed by anybody", "revendiquée par personne"),
    "performing": (
        "Public performance of these compositions is covered by the exhibitor’s blanket licence with its "
        "society, where "
        "there is one. It is listed here and not asked of the producer.",
        "L’exécution publique de ces œuvres relève du contrat général de l’exploitant avec sa société de "
        "gestion, s’il en "
        "existe un. Elle est mentionnée ici et n’est pas demandée au producteur.",
    ),
    "models": ("Models and their training", "Modèles et leur entraînement"),
    "model": ("Model", "Modèle"),
    "training": ("Training", "Entraînement"),
    "root": ("Root of the manifest", "Racine du manifeste"),
    "vouched": (
        "“Proven”: every item of the training manifest had its own decision in this log. That these weights "
        "come from that "
        "manifest is vouched for by the registry where the run was shipped.",
        "« Prouvé » : chaque élément du manifeste d’entraînement a fait l’objet d’une décision dans ce "
        "journal. Que ces "
        "poids proviennent de ce manifeste est attesté par le registre lorsque l’entraînement a été livré.",
    ),
    "annex": ("Annex: digests in full, and how to check them", "Annexe : empreintes complètes, et leur vérification"),
    "how": (
        "Each shot’s papers (GET /api/v1/shots/<id>/bundle) and its file are checked offline, without this "
        "registry, by "
        "python -m generation.verify bundle.json out.mp4 --trust trust.json. Digests are SHA-256.",
        "Les papiers de chaque plan (GET /api/v1/shots/<id>/bundle) et son fichier se vérifient hors ligne, sans ce "
        "registre, par python -m generation.verify bundle.json out.mp4 --trust trust.json. Les empreintes "
        "sont des SHA-256.",
    ),
    "colon": (": ", "\N{NO-BREAK SPACE}: "),
    "line": ("line", "ligne"),
    "page": ("Page", "Page"),
    "of": ("of", "sur"),
    "world": ("the whole world", "le monde entier"),
    "territories": ("territories", "territoires"),
    "all_media": ("every medium", "tous les médias"),
    "consent": ("consent", "consentement"),
    "licence": ("licence", "licence"),
    "title_ground": ("title", "titularité"),
    "authority": ("authority", "mandat"),
    "unreadable": ("erased since", "effacé depuis"),
    "signed": ("signed", "signé"),
    "confirmed": ("confirmed", "confirmé"),
    "recorded": ("recorded", "inscrit"),
    "covered": ("covered", "couverte"),
    "blocked": ("blocked", "bloquée"),
    "pending": ("waits", "en attente"),
    "in_window": ("in window", "dans la période"),
    "out_of_window": ("out of window", "hors période"),
    "withdrawn": ("withdrawn", "retiré"),
    "must_pull": ("must go", "à supprimer"),
    "keep": ("withdrawn, stays", "retiré, reste"),
    "finish": ("withdrawn, stays", "retiré, reste"),
    "pull": ("withdrawn, must go", "retiré, à supprimer"),
    "pass": ("pass", "réussi"),
    "unchecked": ("unchecked", "non contrôlé"),
    "near_copy": ("copy of a registered work", "copie d’une œuvre enregistrée"),
    "training_near_copy": ("copy of training material", "copie du matériel d’entraînement"),
    "lookalike": ("likeness of a person", "ressemblance avec une personne"),
    "content_labels": ("content", "contenu"),
    "proven": ("proven", "prouvé"),
    "attested": ("attested by its maker", "attesté par son auteur"),
    "unknown": ("unknown", "inconnu"),
    "picture": ("picture", "image"),
    "sound": ("sound", "son"),
    "none": ("none", "aucun"),
}


def word(name: str, language: str) -> str:
    """Return a word of the report; what has none, such as a check of another engine, is shown as it is."""
    if name not in WORDS:
        return name
    return spaced(say(WORDS[name], language)) if language == "fr" else say(WORDS[name], language)


def called(who: Who | None, language: str) -> str:
    if who is None:
        return word("none", language)
    return who.name or who.id or word("unreadable", language)


def short(digest: str) -> str:
    return digest[:SHORT]


def date_of(time: str | None, language: str) -> str:
    """Write the day of a time; no time is no end."""
    return word("forever", language) if time is None else day(parse_time(time).date(), language)


def moment_of(time: str, language: str) -> str:
    return moment(parse_time(time), language)


def places(codes: Sequence[str], language: str) -> str:
    """Name territories, or say how many they are."""
    if len(codes) == TERRITORIES.all.bit_count():
        return word("world", language)
    if len(codes) > MANY:
        return f"{len(codes)} {word('territories', language)}"
    return ", ".join(territory(code, language) for code in codes)


def all_places(codes: Sequence[str], language: str) -> str:
    """Name territories completely."""
    return describe_territories(TERRITORIES.mask(list(codes)), language)


def media(names: Sequence[str], language: str) -> str:
    if len(names) == MEDIA.all.bit_count():
        return word("all_media", language)
    return ", ".join(say(terms.MEDIA[name], language) for name in names)


def area(one: Area, language: str) -> str:
    """Write where and when something is missing."""
    end = "" if one.end is None else f" {word('until', language)} {date_of(one.end, language)}"
    until = end or f", {word('forever', language)}"
    where = f"{media(one.media, language)} · {places(one.territories, language)}"
    return f"{where} · {word('from', language)} {date_of(one.start, language)}{until}"
