"""Has something done in the service's own Python, where Django is: the steps of `veche.service.upkeep`."""

import json
import subprocess
import tempfile
from typing import Any

from veche.core.errors import StepFailed
from veche.service.ground import processes
from veche.service.ground.opened import Ground

#: No database is behind it: for steps that ask none.
NOWHERE = "postgresql://nobody@/nowhere"


def step(ground: Ground, owner: str, *words: str) -> Any:
    """Run a step as the owner of the tables, under the web server's account; return what it answers.

    Raises:
        StepFailed: it failed; what it said is in `upkeep.log`.
    """
    path = ground.home.logs / "upkeep.log"
    with tempfile.TemporaryFile() as answer, path.open("ab") as log:
        process = processes.start(
            [str(ground.python.executable), "-m", "veche.service.upkeep", *words],
            environment=ground.environment(owner),
            account=ground.web,
            output=answer,
            errors=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            status = process.wait()
        finally:
            process.kill()
        if status:
            raise StepFailed(step=words[0], status=status, log=path)
        answer.seek(0)
        return json.loads(answer.read())
