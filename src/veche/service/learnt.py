"""Lets an authority decide with a model that was learnt from its own history, or with its pack alone again.

The model is copied into the data folder under its digest. Which one is in use stands with the authority, in
its ledger, and on the time line of its picture. What may be decided alone begins with what the model proved
on appeals that it had not seen; checks move it from there. Runs as the owner of the tables.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from veche.core.errors import OutputError
from veche.core.ids import file_digest
from veche.core.library_words import reason
from veche.learn.file import load
from veche.learn.promise import keep_promise
from veche.learn.stage import DECIDED
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk.models import Promise
from veche.service.desk.promise import BEGUN, MODEL, NOTHING, PRECISION, START
from veche.service.ground.layout import Home
from veche.service.inbox.means import Means, opened
from veche.service.inbox.models import Break
from veche.service.inbox.reprocess import version_of
from veche.service.inbox.understand import Understanding
from veche.service.ledger.append import append


def use_model(tenant: Tenant, path: Path) -> list[str]:
    """Let appeals of an authority be understood with the model at `path` from now on; return its facets.

    Raises:
        NoSuchModel, NotAModel, ModelDamaged, ModelNewer: it cannot be read.
        ModelOfOtherPack: it was made with another pack.
        OutputError: it cannot be copied.
    """
    model, digest = load(path), file_digest(path)
    new = Understanding(tenant.pack, model=path)
    _copy(path, Home(settings.ENV.home).model(digest))
    kept = {name: keep_promise(one.seen, precision=PRECISION) for name, one in model.facets.items()}
    _switch(tenant, digest, new, {name: promise.threshold for name, promise in kept.items()})
    return sorted(model.facets)


def use_pack(tenant: Tenant) -> None:
    """Let appeals of an authority be understood with its pack alone from now on."""
    _switch(tenant, "", Understanding(tenant.pack), {})


def _switch(tenant: Tenant, digest: str, new: Understanding, thresholds: Mapping[str, float]) -> None:
    old, before = tenant.model, opened(Means.of(tenant))
    now, today = timezone.now(), timezone.localdate()
    threshold = min(thresholds["topic"], NOTHING) if "topic" in thresholds else START
    reason = MODEL if "topic" in thresholds else BEGUN
    changed = [facet for facet in new.makers if version_of(new, facet) != _version(before, facet)]
    with working(tenant.pk):
        tenant.model = digest
        tenant.save(update_fields=["model"])
        Break.objects.bulk_create(
            Break(
                tenant=tenant,
                facet=facet,
                at=now,
                since=today,
                until=today,
                from_version=_version(before, facet),
                to_version=version_of(new, facet),
                finished_at=now,
            )
            for facet in sorted(changed)
            if not facet.endswith(DECIDED)
        )
        Promise.objects.create(
            tenant=tenant, facet="topic", at=now, threshold=threshold, precision=PRECISION, reason=reason
        )
        facts = {"model": digest, "before": old}
        append(tenant.pk, "model.used", actor="owner", object=f"tenant:{tenant.pk}", facts=facts)


def _version(understanding: Understanding, facet: str) -> str:
    return version_of(understanding, facet) if facet in understanding.makers else ""


def _copy(path: Path, into: Path) -> None:
    """Copy a model; the copy belongs to whom its folder belongs to, and is there whole or not at all."""
    if into.exists():
        return
    part, owner = into.with_suffix(".part"), into.parent.stat()
    try:
        shutil.copyfile(path, part)
        part.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(part, owner.st_uid, owner.st_gid)
        part.replace(into)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(path=into, reason=reason(error)) from error
