"""
What the pages say, in English and in French: one row a sentence, under the name that templates and script call it by.

Rows `problem_…` put codes of problem+json into words; what has none is shown as the registry says it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from web.pages.types import TYPE_WORDS


def _row(en: str, fr: str) -> Mapping[str, str]:
    return MappingProxyType({"en": en, "fr": fr})


_FRAME: Final = {
    "skip": _row("Skip to the content", "Aller au contenu"),
    "navigation": _row("Pages", "Pages"),
    "nav_sign": _row("Sign", "Signer"),
    "nav_signed": _row("What I signed", "Mes signatures"),
    "nav_enrol": _row("My passkeys", "Mes clés"),
    "noscript": _row("This page needs JavaScript: it checks here what you sign.",
                     "Cette page a besoin de JavaScript : elle vérifie ici ce que vous signez."),
    "footer": _row("Your key stays on your device. What you consent to here can be withdrawn here, as its terms say.",
                   "Votre clé reste sur votre appareil. Un consentement donné ici se retire ici, selon ses termes."),
    "again": _row("Try again", "Réessayer"),
    "acting": _row("You act for {name}.", "Vous agissez pour {name}."),
    "nobody_yet": _row("somebody not yet registered", "une personne qui n’est pas encore inscrite"),
    "leave": _row("Leave", "Quitter"),
    "access_title": _row("Your access token", "Votre jeton d’accès"),
    "access_help": _row("It was given to you with the address of this page and begins with proviso_. "
                        "This tab forgets it when you close it.",
                        "Il vous a été remis avec l’adresse de cette page et commence par proviso_. "
                        "Cet onglet l’oublie dès que vous le fermez."),
    "token": _row("Access token", "Jeton d’accès"),
    "continue": _row("Continue", "Continuer"),
    "working": _row("One moment…", "Un instant…"),
    "prompted": _row("Your device now asks you to confirm.", "Votre appareil vous demande maintenant de confirmer."),
    "optional": _row("(optional)", "(facultatif)"),
}  # fmt: skip
_ENROL: Final = {
    "enrol_title": _row("Make a passkey", "Créer une clé d’accès"),
    "enrol_lead": _row("A passkey lets you sign with your fingerprint, your face or the code of your device. "
                       "Nobody else can sign with it, and neither can we.",
                       "Une clé d’accès vous permet de signer avec votre empreinte, votre visage ou le code de votre "
                       "appareil. Personne d’autre ne peut signer avec elle, nous non plus."),
    "first_title": _row("Register", "S’inscrire"),
    "first_help": _row("First your device makes the passkey. Then you read and sign your registration.",
                       "D’abord, votre appareil crée la clé. Ensuite, vous lisez et signez votre inscription."),
    "more_title": _row("Add a passkey", "Ajouter une clé d’accès"),
    "more_help": _row("A second passkey, on another device, saves you if the first is lost. "
                      "You sign with the new one and with one that you have.",
                      "Une seconde clé, sur un autre appareil, vous protège si la première est perdue. "
                      "Vous signez avec la nouvelle et avec une clé que vous avez déjà."),
    "name": _row("Your name", "Votre nom"),
    "name_help": _row("As it stands in contracts.", "Tel qu’il figure dans les contrats."),
    "born": _row("Date of birth", "Date de naissance"),
    "born_help": _row("Whoever is under age needs a guardian beside them.",
                      "Une personne mineure a besoin d’un représentant légal."),
    "domicile": _row("Country of residence", "Pays de résidence"),
    "domicile_help": _row("Two letters, such as FR or US: it decides which law protects you.",
                          "Deux lettres, comme FR ou US : il détermine la loi qui vous protège."),
    "make": _row("Make the passkey", "Créer la clé d’accès"),
    "made": _row("The passkey is made. It counts once you have signed what follows.",
                 "La clé est créée. Elle compte dès que vous aurez signé ce qui suit."),
}  # fmt: skip
_SIGN: Final = {
    "sign_title": _row("Sign", "Signer"),
    "sign_lead": _row("Read it all. Sign only if it says what you want.",
                      "Lisez tout. Ne signez que si le texte dit ce que vous voulez."),
    "waiting_title": _row("Waiting for your answer", "En attente de votre réponse"),
    "no_requests": _row("Nobody is asking you for anything.", "Personne ne vous demande rien."),
    "asked_by": _row("{name} asks, until {date}", "{name} demande, jusqu’au {date}"),
    "read_it": _row("Read", "Lire"),
    "file_title": _row("A draft that you were sent", "Un projet que l’on vous a envoyé"),
    "file_help": _row("A JSON file: a draft of the registry, or the type and body of a statement.",
                      "Un fichier JSON : un projet du registre, ou le type et le contenu d’une déclaration."),
    "file": _row("Open the file", "Ouvrir le fichier"),
    "reading_title": _row("What you are about to sign", "Ce que vous allez signer"),
    "reading_help": _row("This is the whole text, as it will be signed.",
                         "Voici le texte entier, tel qu’il sera signé."),
    "text": _row("Text", "Texte"),
    "agrees": _row("This page has checked that the statement commits to exactly this text.",
                   "Cette page a vérifié que la déclaration porte exactement sur ce texte."),
    "bytes": _row("What exactly is signed", "Ce qui est signé exactement"),
    "text_shown": _row("SHA-256 of the text shown, computed here", "SHA-256 du texte affiché, calculé ici"),
    "text_stated": _row("SHA-256 that the statement names", "SHA-256 que nomme la déclaration"),
    "digest": _row("Digest of the statement", "Empreinte de la déclaration"),
    "challenge": _row("What the passkey signs: SHA-256 of the encoded statement",
                      "Ce que signe la clé : SHA-256 de la déclaration encodée"),
    "payload": _row("The statement", "La déclaration"),
    "sign": _row("Sign with my passkey", "Signer avec ma clé d’accès"),
    "sign_new": _row("Sign with the new passkey", "Signer avec la nouvelle clé"),
    "sign_standing": _row("Sign with a passkey I have", "Signer avec une clé que j’ai déjà"),
    "step_of": _row("Signature {step} of {steps}", "Signature {step} sur {steps}"),
    "back": _row("Do not sign", "Ne pas signer"),
    "decline": _row("Decline the request", "Refuser la demande"),
    "declined": _row("The request is declined.", "La demande est refusée."),
    "put_back": _row("Nothing was signed.", "Rien n’a été signé."),
    "done_title": _row("Signed", "C’est signé"),
    "done_help": _row("It is on record. Keep these papers: they prove it without us.",
                      "C’est enregistré. Gardez ces documents : ils le prouvent sans nous."),
    "enrolled_help": _row("Your passkey counts. To sign a consent you need an access token for signing, "
                          "from whoever gave you this one.",
                          "Votre clé compte. Pour signer un consentement, il vous faut un jeton d’accès pour signer, "
                          "à demander à qui vous a remis celui-ci."),
    "withdrawn_help": _row("It counts from this moment. Keep these papers: they prove it without us.",
                           "Cela compte dès maintenant. Gardez ces documents : ils le prouvent sans nous."),
    "receipt": _row("Receipt", "Reçu"),
    "receipt_help": _row(".tlog-proof: that it is in the public log", ".tlog-proof : preuve d’inscription au journal"),
    "record": _row("Record", "Document"),
    "record_help": _row("PDF: all of it on paper, for people and courts",
                        "PDF : le tout sur papier, pour vous et les tribunaux"),
    "onward": _row("See what I signed", "Voir ce que j’ai signé"),
}  # fmt: skip
_SIGNED: Final = {
    "signed_title": _row("What I signed", "Ce que j’ai signé"),
    "signed_lead": _row("Withdrawing is as easy as agreeing: read, and sign. Each statement has a record to keep and a "
                        "receipt that proves it without us.",
                        "Retirer est aussi simple qu’accepter : lire, et signer. Chaque déclaration a un document à "
                        "garder et un reçu qui la prouve sans nous."),
    "given_title": _row("My consents", "Mes consentements"),
    "no_consents": _row("You have not consented to anything.", "Vous n’avez consenti à rien."),
    "others_title": _row("Everything else, by me or about me", "Tout le reste, de moi ou à mon sujet"),
    "no_others": _row("There is nothing else.", "Il n’y a rien d’autre."),
    "older": _row("Show older ones", "Afficher les plus anciens"),
    "in_the_log": _row("{date}, entry {index} of the log", "{date}, entrée n° {index} du journal"),
    "not_in_the_log": _row("{date}, in the log within moments", "{date}, au journal dans un instant"),
    "record_of": _row("Record (PDF)", "Document (PDF)"),
    "receipt_of": _row("Receipt", "Reçu"),
    "given_to": _row("To {name}, on {date}", "À {name}, le {date}"),
    "stands": _row("Stands", "En vigueur"),
    "offered": _row("Offered, not yet accepted", "Proposé, pas encore accepté"),
    "not_logged": _row("Signed, counts within moments", "Signé, compte dans un instant"),
    "withdrawn": _row("Withdrawn", "Retiré"),
    "erased": _row("(erased)", "(effacé)"),
    "withdraw": _row("Withdraw", "Retirer"),
}  # fmt: skip
_REFUSALS: Final = {
    "cancelled": _row("Your device was not confirmed. Nothing was signed; all is as it was.",
                      "Vous n’avez pas confirmé sur votre appareil. Rien n’a été signé ; rien n’a changé."),
    "has_passkey": _row("This device already holds a passkey of yours. Use another device.",
                        "Cet appareil contient déjà une de vos clés. Utilisez un autre appareil."),
    "no_passkey": _row("You have no passkey yet. Make one first, under “My passkeys”.",
                       "Vous n’avez pas encore de clé d’accès. Créez-en une sous « Mes clés »."),
    "text_differs": _row("Do not sign. The text shown is not the text that the statement commits to: "
                         "somebody changed one of them on the way. Signing is switched off.",
                         "Ne signez pas. Le texte affiché n’est pas celui sur lequel porte la déclaration : "
                         "l’un des deux a été modifié en chemin. La signature est bloquée."),
    "not_canonical": _row("The statement is not written in its one form: it is not shown and cannot be signed.",
                          "La déclaration n’est pas écrite sous sa forme unique : elle ne peut pas être signée."),
    "not_as_asked": _row("The registry answered with something other than what was asked for. Nothing was signed.",
                         "Le registre a répondu autre chose que ce qui était demandé. Rien n’a été signé."),
    "other_challenge": _row("The registry asked your passkey to sign something else. Nothing was signed.",
                            "Le registre a demandé à votre clé de signer autre chose. Rien n’a été signé."),
    "foreign_credential": _row("That passkey is not one of yours here. Nothing was signed.",
                               "Cette clé n’est pas une des vôtres ici. Rien n’a été signé."),
    "unreadable": _row("This file is no draft.", "Ce fichier n’est pas un projet de déclaration."),
    "unsupported": _row("This browser has no passkeys. Use a current one.",
                        "Ce navigateur ne connaît pas les clés d’accès. Utilisez un navigateur récent."),
    "unreachable": _row("The registry cannot be reached. Try again.", "Le registre est injoignable. Réessayez."),
    "unexpected": _row("Something went wrong on this page. Nothing was signed.",
                       "Une erreur s’est produite sur cette page. Rien n’a été signé."),
    "refused": _row("The registry refuses.", "Le registre refuse."),
    "problem_bad_token": _row("This token is not valid here.", "Ce jeton n’est pas valable ici."),
    "problem_token_expired": _row("This token has ended. Ask for a new one.",
                                  "Ce jeton a expiré. Demandez-en un nouveau."),
    "problem_insufficient_scope": _row("This token does not allow that.", "Ce jeton ne permet pas cela."),
    "problem_enrolment_needed": _row("The first key needs an enrolment token that was not used.",
                                     "La première clé demande un jeton d’inscription non utilisé."),
    "problem_passkey_challenge": _row("It took more than five minutes. Make the passkey again.",
                                      "Cela a pris plus de cinq minutes. Recommencez la création."),
    "problem_passkey_counter": _row("Your passkey counts backwards: somebody may have a copy of it.",
                                    "Votre clé compte à rebours : quelqu’un en a peut-être une copie."),
    "problem_no_passkey": _row("You have no passkey that stands.", "Vous n’avez aucune clé valable."),
    "problem_already_registered": _row("You are registered already.", "Votre inscription existe déjà."),
    "problem_already_revoked": _row("This was withdrawn already.", "Ceci a déjà été retiré."),
    "problem_not_revocable": _row("The terms do not let this be withdrawn.",
                                  "Les conditions ne permettent pas ce retrait."),
    "problem_stale_statement": _row("You took too long to read: open it again.",
                                    "La lecture a duré trop longtemps : ouvrez-le à nouveau."),
    "problem_request_answered": _row("This request was answered.", "Cette demande a reçu une réponse."),
    "problem_request_declined": _row("This request was declined.", "Cette demande a été refusée."),
    "problem_request_expired": _row("This request has expired.", "Cette demande a expiré."),
    "problem_unavailable": _row("The registry cannot answer now. Try again.",
                                "Le registre ne peut pas répondre. Réessayez."),
    "problem_papers_erased": _row("Somebody who signed this was erased. There is no new record; one that you kept "
                                  "still holds.",
                                  "Une personne qui l’avait signé s’est fait effacer. Il n’y a plus de nouveau "
                                  "document ; celui que vous avez gardé reste valable."),
    "problem_no_text": _row("The registry recorded this by itself: it has a receipt, and no record.",
                            "Le registre l’a inscrit de lui-même : il y a un reçu, mais pas de document."),
    "problem_not_yet_published": _row("The receipt comes within moments. Try again.",
                                      "Le reçu arrive dans un instant. Réessayez."),
}  # fmt: skip

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    _FRAME | _ENROL | _SIGN | _SIGNED | _REFUSALS | dict(TYPE_WORDS)
)
