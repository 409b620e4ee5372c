"""Every job has a process that does it."""

import pytest


@pytest.mark.usefixtures("cast")
def test_every_queue_of_jobs_is_served_by_one_process():
    from procrastinate.contrib.django import app

    from veche.service.ground.children import QUEUES

    served = [queue for queues in QUEUES.values() for queue in queues]
    asked = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin:")}
    assert len(served) == len(set(served))
    assert asked == set(served)
