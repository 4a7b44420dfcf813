"""
Who acts for whom: a projection of `authority.granted` and `authority.ended`, and of the unions that people name.

A union counts as a person's where `party.registered` names it by its id; a union named in words alone stays sealed.
Disputes of an authority are in ``registry.models.disputes``.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.models.ids import IdField


class Authority(models.Model):
    id = IdField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    principal = IdField()  # for whom
    attestor = IdField()  # who granted it: the principal, or for a guardian or an estate a third party
    role = models.CharField(max_length=10)  # agent | guardian | estate | union | vendor | society
    required = models.SmallIntegerField()  # how many agents sign together
    powers = ArrayField(models.CharField(max_length=10))
    acts = models.IntegerField()  # a set of acts, as bits
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    ended = models.CharField(max_length=64, null=True)  # digest of its authority.ended

    class Meta:
        db_table = "registry_authority"
        indexes = [models.Index(fields=["principal", "role"], name="authority_by_principal")]


class AuthorityAgent(models.Model):
    """One of the parties who act under an authority."""

    pk = models.CompositePrimaryKey("authority", "agent")
    authority = IdField()
    agent = IdField()

    class Meta:
        db_table = "registry_authority_agent"
        indexes = [models.Index(fields=["agent"], name="authority_by_agent")]


class Membership(models.Model):
    """What a person said of themselves: the union, by its id, that a strike of it binds."""

    pk = models.CompositePrimaryKey("party", "union")
    party = IdField()
    union = IdField()

    class Meta:
        db_table = "registry_membership"
        indexes = [models.Index(fields=["union"], name="membership_by_union")]
