"""
The columns of a spreadsheet of licences or consents: which field each stands for, and what an empty cell means.

A row is one box of one grant. Columns of the grant are filled in once, or the same in each of its rows; columns of the
box are filled in where the row has one. Who, what, where and when must be filled in, and `any`, `*` and `open` are
words that somebody has to write; an empty cell of another column is the least that the term can say, or a condition
that was not agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry.core.terms import ACTS, ASPECTS, LABELS, MEDIA, PURPOSES
from web.interchange import box_forms, forms
from web.interchange.cells import ABSENT, REQUIRED, Form, Value

REFERENCE: Final = "grant"  # ties the rows of one grant together; the file's own, it is not stored
TYPE: Final = "type"
PART: Final = "part"  # `+`: this row continues the one above, whose cells were too long for the program
EXCEPT: Final = "except_territories"
ZONE: Final = "day_zone"
PAY: Final = "pay"
OWN: Final = (REFERENCE, TYPE, PART, EXCEPT, ZONE, PAY)

REPLICA_USES: Final = ("alteration", "background", "employment_based", "independently_created", "synthetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field of a body, or of a box in it."""

    name: str
    path: tuple[str, ...]
    form: Form
    empty: Value = REQUIRED
    help: str = ""


def _column(name: str, form: Form, empty: Value = REQUIRED, *, path: str | None = None, about: str = "") -> Column:
    return Column(name=name, path=tuple((path or name).split(".")), form=form, empty=empty, help=about)


_BOX_ABOUT: Final = "a day is the first (start) or last (end) day in the territory; `open` has no end"
BOX: Final = (
    _column("acts", forms.terms(ACTS), about="what may be done"),
    _column("aspects", forms.terms(ASPECTS), about="of a performer or of an asset"),
    _column("purposes", forms.terms(PURPOSES)),
    _column("media", forms.terms(MEDIA)),
    _column(
        "territories", box_forms.territories(), about="codes or groups, such as EU, French-speaking, World except CN"
    ),
    _column(
        "languages", box_forms.languages(), about="tags such as fr-FR; fr is French everywhere; * is every language"
    ),
    _column("projects", forms.ids(alone="*"), about="project ids; * is every project"),
    _column("start", box_forms.window_end(), path="window.start", about=_BOX_ABOUT),
    _column("end", box_forms.window_end(), path="window.end", about=_BOX_ABOUT),
    _column("depicts", forms.terms(LABELS), [], path="content.depicts", about="what the person may be shown doing"),
    _column("scene", forms.terms(LABELS), [], path="content.scene", about="what else the shot may show"),
)
_CAPS: Final = tuple(
    _column(f"cap_{unit}", forms.number(), ABSENT, path=f"caps.{unit}", about="at most so many")
    for unit in ("shots", "seconds", "draft_takes", "training_epochs")
)
_APPROVALS: Final = _column(
    "approvals", forms.json_only("a JSON list of approvals", "une liste JSON d’approbations"), []
)
_PAPER: Final = (
    _column("document_sha256", forms.digest(), None, about="of the signed paper"),
    _column("signed_on", forms.day(), None, about="the day on the paper"),
)
LICENCE: Final = (
    _column("licensor", forms.party()),
    _column("licensee", forms.party()),
    _column("subjects", forms.subjects(), about="such as work 0193…; asset 0193…"),
    _column("new_assets", forms.boolean(), False, about="reaches what is added later"),
    _column("exclusivity", forms.choice("none", "sole", "exclusive"), "none"),
    _column("sublicensable", forms.boolean(), False),
    *_CAPS,
    _column("parent", forms.digest(), None, about="of the licence that this one is given under"),
    _column("holdbacks", forms.json_only("a JSON list of holdbacks", "une liste JSON de réserves"), []),
    _APPROVALS,
    _column("options", forms.json_only("a JSON list of options", "une liste JSON d’options"), []),
    _column("ends_unless", forms.json_only("a JSON object", "un objet JSON"), None),
    _column("product_categories", forms.texts(), []),
    _column("assignable", forms.boolean(), ABSENT),
    _column("change_of_control", forms.choice("continues", "ends"), ABSENT),
    _column("sell_off_days", forms.number(), ABSENT),
    *_PAPER,
)
CONSENT: Final = (
    _column("performer", forms.party()),
    _column("grantee", forms.party()),
    _column("description", forms.text()),
    _column("role", forms.any_or_text(), about="`any`, or the role"),
    _column("scenes", forms.any_or_list(), about="`any`, or scene numbers with ; between"),
    _column("dialogue", forms.choice("none", "any", "as_scripted", "listed"), path="dialogue.kind"),
    _column("script_sha256", forms.digest(), None, path="dialogue.script_sha256"),
    _column("replica_use", forms.names(*REPLICA_USES)),
    _column("replaces_in_person_work", forms.boolean()),
    _column("represented", forms.boolean()),
    _column("basis", forms.choice("contract", "consent")),
    _column(
        "revocation", forms.choice("at_will", "on_notice", "for_breach", "not_during_term"), path="revocation.kind"
    ),
    _column("notice_hours", forms.number(), None, path="revocation.notice_hours"),
    *_CAPS,
    _column("survives_death", forms.boolean(), False),
    _column("tail", forms.pairs(), {}, about="such as distribute=keep; train=pull"),
    _column("minor", forms.boolean(), False, about="no, or JSON as in the consent body"),
    _column("strike", forms.choice("continues", "suspends"), "suspends"),
    _column("assignable", forms.boolean(), False),
    _column("future_projects", forms.ids(), []),
    _column("retention_until", forms.moment(), None),
    _column("cooling_off_until", forms.moment(), None),
    _column("supersedes", forms.digests(), []),
    _APPROVALS,
    _column("answers", forms.digest(), ABSENT),
    _column("counters", forms.digest(), ABSENT),
    _column("document_sha256", forms.digest(), ABSENT, about="of the signed paper"),
    _column("signed_on", forms.day(), ABSENT, about="the day on the paper"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A kind of spreadsheet; the first of the types is what an empty `type` means."""

    kind: str
    types: Mapping[str, str]  # statement type -> the field of the body that names its issuer
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """Return the column names in the order in which they are written."""
        return (PART, REFERENCE, TYPE, *(c.name for c in self.columns), *(c.name for c in BOX))

    @property
    def known(self) -> frozenset[str]:
        return frozenset((*self.header, *OWN))


SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType(
    {
        "licences": Sheet(
            kind="licences",
            types={"licence.recorded": "licensee", "licence.granted": "licensor"},
            columns=LICENCE,
        ),
        "consents": Sheet(
            kind="consents",
            types={"consent.recorded": "grantee", "consent.granted": "performer"},
            columns=CONSENT,
        ),
    }
)
