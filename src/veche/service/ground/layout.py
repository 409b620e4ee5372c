"""Where things lie in the data folder of a service.

Whoever looks for a file of the service asks here, so that a path is spelled once.
"""

from dataclasses import dataclass
from pathlib import Path

#: Only the owner; the owner, and others only to what they know by name.
SECRET, THROUGH = 0o700, 0o711


@dataclass(frozen=True)
class Home:
    """The data folder of one service (`veche up --data DIR`)."""

    path: Path

    @property
    def postgres(self) -> Path:
        """The cluster of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def run(self) -> Path:
        """What lives as long as the processes: the lock, the state, the socket."""
        return self.path / "run"

    @property
    def keys(self) -> Path:
        """Passwords and keys; not part of a backup."""
        return self.path / "keys"

    @property
    def attachments(self) -> Path:
        """Files that people sent along."""
        return self.path / "attachments"

    @property
    def imports(self) -> Path:
        """Files that are being imported."""
        return self.path / "imports"

    @property
    def models(self) -> Path:
        """Models that authorities decide with."""
        return self.path / "models"

    def model(self, digest: str) -> Path:
        """Return the file of a model, by its SHA-256."""
        return self.models / f"{digest}.model"

    @property
    def themes(self) -> Path:
        """What new appeals are followed with, and searches that go on; all of it can be made anew."""
        return self.path / "themes"

    @property
    def ledger(self) -> Path:
        """Signed heads of the ledger, outside the database."""
        return self.path / "ledger"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.path / "logs"

    @property
    def static(self) -> Path:
        """Style sheets and scripts, collected for serving."""
        return self.path / "static"

    @property
    def metrics(self) -> Path:
        """Where the processes count together for /metrics."""
        return self.run / "metrics"

    @property
    def cache(self) -> Path:
        """What can be made anew at any time; see `stages.remembered`."""
        return self.path / "cache"

    @property
    def state(self) -> Path:
        """What runs now, as JSON; see `supervisor`."""
        return self.run / "state.json"

    @property
    def lock(self) -> Path:
        """Locked (flock) by the one process that may start others here."""
        return self.run / "lock"

    def make(self) -> None:
        """Create the folders that are missing. All are their owner's alone."""
        for folder in (self.path, *self.folders()):
            folder.mkdir(mode=SECRET, parents=True, exist_ok=True)

    def folders(self) -> tuple[Path, ...]:
        """Return the folders inside."""
        return (
            self.postgres,
            self.run,
            self.keys,
            self.attachments,
            self.imports,
            self.models,
            self.themes,
            self.ledger,
            self.logs,
            self.static,
            self.cache,
            self.metrics,
        )
