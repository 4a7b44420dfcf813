"""
Look again at what the set-based pass rests on, and compare.

Every sheet that counts is made again from the statements, in the snapshot, and has to say the same of each subject. A
sheet that something has touched counts for nothing and is left alone.
"""

from consent.selectors.available import live_sheets, told_by, told_on
from consent.services.sheets import plain_now
from web.fsck.report import Report


def check_sheets(report: Report) -> None:
    """Make every live sheet again; findings go into the report."""
    for sheet, requester in live_sheets():
        report.count("sheets", 1)
        told = told_on(sheet)
        ids = {kind: [ident for of, ident in told if of == kind] for kind in ("asset", "performer")}
        now = told_by(plain_now(requester, assets=ids["asset"], performers=ids["performer"]))
        for subject in sorted(told):
            if told[subject] != now.get(subject):
                report.add("sheet_differs", " ".join(subject), "the statements say otherwise")
