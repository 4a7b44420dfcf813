"""The gate: nothing is trained on that was not decided for training, and the pack is exactly the samples."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from generation.models import Manifest as ManifestRow
from generation.models import Weights
from generation.services import training
from generation.training import gate
from generation.training.gate import Admitted
from generation.training.grounds import TrainingRefused
from generation.training.samples import library_operator, library_samples, samples_of, shipped_manifest
from generation.training.trainer import Run, TrainerFailed
from generation.video.config import Config
from generation.video.files import told_by
from generation.video.network import Network
from generation.video.weights import Provenance, write_weights
from library import draw
from library.bodies import party_id
from registry import vault
from registry.core.errors import DomainError
from registry.core.jcs import canonical
from registry.errors import Unknown
from registry.models import ClearanceRow, Entry, Leaf, StatementRow
from registry.statements import open_statement
from registry.vault import NotCleared
from tests import reference
from tests.sample_library import FILES, SMALL, SmallLibrary, asset_id, publish, take_in_shipped

PERFORMER = "sample-performer-02"
SHEET = f"sheets/{PERFORMER}.png"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path: Path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every asset that anybody asked the vault to open, in order; the vault answers as ever."""
    asked: list[str] = []
    real = vault.open

    def watched(clearance: Any, asset: str) -> bytes:
        asked.append(asset)
        return real(clearance, asset)

    monkeypatch.setattr(vault, "open", watched)
    return asked


@pytest.fixture
def small(db: None, tmp_path: Path) -> SmallLibrary:
    library = SmallLibrary.sign(tmp_path / "library")
    library.take_in()
    return library


def admit(library: SmallLibrary, **fields: Any) -> Admitted:
    wanted = {"for_": party_id("operator"), "territory": "FR", "engine": "starter"} | fields
    return gate.admit(library.samples, **wanted)


def trained(statement: str) -> Any:
    found = open_statement(statement)
    assert found is not None
    return found.statement.body


@pytest.mark.django_db
def test_the_pack_that_the_gate_exports_is_the_pack_of_the_files_byte_for_byte(tmp_path: Path) -> None:
    take_in_shipped()
    exported = training.export(library_samples(), tmp_path / "out" / "pack.safetensors")
    pack = (tmp_path / "out" / "pack.safetensors").read_bytes()
    expected = draw.training_pack()
    assert hashlib.sha256(pack).hexdigest() == hashlib.sha256(expected).hexdigest() == exported.pack_sha256
    assert pack == expected
    assert stat.S_IMODE((tmp_path / "out" / "pack.safetensors").stat().st_mode) == 0o600
    assert exported.admitted.manifest == shipped_manifest()
    assert (tmp_path / "out" / "manifest.json").read_bytes() == (FILES.parent / "manifest.json").read_bytes()


def test_the_clearance_says_what_was_decided_and_the_manifest_is_kept(small: SmallLibrary) -> None:
    admitted = admit(small)
    body = trained(admitted.clearance.digest)
    assert body["kind"] == "train"
    assert body["manifest_sha256"] == admitted.manifest.sha256
    assert sorted(body["assets"]) == sorted([list(pair) for pair in small.samples])
    assert {digest for digest, _ in body["grounds"]} == {g for s in admitted.manifest.samples for g in s.grounds}
    assert ManifestRow.objects.get(sha256=admitted.manifest.sha256).body == admitted.manifest.format()
    entries = [canonical(sample.format()) for sample in admitted.manifest.samples]
    assert admitted.manifest.root == reference.merkle_root(entries).hex()


def test_the_consent_of_whoever_is_shown_is_among_the_grounds_of_a_sample(small: SmallLibrary) -> None:
    admitted = admit(small)
    consents = dict(StatementRow.objects.filter(type="consent.granted").values_list("issuer", "digest"))
    grounds = {sample.sha256: set(sample.grounds) for sample in admitted.manifest.samples}
    for file in small.signed.files:
        shown = {consents[party_id(person)] for person in file.entry["people"]}
        assert grounds[file.sha256] & set(consents.values()) == shown


