"""What people decided leaves as a sheet that can be learnt from, without a word that was hidden."""

import csv

from tests.service.desk.waiting import TOPICS, make_appeals, make_card, version

DOGS, VETS, PESTS, HOUSE = TOPICS


def test_decisions_in_force_leave_as_corrections(cast, as_owner, as_worker, tmp_path, capsys):
    from django.core.management import call_command

    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import decide, decide_appeal, undo
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault.models import Derived

    with as_owner():
        appeals = make_appeals(
            cast.tenants.region, cast.channels.region, 4, texts=["=A [name] writes.", "Dogs."]
        )
        card = make_card(cast.tenants.region, appeals[:3])
    editor = cast.people.editor
    with acting(editor):
        decide(editor, card, version(card), VETS)
        decide_appeal(editor, appeals[0], PESTS, facet="topic", seen=VETS)
        undone = decide_appeal(editor, appeals[3], HOUSE, facet="topic", seen=DOGS)
        undo(editor, undone.pk)
        decide_appeal(editor, appeals[1], "mvd", facet="body", seen=_body(appeals[1]))
    out = tmp_path / "decisions.csv"
    with as_worker():
        call_command("export_decisions", out=out)
    assert "3" in capsys.readouterr().err
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["appeal_id"]: row for row in csv.DictReader(file)}
    assert {key: row["value"] for key, row in rows.items()} == {
        str(appeals[0]): PESTS,
        str(appeals[1]): VETS,
        str(appeals[2]): VETS,
    }
    assert rows[str(appeals[0])]["text"] == "'=A [name] writes."
    with acting(cast.people.controller):
        assert LedgerEntry.objects.filter(act="decisions.exported").count() == 1
    with as_owner():
        assert Derived.objects.get().kind == "export"


def _body(appeal):
    from veche.service.inbox.models import Appeal

    return Appeal.objects.get(pk=appeal).body
