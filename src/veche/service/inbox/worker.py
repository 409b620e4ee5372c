"""The process that understands what comes in: `python -m veche.service.inbox.worker`. Several may run.

SIGTERM lets it finish the chunk in hand.
"""

import os
import signal

import django
import pyarrow as pa


def main() -> None:
    """Run a worker of the service that the environment names, until it is told to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veche.service.settings")
    django.setup()
    # The models are there only from here on.
    from veche.service.inbox.loop import Worker
    from veche.service.settings import ENV

    pa.set_cpu_count(1)
    worker = Worker(ENV.database_url)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