def test_a_withdrawn_consent_refuses_the_run_and_names_the_asset_and_nothing_is_opened(
    small: SmallLibrary, tmp_path: Path, opened: list[str]
) -> None:
    training.export(small.samples, tmp_path / "before.safetensors")
    assert len(opened) == len(SMALL)
    opened.clear()
    issued = StatementRow.objects.filter(type="clearance.issued").count()
    small.withdraw(PERFORMER)
    with pytest.raises(TrainingRefused) as refused:
        training.export(small.samples, tmp_path / "after.safetensors")
    assert list(refused.value.refused) == [asset_id(SHEET)]
    (obstacle, *_) = refused.value.refused[asset_id(SHEET)].obstacles
    assert (obstacle.code, obstacle.subject) == ("revoked", ("performer", party_id(PERFORMER)))
    assert asset_id(SHEET) in str(refused.value)
    assert opened == []
    assert not (tmp_path / "after.safetensors").exists()
    assert StatementRow.objects.filter(type="clearance.issued").count() == issued


def test_a_withdrawn_consent_shuts_the_vault_for_a_run_that_was_admitted(small: SmallLibrary) -> None:
    admitted = admit(small)
    gate.open_sample(admitted.clearance, asset_id(SHEET))
    small.withdraw(PERFORMER)
    for asset, _ in admitted.samples:
        with pytest.raises(vault.ClearanceStale):
            gate.open_sample(admitted.clearance, asset)


def test_a_sample_that_is_not_in_the_manifest_cannot_be_opened(small: SmallLibrary) -> None:
    left_out = asset_id(SMALL[0])
    samples = tuple(pair for pair in small.samples if pair[0] != left_out)
    admitted = gate.admit(samples, for_=party_id("operator"), territory="FR", engine="starter")
    gate.open_sample(admitted.clearance, asset_id(SMALL[1]))
    with pytest.raises(NotCleared):
        gate.open_sample(admitted.clearance, left_out)


def test_a_clearance_that_nobody_logged_opens_no_sample(small: SmallLibrary) -> None:
    admitted = admit(small)
    from_nowhere = type(admitted.clearance)(
        digest="0" * 64,
        kind="train",
        assets=admitted.clearance.assets,
        expires_at=admitted.clearance.expires_at + timedelta(days=1),
    )
    with pytest.raises(NotCleared):
        gate.open_sample(from_nowhere, asset_id(SHEET))


def test_training_for_somebody_else_than_the_grantee_is_refused_for_every_sample(small: SmallLibrary) -> None:
    with pytest.raises(TrainingRefused) as refused:
        admit(small, for_=party_id("notary"))
    assert set(refused.value.refused) == {asset for asset, _ in small.samples}
    codes = {o.code for decision in refused.value.refused.values() for o in decision.obstacles}
    assert codes == {"grantee_not_covered"}


def test_what_is_not_under_a_checkpoint_is_not_trained_on(db: None, tmp_path: Path) -> None:
    library = SmallLibrary.sign(tmp_path / "library")
    library.submit()
    with pytest.raises(TrainingRefused) as refused:
        admit(library)
    assert len(refused.value.refused) == len(SMALL)
    publish()
    assert admit(library).manifest.samples


def test_an_asset_that_nobody_registered_is_refused_by_name(small: SmallLibrary) -> None:
    assert samples_of(asset for asset, _ in small.samples) == small.samples
    with pytest.raises(Unknown) as refused:
        samples_of([asset_id("plates/day-city-1.png")])
    assert refused.value.code == "unknown_asset"


def test_a_sample_that_the_trainer_can_make_nothing_of_is_refused_with_a_reason(db: None, tmp_path: Path) -> None:
    library = SmallLibrary.sign(tmp_path / "library", [*SMALL, "motions/walk.mp4"])
    library.take_in()
    with pytest.raises(DomainError):
        training.export(library.samples, tmp_path / "pack.safetensors")
    assert not (tmp_path / "pack.safetensors").exists()


