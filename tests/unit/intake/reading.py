"""What the tests of intake share: one call that reads everything and keeps the books."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from veche.core.appeal import APPEAL
from veche.intake import Intake, Reject, Source


@dataclass
class Result:
    """All that an intake gave."""

    intake: Intake
    rejects: list[Reject] = field(default_factory=list)
    batches: list[pa.Table] = field(default_factory=list)

    @property
    def rows(self) -> list[dict]:
        return pa.concat_tables(self.batches, promote_options="none").to_pylist() if self.batches else []

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]

    @property
    def codes(self) -> list[str]:
        return [reject.code for reject in self.rejects]

    @property
    def source(self) -> Source:
        return self.intake.sources[0]


def read(*inputs: Path | str, timezone: str = "Europe/Moscow", **options) -> Result:
    """Read inputs to the end and check what holds for every intake."""
    rejects: list[Reject] = []
    intake = Intake([str(i) for i in inputs], timezone=timezone, on_reject=rejects.append, **options)
    result = Result(intake, rejects)
    for batch in intake:
        assert batch.schema == APPEAL
        result.batches.append(batch)
    assert intake.read == intake.accepted + intake.rejected
    assert intake.rejected == len(rejects)
    assert intake.accepted == len(result.rows) == len({row["appeal_id"] for row in result.rows})
    assert intake.read == sum(source.rows for source in intake.sources)
    assert not any("\x00" in text or not text.strip() for text in result.texts)
    return result


def write(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write a text file with its line ends as they are."""
    path.write_bytes(text.encode(encoding))
    return path
