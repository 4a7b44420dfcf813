"""
The boxes of licences as ranges, so that PostgreSQL itself holds exclusivity.

INVARIANT (one-exclusive): of two signed or confirmed grants of one licensor to different licensees that promise `sole`
or `exclusive`, no point lies in both. An EXCLUDE constraint says so (``registry.migrations``), whatever the services
check before and however they race. What a recorded licence promises is kept beside, and binds nobody here.

A row is one box of one licence from one date to another; ``registry.kinds.boxes`` writes them. Content parts no boxes:
whoever holds a medium and a territory alone holds it whatever is shown.

INVARIANT (slow-to-permit-quick-to-withdraw): a row that promised something stays when its licence ends or changes,
with the statement that took its place. It bars nobody here any more; decisions meet it until that statement is under
the checkpoint (``registry_follow``).
"""

from django.db import models

from registry.models.ranges import MaskField, PartyField, PointsField, SecondsField


class LicenceBox(models.Model):
    pk = models.CompositePrimaryKey("licence", "part")
    licence = models.CharField(max_length=64)
    part = models.IntegerField()
    bars = models.CharField(max_length=9)  # none | sole | exclusive, or holdback: what the licensor itself leaves alone
    firm = models.BooleanField()  # signed by the licensor, or confirmed
    licensor = PartyField()
    licensee = PartyField()  # who holds it in these seconds
    new_assets = models.BooleanField()
    subjects = PointsField()  # works, assets, catalogues, and what these hold
    acts = MaskField()
    aspects = MaskField()
    purposes = MaskField()
    media = MaskField()
    territories = MaskField()
    languages = MaskField()
    projects = PointsField()
    products = PointsField()  # product categories
    seconds = SecondsField()
    lapses_at = models.DateTimeField(null=True)  # an option that nobody took up by then
    replaced = models.CharField(max_length=64, null=True)  # the statement since which it is not promised any more

    class Meta:
        db_table = "registry_licence_box"