# --- training here ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_trains_in_its_own_process_and_the_log_knows_its_weights(tmp_path: Path) -> None:
    library = SmallLibrary.sign(tmp_path / "library")
    library.take_in()
    lines: list[str] = []
    done = training.train(library.samples, Run(out=tmp_path / "run", steps=1, threads=1), say=lines.append)
    weights = (tmp_path / "run" / "weights.safetensors").read_bytes()
    assert done.weights == hashlib.sha256(weights).hexdigest()
    assert told_by(weights)["steps"] == 1
    body = trained(done.statement)
    assert (body["weights"], body["run"], body["engine"]) == (done.weights, "here", "starter")
    assert (body["root"], body["manifest_sha256"]) == (done.manifest.root, done.manifest.sha256)
    assert ClearanceRow.objects.get(digest=body["clearance"]).closed_by == done.statement
    assert Leaf.objects.filter(digest=done.statement).exists()
    assert Weights.objects.get(weights=done.weights).run == "here"
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"checkpoint.safetensors", "manifest.json", "weights.safetensors"} <= left
    assert "pack.safetensors" not in left
    with pytest.raises(vault.ClearanceClosed):
        vault.open(_clearance_of(body["clearance"]), library.samples[0][0])


def _clearance_of(digest: str) -> Any:
    row = ClearanceRow.objects.get(digest=digest)
    assets = frozenset((asset, sha256) for asset, sha256 in row.assets)
    return gate.Clearance(digest=digest, kind="train", assets=assets, expires_at=row.expires_at)


