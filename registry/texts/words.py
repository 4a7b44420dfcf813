"""
The terms of the vocabularies in plain English and French, as a person signs them.

Each term says what it means, not what it is called: who signs need not know the trade's words. One entry a term; a test
holds these tables to the vocabularies.
"""

from typing import Final

from registry.core.terms import ACTS as ACT_TERMS
from registry.texts.layout import Pair, listed, say

SHORT_ACTS: Final[dict[str, Pair]] = {
    "scan": ("scanning", "la numérisation"),
    "store": ("keeping", "la conservation"),
    "train": ("training", "l’entraînement"),
    "finetune": ("fine-tuning", "l’ajustement"),
    "condition": ("generating", "la génération"),
    "alter": ("altering", "la modification"),
    "distribute": ("releasing", "la diffusion"),
    "sublicense": ("sublicensing", "la sous-licence"),
}

ACTS: Final[dict[str, Pair]] = {
    "scan": (
        "scanning (capturing the person, their voice or the thing so as to make a digital copy of it)",
        "la numérisation (capter la personne, sa voix ou l’objet pour en faire une copie numérique)",
    ),
    "store": (
        "keeping (storing the material or the digital copy)",
        "la conservation (garder le matériel ou la copie numérique)",
    ),
    "train": (
        "training (teaching a new generative model with the material)",
        "l’entraînement (apprendre à un nouveau modèle génératif à partir du matériel)",
    ),
    "finetune": (
        "fine-tuning (teaching an existing generative model with the material)",
        "l’ajustement (spécialiser un modèle génératif existant à l’aide du matériel)",
    ),
    "condition": (
        "generating (using the material as a reference from which new pictures or sounds are generated)",
        "la génération (se servir du matériel comme référence pour générer de nouvelles images ou de nouveaux sons)",
    ),
    "alter": (
        "altering (changing existing pictures or sounds)",
        "la modification (changer des images ou des sons existants)",
    ),
    "distribute": (
        "releasing (making available what was generated or made from the material)",
        "la diffusion (mettre à disposition ce qui a été généré ou fait à partir du matériel)",
    ),
    "sublicense": (
        "sublicensing (allowing others what is allowed here)",
        "la sous-licence (permettre à des tiers ce qui est permis ici)",
    ),
}

ASPECTS: Final[dict[str, Pair]] = {
    "face": ("the face", "le visage"),
    "body": ("the body", "le corps"),
    "voice": ("the voice", "la voix"),
    "performance": ("the performance (movement, gestures, delivery)", "l’interprétation (mouvements, gestes, jeu)"),
    "name": ("the name", "le nom"),
    "picture": ("the picture", "l’image"),
    "sound": ("the sound", "le son"),
    "motion": ("the motion", "le mouvement"),
    "style": ("the style", "le style"),
    "text": ("the text", "le texte"),
}

PURPOSES: Final[dict[str, Pair]] = {
    "work": ("the work itself", "l’œuvre elle-même"),
    "in_context_promotion": (
        "promotion of the work that shows scenes of it",
        "la promotion de l’œuvre montrant des scènes de celle-ci",
    ),
    "out_of_context_promotion": (
        "promotion of the work with material that is not a scene of it",
        "la promotion de l’œuvre avec des éléments qui n’en sont pas des scènes",
    ),
    "third_party_advertising": (
        "advertising for others’ products or services",
        "la publicité pour les produits ou services de tiers",
    ),
    "merchandise": ("merchandise", "les produits dérivés"),
    "making_of": ("programmes about the making of the work", "les programmes sur la fabrication de l’œuvre"),
    "press": ("press and editorial use", "la presse et l’usage rédactionnel"),
    "evaluation": (
        "testing and evaluation, not shown to the public",
        "les essais et l’évaluation, sans diffusion publique",
    ),
}

MEDIA: Final[dict[str, Pair]] = {
    "theatrical": ("cinemas", "les salles de cinéma"),
    "nontheatrical": (
        "closed screenings outside cinemas, such as schools and clubs",
        "les projections non commerciales hors des salles, telles qu’écoles et ciné-clubs",
    ),
    "festival": ("festivals", "les festivals"),
    "svod": ("subscription streaming", "la vidéo à la demande par abonnement"),
    "avod": ("streaming paid for by advertising", "la vidéo à la demande financée par la publicité"),
    "fast": (
        "free streaming channels with advertising",
        "les chaînes de diffusion en continu gratuites avec publicité",
    ),
    "est": ("sale as a download", "la vente par téléchargement"),
    "tvod": ("rental on demand", "la location à la demande"),
    "pvod": ("rental on demand at the time of release", "la location à la demande dès la sortie"),
    "free_tv": ("free television", "la télévision gratuite"),
    "pay_tv": ("pay television", "la télévision payante"),
    "catch_up": ("catch-up television", "la télévision de rattrapage"),
    "home_video": ("discs and other copies for the home", "les disques et autres supports pour le domicile"),
    "inflight": (
        "aircraft, ships and other transport",
        "les avions, navires et autres moyens de transport",
    ),
    "social": ("social media", "les réseaux sociaux"),
    "games": ("games", "les jeux"),
    "xr": ("virtual and augmented reality", "la réalité virtuelle et augmentée"),
    "radio_podcast": ("radio and podcasts", "la radio et les podcasts"),
    "print_stills": ("print and still pictures", "l’imprimé et les images fixes"),
    "live_event": ("live events", "les événements en direct"),
    "internal": ("internal use, not shown to the public", "l’usage interne, sans diffusion publique"),
}

LABELS: Final[dict[str, Pair]] = {
    "violence": ("violence", "la violence"),
    "sexual_violence": ("sexual violence", "les violences sexuelles"),
    "partial_nudity": ("partial nudity", "la nudité partielle"),
    "nudity": ("nudity", "la nudité"),
    "simulated_sex": ("simulated sex", "les scènes sexuelles simulées"),
    "intimacy": ("intimacy", "l’intimité"),
    "self_harm": ("self-harm", "l’automutilation"),
    "death": ("death", "la mort"),
    "crime": ("crime", "le crime"),
    "drugs": ("drugs", "les drogues"),
    "alcohol": ("alcohol", "l’alcool"),
    "tobacco": ("tobacco", "le tabac"),
    "gambling": ("gambling", "les jeux d’argent"),
    "firearms": ("firearms", "les armes à feu"),
    "political": ("political statements", "les prises de position politiques"),
    "religious": ("religious statements", "les prises de position religieuses"),
    "hate": ("hate", "la haine"),
    "medical": ("medical procedures or conditions", "les actes médicaux ou les maladies"),
    "real_person_portrayed": ("the portrayal of a real person", "l’incarnation d’une personne réelle"),
    "age_changed": ("a changed age", "un âge modifié"),
    "race_or_gender_changed": ("a changed race or gender", "une origine ou un genre modifiés"),
    "product_endorsement": ("the endorsement of a product", "la recommandation d’un produit"),
}


def short_acts(mask: int, language: str) -> str:
    """Name acts where the text has explained them, or need not."""
    held = set(ACT_TERMS.names(mask))
    return listed([say(SHORT_ACTS[act], language) for act in ACT_TERMS.terms if act in held], language)
