"""
The names of ODRL 2.2 that are used here, and those of the Proviso profile (``docs/odrl-profile.ttl``).

W3C ODRL Information Model 2.2 and Vocabulary 2.2; nothing is looked up on the network.
"""

from typing import Final

from rdflib import Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, XSD

__all__ = ["DCTERMS", "ODRL", "PROFILE", "PROVISO", "RDF", "REPORT", "RULES", "USE_INCLUDES", "XSD"]

ODRL: Final = Namespace("http://www.w3.org/ns/odrl/2/")
REPORT: Final = Namespace("https://w3id.org/force/compliance-report#")
PROVISO: Final = Namespace("https://proviso.example/odrl#")
PROFILE: Final = URIRef("https://proviso.example/odrl")

RULES: Final = {"permission": ODRL.permission, "prohibition": ODRL.prohibition, "obligation": ODRL.obligation}

# Vocabulary 2.2, section 3.3: what `odrl:use` includes, among the actions that a rule of the registry may meet.
USE_INCLUDES: Final = frozenset(
    {
        ODRL.aggregate,
        ODRL.anonymize,
        ODRL.annotate,
        ODRL.archive,
        ODRL.concurrentUse,
        ODRL.derive,
        ODRL.digitize,
        ODRL.display,
        ODRL.distribute,
        ODRL.execute,
        ODRL.extract,
        ODRL.give,
        ODRL.include,
        ODRL.index,
        ODRL.inform,
        ODRL.install,
        ODRL.modify,
        ODRL.move,
        ODRL.play,
        ODRL.present,
        ODRL["print"],
        ODRL.read,
        ODRL.reproduce,
        ODRL.stream,
        ODRL.synchronize,
        ODRL.textToSpeech,
        ODRL.transform,
        ODRL.translate,
        ODRL.write,
    }
)
