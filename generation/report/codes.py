"""Why something is not covered, in few words: one entry a code of a decision, and of the gaps of a cut."""

from typing import Final

from registry.texts.layout import Pair

OBSTACLES: Final[dict[str, Pair]] = {
    "unknown_subject": ("not registered", "non enregistré"),
    "bytes_mismatch": ("the file is not the one registered", "le fichier n’est pas celui qui est enregistré"),
    "inventory_unknown": ("not declared what it contains", "contenu non déclaré"),
    "appearance_claimed": ("somebody says that they appear in it", "une personne affirme y apparaître"),
    "no_title": ("owner of the rights not known", "titulaire des droits inconnu"),
    "title_disputed": ("title disputed", "titularité contestée"),
    "no_grant": ("nothing granted", "aucune autorisation"),
    "grantee_not_covered": ("granted to others only", "autorisation donnée à d’autres"),
    "not_yet_logged": ("not yet in the published log", "pas encore au journal publié"),
    "revoked": ("withdrawn", "retiré"),
    "suspended": ("suspended", "suspendu"),
    "restricted": ("ruled out by the performer", "exclu par l’interprète"),
    "holdback": ("held back by contract", "réservé par contrat (holdback)"),
    "not_started": ("not yet begun", "pas encore commencé"),
    "expired": ("expired", "expiré"),
    "act_not_covered": ("this act is not granted", "acte non autorisé"),
    "aspect_not_covered": ("this aspect is not granted", "élément non autorisé"),
    "purpose_not_covered": ("this purpose is not granted", "finalité non autorisée"),
    "media_not_covered": ("medium not granted", "média non autorisé"),
    "territory_not_covered": ("territory not granted", "territoire non autorisé"),
    "language_not_covered": ("language not granted", "langue non autorisée"),
    "window_not_covered": ("period not granted", "période non autorisée"),
    "project_not_covered": ("project not granted", "projet non autorisé"),
    "content_not_covered": ("content not granted", "contenu non autorisé"),
    "role_not_covered": ("role not granted", "rôle non autorisé"),
    "scene_not_covered": ("scene not granted", "scène non autorisée"),
    "dialogue_not_covered": ("these words are not granted", "paroles non autorisées"),
    "replica_use_not_covered": ("this use of a replica is not granted", "usage du double numérique non autorisé"),
    "product_not_covered": ("not granted for these products", "produits non autorisés"),
    "exclusive_to_other": ("exclusive to somebody else", "exclusivité d’un tiers"),
    "cap_exhausted": ("agreed number used up", "nombre convenu épuisé"),
    "approval_declined": ("approval declined", "accord refusé"),
    "assurance_too_low": ("on paper only, not confirmed", "sur papier seulement, non confirmé"),
    "identity_unverified": ("identity not vouched for", "identité non attestée"),
    "identity_contested": ("two parties claim the same identity", "identité revendiquée par deux parties"),
    "unauthorised_signer": ("signed without standing authority", "signé sans pouvoir valable"),
    "never_allowed": ("never allowed", "jamais permis"),
    "rule_refused": ("refused by a rule", "refusé par une règle"),
    "rule_unreadable": ("a rule could not be applied", "une règle n’a pu être appliquée"),
    "rule_fact_missing": ("a rule needs a fact that is missing", "il manque un fait à une règle"),
    "engine_unlicensed": ("training of the model not known", "entraînement du modèle inconnu"),
    "weights_tainted": (
        "model trained on material withdrawn since",
        "modèle entraîné sur des éléments retirés depuis",
    ),
    "description_mismatch": ("not described as asked", "description non conforme"),
    "too_fragmented": ("rights too fragmented to be decided", "droits trop morcelés pour être tranchés"),
}
GAPS: Final[dict[str, Pair]] = {
    "unmatched": ("no shot of this name here", "aucun plan de ce nom ici"),
    "not_released": ("the shot is not released", "le plan n’est pas publié"),
    "take_ambiguous": ("several takes, none named", "plusieurs prises, aucune désignée"),
    "range_beyond_shot": ("frames that the shot does not have", "images que le plan n’a pas"),
    "range_unreadable": ("frames cannot be read", "images illisibles"),
}


def said(code: str, language: str) -> str:
    """Return what a code means; one that has no words yet is shown as it is."""
    pair = OBSTACLES.get(code) or GAPS.get(code)
    return code if pair is None else pair[language == "fr"]
