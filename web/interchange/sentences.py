"""The sentences of interchange reports, English and French; and in French what the registry's parsers refuse."""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # the file
        "more_findings": ("and `{count}` more; mend these first", "et `{count}` de plus ; corrigez d’abord celles-ci"),
        "wrong_encoding": ("the file is not UTF-8", "le fichier n’est pas en UTF-8"),
        "not_csv": ("not readable as CSV: {problem}", "illisible comme CSV : {problem}"),
        "not_xlsx": ("not readable as an XLSX workbook: {problem}", "illisible comme classeur XLSX : {problem}"),
        "not_xml": ("not readable as XML: {problem}", "illisible comme XML : {problem}"),
        "not_rdf": ("not readable as RDF: {problem}", "illisible comme RDF : {problem}"),
        "too_large": ("more than `{limit}` {unit}", "plus de `{limit}` {unit}"),
        "no_rows": ("there is no row below the header", "aucune ligne sous l’en-tête"),
        "extra_sheet": (
            "sheet `{name}` is not read here: one sheet a file",
            "la feuille `{name}` n’est pas lue : une feuille par fichier",
        ),
        "no_sheet": ("there is no sheet that could be read", "aucune feuille lisible"),
        "no_header": ("no header with `{wanted}` was found", "aucun en-tête avec `{wanted}`"),
        "unknown_column": ("column `{name}` is not known here", "la colonne `{name}` est inconnue"),
        "missing_column": ("column `{name}` is missing", "la colonne `{name}` manque"),
        "duplicate_column": ("column `{name}` stands twice", "la colonne `{name}` figure deux fois"),
        "merged_cells": (
            "cells `{cells}` are merged: who owns the value cannot be told",
            "les cellules `{cells}` sont fusionnées : la valeur n’a pas de place certaine",
        ),
        # a cell
        "formula": (
            "a formula: its value depends on the program that opens it",
            "une formule : sa valeur dépend du programme qui l’ouvre",
        ),
        "error_cell": ("the cell holds the error `{value}`", "la cellule contient l’erreur `{value}`"),
        "cell_beyond_header": ("a value in a column without a name", "une valeur dans une colonne sans nom"),
        "float_not_allowed": (
            "`{value}`: numbers are whole, money is in minor units",
            "`{value}` : les nombres sont entiers, les montants dans la plus petite unité de la monnaie",
        ),
        "missing_value": ("a value is needed here", "une valeur est requise"),
        "bad_cell": ("`{value}` is not {wanted}", "`{value}` n’est pas {voulu}"),
        "bad_json": ("not readable as JSON: {problem}", "illisible comme JSON : {problem}"),
        "bad_day": (
            "`{value}` is neither a day (2027-01-31), a UTC time (2027-01-31T00:00:00Z) nor an event",
            "`{value}` n’est ni un jour (2027-01-31), ni une heure UTC (2027-01-31T00:00:00Z), ni un événement",
        ),
        "unknown_zone": ("time zone `{value}` is not known", "le fuseau horaire `{value}` est inconnu"),
        "end_before_start": ("the window ends before it starts", "la période finit avant de commencer"),
        "days_read_strictly": (
            "the days begin at `{count}` different moments here: the window opens at the last and closes at the first",
            "les jours commencent ici à `{count}` moments : la période s’ouvre au dernier et se ferme au premier",
        ),
        # rows of one grant
        "conflicting_rows": (
            "differs from row `{other}` of the same grant",
            "diffère de la ligne `{other}` du même contrat",
        ),
        "duplicate_reference": (
            "grant `{grant}` has rows further up, with another between",
            "le contrat `{grant}` a déjà des lignes plus haut, avec un autre entre elles",
        ),
        "duplicate_box": ("the same box as in row `{other}`", "la même portée qu’à la ligne `{other}`"),
        "nothing_to_continue": (
            "continues a row, and there is none above",
            "continue une ligne, et il n’y en a pas au-dessus",
        ),
        "wrong_kind": (
            "`{value}` does not belong in a file of {kind}",
            "`{value}` n’a pas sa place dans un fichier de {kind}",
        ),
        # between formats
        "not_expressed": (
            "`{value}` has no equal here; it is kept beside the draft and decides nothing",
            "`{value}` n’a pas d’équivalent ici ; conservé à côté du projet, sans effet",
        ),
        "read_as": (
            "`{value}` is not among the `ids`: read as party `{party}`",
            "`{value}` ne figure pas parmi les `ids` : lu comme la partie `{party}`",
        ),
        "lost_in_format": ("{what} cannot be said in this format", "{what} : ne peut se dire dans ce format"),
        "unknown_work": (
            "`{value}` is not the identifier of a work that is registered here",
            "`{value}` n’est pas l’identifiant d’une œuvre enregistrée ici",
        ),
        "not_a_licence": (
            "`{value}` is not an offer that a licence could be drafted from",
            "`{value}` n’est pas une offre dont on puisse tirer une licence",
        ),
        "never_starts": (
            "`{value}` does not say when the window starts",
            "`{value}` ne dit pas quand la période commence",
        ),
        "relative_window": (
            "`{value}` depends on another row: state the date",
            "`{value}` dépend d’une autre ligne : indiquez la date",
        ),
        "dimension_not_stated": (
            "the rule does not state `{name}`: what is not stated is not granted",
            "la règle n’indique pas `{name}` : ce qui n’est pas dit n’est pas accordé",
        ),
        "constraint_not_expressed": (
            "constraint on `{value}` has no equal here, and without it the rule would grant more",
            "la contrainte sur `{value}` n’a pas d’équivalent ici, et sans elle la règle accorderait plus",
        ),
        "rule_not_expressed": (
            "{what} has no equal here, and without it the policy would grant more",
            "{what} : sans équivalent ici, et sans cela la politique accorderait plus",
        ),
        "not_our_profile": (
            "the policy follows the profile `{value}`, which is not known here",
            "la politique suit le profil `{value}`, inconnu ici",
        ),
        "read_strictly": ("{what}: read in the strictest way", "{what} : lu de la façon la plus stricte"),
    }
)

