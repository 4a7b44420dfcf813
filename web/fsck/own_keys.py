"""
Try the registry's own keys: each version signs what its public half verifies, or opens what it wrapped.

Versions of keys in files are the files themselves. Behind a KMS they are rows (``CustodyKey``): a row that was changed
names another key, or none, and what it is to sign does not verify. Rows of a role that this keeper does not know are
named. Roles whose keys are made on first need are not asked: a check makes none.
"""

import secrets

from registry.core.errors import DomainError
from registry.core.keys import verify
from registry.custody import ROLES, Version, custody
from registry.models import CustodyKey, Key
from registry.vault.keys import KEY_BYTES
from web.fsck.report import Report

_OWNER = "fsck"  # whose key nothing else is ever wrapped as


def check_own_keys(report: Report) -> None:
    """Try every version; findings go into the report. Nothing is kept of what was signed or wrapped."""
    made = set(CustodyKey.objects.values_list("role", flat=True))
    for role in sorted(made - ROLES.keys()):
        report.add("own_key_unusable", f"registry_custody_key {role}", "no role of a key is called so")
    for role in sorted(name for name in ROLES if ROLES[name].needed or name in made):
        try:
            _check_role(role, report)
        except DomainError as error:  # no such key, or none that can be read
            report.add("own_key_unusable", f"registry_custody_key {role}", str(error))


def _check_role(role: str, report: Report) -> None:
    versions = custody().versions(role)
    if not any(one.state == "current" for one in versions):
        report.add("own_key_unusable", f"registry_custody_key {role}", "no version of it is in use")
    for version in versions:
        report.count("own keys", 1)
        if problem := _fault(version):
            report.add("own_key_unusable", f"registry_custody_key {role} {version.number}", problem)
    current = next((one for one in versions if one.state == "current"), None)
    if role == "registry" and not (current and _is_enrolled(current)):
        report.add("own_key_unusable", f"registry_custody_key {role}", "the log does not know the current version")


def _is_enrolled(current: Version) -> bool:
    keyid = None if current.public is None else current.public.keyid
    return Key.objects.filter(keyid=keyid, revoked=None).exists()


def _fault(version: Version) -> str | None:
    if ROLES[version.role].wraps:
        return _does_not_open(version) if version.state == "current" else None  # older ones open what they wrapped
    signer = custody().signer(version.role, version.number)
    message = secrets.token_bytes(KEY_BYTES)
    if version.public is None or signer.public != version.public:
        return "it says another public key than it signs under"
    return None if verify(version.public, message, signer.sign(message)) else "what it signs does not verify"


def _does_not_open(version: Version) -> str | None:
    key = secrets.token_bytes(KEY_BYTES)
    number, wrapped = custody().wrap(version.role, _OWNER, key)
    return None if custody().unwrap(version.role, number, _OWNER, wrapped) == key else "it does not open what it wraps"
