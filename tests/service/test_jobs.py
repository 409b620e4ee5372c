"""Every job has a process that does it."""

import psycopg
import pytest

#: Of two jobs whose process is gone, the first was asked for again: that one waits for the lock of the first.
_LOST = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status) VALUES
    ('themes', 'themes.follow', 'themes.follow', 'themes.follow', 'doing'),
    ('themes', 'themes.follow', 'themes.follow', 'themes.follow', 'todo'),
    ('default', 'desk.weigh', 'desk:x', 'desk.weigh:x', 'doing');
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('imports', 'jobs.take_up_lost', '{"timestamp": 0}');
"""
_LEFT = """
SELECT task_name, status::text, attempts FROM procrastinate_jobs
WHERE task_name IN ('themes.follow', 'desk.weigh')
"""


@pytest.mark.usefixtures("cast")
def test_every_queue_of_jobs_is_served_by_one_process():
    from procrastinate.contrib.django import app

    from veche.service.ground.children import QUEUES

    served = [queue for queues in QUEUES.values() for queue in queues]
    asked = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin:")}
    assert len(served) == len(set(served))
    assert asked == set(served)


def test_what_a_lost_process_did_is_begun_anew_unless_it_was_asked_for_again(cast, jobs, urls):  # noqa: ARG001
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(_LOST)
        jobs()
        left = connection.execute(_LEFT).fetchall()
    assert sorted(left) == [("desk.weigh", "todo", 1), ("themes.follow", "todo", 0)]


def test_what_is_asked_for_again_while_it_waits_follows_once_and_is_not_refused(cast, urls):
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from veche.service.jobs import soon

    def ask():
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            soon("desk.weigh", cast.tenants.region.pk)
        return sum("procrastinate_defer" in query["sql"] for query in captured)

    assert [ask(), ask(), ask()] == [1, 0, 0]
    with psycopg.connect(urls.owner) as owner:
        assert owner.execute(_LEFT).fetchall() == [("desk.weigh", "todo", 0)]
