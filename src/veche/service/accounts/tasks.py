"""What accounts do every minute."""

from procrastinate.contrib.django import app

from veche.service.accounts.refusals import write_counts


@app.periodic(cron="* * * * *")
@app.task(name="accounts.refusals", queueing_lock="accounts.refusals", lock="accounts.refusals")
def refusals(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Write into the ledger what was refused in minutes that are over."""
    write_counts()
