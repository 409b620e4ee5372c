"""A service with appeals, kept as an operator keeps it: by calls of `veche`, each a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VECHE = "import sys; from veche.cli import main; sys.argv[0] = 'veche'; main()"
TOP = Path(__file__).parents[3]
CONTACT = "zyxcontact@veche.example"
WORDS = "The lamp of zyxvillage is dark."

#: Appeals of three persons in two authorities, one of them with a file, and the secrets of the seals.
FILL = f"""
from uuid import UUID
from django.utils import timezone
from tests.service.conftest import make_cast
from tests.service.vault.conftest import make_appeals
from veche.core.ids import uuid7
from veche.service.accounts.acting import working
from veche.service.inbox.incoming import AttachedFile
from veche.service.ledger.append import append
from veche.service.vault.files import store
cast = make_cast()
region, city = cast.tenants.region, cast.tenants.city
make_appeals(region, cast.channels.region, text={WORDS!r}, contact={CONTACT!r}, n=3)
with_file = make_appeals(region, cast.channels.region, text={WORDS!r}, contact="b@veche.example", n=2)[0]
make_appeals(city, cast.channels.city, text={WORDS!r}, contact="c@veche.example", n=1)
with working(region.pk):
    file = AttachedFile(uuid7(), "lamp.txt", "text/plain", "txt", b"A dark lamp.")
    store(region.pk, with_file.pk, with_file.person_id, [file])
with working(region.pk):
    for number in range(3):
        append(region.pk, "appeal.taken", actor="intake", object="channel", facts={{"n": number}})
"""

#: What every appeal says, opened with the key of the vault; and the file that came along.
READ = """
import json
from veche.service.inbox.models import Appeal, Attachment
from veche.service.vault.files import open_file
from veche.service.vault.keys import keys_for
from veche.service.vault.seal import open_appeals
appeals = {a.pk: a.number for a in Appeal.objects.all()}
said = {str(appeals[pk]): original and original.text for pk, original in open_appeals(appeals).items()}
files = []
for a in Attachment.objects.select_related("appeal"):
    key = keys_for([a.appeal.person_id], a.tenant_id)[a.appeal.person_id]
    pieces = open_file(attachment_id=a.pk, tenant_id=a.tenant_id, key=key)
    files.append(b"".join(pieces).decode())
print(json.dumps([said, files]))
"""


def environment(**more):
    """Return the variables of an operator's shell."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("VECHE_", "DJANGO_"))}
    path = os.pathsep.join([str(TOP), str(TOP / "src")])
    return {**plain, "PYTHONPATH": path, "VECHE_LANG": "en", **more}


def veche(*words, status=0, **variables):
    """Call `veche`; return what it said on both ways."""
    done = subprocess.run(
        [sys.executable, "-c", VECHE, *map(str, words)],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def manage(data, *words, **variables):
    """Call `veche manage`; return what it printed."""
    command = [sys.executable, "-c", VECHE, "manage", "--data", str(data), *words]
    done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(data, program, **variables):
    """Run a program as the owner of the tables; return what it printed."""
    return manage(data, "shell", "--verbosity", "0", "-c", program, **variables)


def folder():
    """Make a folder that the accounts of the service can go through."""
    path = Path(tempfile.mkdtemp(prefix="veche-"))
    path.chmod(0o755)
    return path


def remove(path):
    """Remove it with all it holds."""
    shutil.rmtree(path, ignore_errors=True)