# Values of these sentences that are words, in French.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "rows": "lignes",
        "columns": "colonnes",
        "bytes": "octets",
        "consents": "consentements",
        "licences, consents": "licences, consentements",
        "a target other than the performer": "une cible autre que l’interprète",
        "permissions with different targets in one policy": "des permissions aux cibles différentes dans une politique",
    }
)

FRENCH: Mapping[str, str] = MappingProxyType(
    {
        "": "valeur refusée",
        "bad_id": "n’est pas un UUID version 7 en minuscules",
        "bad_time": "n’est pas une heure de la forme 2027-01-01T00:00:00Z",
        "bad_type": "type JSON incorrect",
        "bad_value": "valeur non admise ici",
        "duplicate_key": "une clé figure deux fois dans un objet",
        "duplicate_value": "une valeur figure deux fois",
        "empty_dimension": "une portée doit contenir au moins une valeur dans chaque dimension",
        "float_not_allowed": "les nombres sont entiers",
        "integer_out_of_range": "nombre entier hors limites",
        "missing_field": "champ manquant",
        "not_canonical": "pas la forme canonique",
        "not_json": "pas du JSON",
        "not_normalised": "le texte n’est pas en forme Unicode NFC",
        "not_sorted": "la liste n’est pas triée",
        "too_deep": "imbrication trop profonde",
        "too_large": "trop grand",
        "unexpanded_group": "un groupe de territoires ou de langues, là où il faut les énumérer",
        "unknown_field": "champ inconnu",
        "unknown_term": "mot absent du vocabulaire",
        "unknown_type": "type d’acte inconnu",
        "window_never_opens": "la période ne s’ouvre jamais",
    }
)