def test_weights_are_not_logged_where_a_right_was_withdrawn_during_the_run(
    small: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_it_ran(pack: Path, run: Run, **_: Any) -> bytes:
        small.withdraw(PERFORMER)
        return weights_of(pack)

    monkeypatch.setattr(training, "run_trainer", while_it_ran)
    with pytest.raises(TrainingRefused) as refused:
        training.train(small.samples, Run(out=tmp_path / "run"), say=print)
    assert list(refused.value.refused) == [asset_id(SHEET)]
    assert not Weights.objects.exists()
    assert not (tmp_path / "run" / "pack.safetensors").exists()


def weights_of(pack: Path) -> bytes:
    """A weights file of the smallest network, which says that it was trained from this pack."""
    told = Provenance(pack_sha256=hashlib.sha256(pack.read_bytes()).hexdigest(), steps=0, seed=1)
    return write_weights(Network(Config.tiny()), told)


def test_weights_of_another_pack_are_not_logged(
    small: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"another pack")
    monkeypatch.setattr(training, "run_trainer", lambda pack, run, **_: weights_of(other))
    with pytest.raises(training.ForeignWeights):
        training.train(small.samples, Run(out=tmp_path / "run"), say=print)
    assert not Weights.objects.exists()


def test_a_trainer_that_fails_leaves_no_pack_and_no_weights(small: SmallLibrary, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint.safetensors").mkdir(parents=True)
    with pytest.raises(TrainerFailed):
        training.train(small.samples, Run(out=tmp_path / "run", steps=0, resume=True), say=print)
    assert not (tmp_path / "run" / "pack.safetensors").exists()
    assert not Weights.objects.exists()


# --- shipped weights -------------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(settings, db: None, tmp_path: Path) -> SmallLibrary:
    """A small library with its manifest and weights, as it would be shipped, submitted to this registry."""
    settings.BASE_DIR = tmp_path / "base"
    library = SmallLibrary.sign(tmp_path / "base" / "library")
    (library.folder / "weights").mkdir()
    (library.folder / "weights" / "starter.safetensors").write_bytes(b"weights, made elsewhere")
    library.take_in()
    return library


def test_set_up_logs_the_shipped_weights_once(shipped: SmallLibrary) -> None:
    weights = training.ensure_shipped_weights()
    entries = Entry.objects.count()
    assert training.ensure_shipped_weights() == weights
    assert Entry.objects.count() == entries
    row = Weights.objects.get()
    assert (row.weights, row.run, row.root) == (weights, "shipped", shipped_manifest().root)
    assert ClearanceRow.objects.get(digest=row.clearance).closed_by == row.digest
    assert Entry.objects.filter(leaf__digest=row.digest).exists()


def test_set_up_opens_no_sample(shipped: SmallLibrary, opened: list[str]) -> None:
    training.ensure_shipped_weights()
    assert opened == []


def test_set_up_stops_where_the_shipped_root_is_another(shipped: SmallLibrary) -> None:
    path = shipped.folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["assets"][0]["grounds"] = ["0" * 64]
    path.write_bytes(canonical(manifest))
    with pytest.raises(gate.TrainingRootDiffers) as stopped:
        training.ensure_shipped_weights()
    assert stopped.value.code == "training_root_differs"
    assert not Weights.objects.exists()
    assert not StatementRow.objects.filter(type="clearance.issued").exists()


def test_set_up_stops_where_a_performer_withdrew(shipped: SmallLibrary) -> None:
    shipped.withdraw(PERFORMER)
    with pytest.raises(TrainingRefused):
        training.ensure_shipped_weights()
    assert not Weights.objects.exists()


def test_set_up_says_so_where_the_weights_are_missing(shipped: SmallLibrary) -> None:
    (shipped.folder / "weights" / "starter.safetensors").unlink()
    with pytest.raises(training.WeightsMissing):
        training.ensure_shipped_weights()


@pytest.mark.django_db(transaction=True)
def test_two_servers_that_set_up_at_once_log_the_weights_once(shipped: SmallLibrary) -> None:
    found: list[object] = []

    def set_up() -> None:
        try:
            found.append(training.ensure_shipped_weights())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=set_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert StatementRow.objects.filter(type="weights.trained").count() == 1


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_exports_and_tells_root_clearance_and_pack(shipped: SmallLibrary, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("train", "--export", str(tmp_path / "pack.safetensors"), stdout=out)
    row = ClearanceRow.objects.get()
    sha256 = hashlib.sha256((tmp_path / "pack.safetensors").read_bytes()).hexdigest()
    assert shipped_manifest().root in out.getvalue()
    assert row.digest in out.getvalue()
    assert sha256 in out.getvalue()
    assert library_operator() == party_id("operator")


def test_the_command_refuses_in_one_line(shipped: SmallLibrary, tmp_path: Path) -> None:
    shipped.withdraw(PERFORMER)
    with pytest.raises(CommandError, match=rf"^training_refused: .*{asset_id(SHEET)}.*revoked"):
        call_command("train", "--export", str(tmp_path / "pack.safetensors"))
    with pytest.raises(CommandError, match=r"^training_refused"):
        call_command("train", "--shipped")


def test_the_command_leaves_out_what_may_not_be_trained_on(small: SmallLibrary, tmp_path: Path) -> None:
    small.withdraw(PERFORMER)
    publish()
    named = [word for asset, _ in small.samples for word in ("--asset", asset)]
    pack = ["--export", str(tmp_path / "pack.safetensors"), *named]
    with pytest.raises(CommandError, match=r"^training_refused"):
        call_command("train", *pack)
    out = io.StringIO()
    call_command("train", *pack, "--allowed", stdout=out)
    assert f"left out {asset_id(SHEET)}: revoked" in out.getvalue()
    assert f"{len(SMALL) - 1} samples, root " in out.getvalue()
    with pytest.raises(CommandError, match=r"^training_refused"):  # nothing would be left
        call_command("train", *pack[:2], "--asset", asset_id(SHEET), "--allowed")


def test_the_shipped_weights_were_made_from_the_pack_of_the_shipped_library() -> None:
    path = FILES.parent / training.SHIPPED_WEIGHTS
    if not path.is_file():
        pytest.skip("the weights are still being trained")
    assert told_by(path.read_bytes())["pack_sha256"] == hashlib.sha256(draw.training_pack()).hexdigest()


def test_what_may_be_selected_for_a_run_is_what_a_run_may_be_made_of(small: SmallLibrary) -> None:
    small.withdraw(PERFORMER)
    publish()
    for settled in (0, len(SMALL) - 1):  # the second time one pass settles what single grants cover
        found = gate.selectable(small.samples, for_=party_id("operator"), territory="FR")
        assert set(found.refused) == {asset_id(SHEET)}
        assert found.settled == settled
    left = tuple(pair for pair in small.samples if pair[0] in found.allowed)
    assert gate.admit(left, for_=party_id("operator"), territory="FR", engine="starter").manifest.samples
