"""
What a party asks of the grants that it uses: `policy.set`. The latest holds.

The registry's own policy also names the court officers: who may declare a court's suspension and settle disputes.
"""

from registry.core.policy import PARSERS, PolicySet
from registry.errors import Inadmissible
from registry.kinds.kind import Context, Kind, Locks
from registry.locks import Head, bump, party_head
from registry.models import CourtOfficer, Policy
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.policies import is_registry
from registry.texts.policies import describe_policy


def _heads(record: PolicySet, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({party_head(record.party), Head("policy", record.party)}))


def _check(context: Context) -> None:
    record: PolicySet = context.record
    if record.court_officers and not is_registry(record.party):
        raise Inadmissible(
            "only the registry's own policy names court officers", code="not_the_registry", field="body.court_officers"
        )
    for number, officer in enumerate(record.court_officers):
        kind_of(officer, field=f"body.court_officers[{number}]")


def _apply(context: Context) -> None:
    record: PolicySet = context.record
    Policy.objects.update_or_create(party=record.party, defaults={"digest": context.digest})
    CourtOfficer.objects.filter(named_by=record.party).exclude(officer__in=record.court_officers).delete()
    CourtOfficer.objects.bulk_create(
        (CourtOfficer(named_by=record.party, officer=officer) for officer in record.court_officers),
        ignore_conflicts=True,
    )
    bump([Head("policy", record.party)])


POLICY_SET = Kind(
    type="policy.set",
    effect="narrows",
    parse=PARSERS["policy.set"],
    issuers=lambda record, look: {record.party},
    subject=lambda record: as_data_subject(record.party),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_policy,
    tables=(Policy, CourtOfficer),
)

KINDS = (POLICY_SET,)
