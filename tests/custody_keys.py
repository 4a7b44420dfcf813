"""Key folders of a test's own: what is rotated there, no other test sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from registry.custody import ROLES, Place, _keeper

Places = tuple[tuple[str, Place], ...]


def places(folder: Path) -> Places:
    """Return where keys would lie in a folder; what is not there is made on first need."""
    return tuple((name, Place(file=folder / role.variable.lower(), may_make=True)) for name, role in ROLES.items())


class KMS:
    """A KMS in this process, as moto plays it; `settings.KMS` names it."""

    ADDRESS = "aws:alias/proviso?region=eu-west-1"

    @staticmethod
    def serve(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        with mock_aws():
            client = boto3.client("kms", region_name="eu-west-1")
            key = client.create_key()["KeyMetadata"]["KeyId"]
            client.create_alias(AliasName="alias/proviso", TargetKeyId=key)
            settings.KMS = KMS.ADDRESS
            KMS.forget()
            yield client
        KMS.forget()

    @staticmethod
    def forget() -> None:
        """Know nothing of what was read and opened, as a process that has just started."""
        _keeper.cache_clear()
