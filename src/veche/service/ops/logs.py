"""Logs: one JSON object a line, with nothing in it that a person wrote or that names one.

A record's arguments, an exception's words and a request's address may all quote what people sent. So a line
holds the template of the message without its arguments, the type of an exception with the places it passed
through, the name of the route instead of the address, and of the extras only those that `FACTS` lists and
that are plain values (libraries put whole requests there). A message of a library that comes without
arguments may have been put together before (gunicorn quotes a broken request, Django a wrong host): then the
place in the code stands for it.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

#: Extras that may be written: ids, codes, counts and durations.
FACTS = ("request", "route", "method", "status", "ms", "user", "tenant", "appeals", "code", "worker", "tries")
_ABSENT = object()


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: value for name in FACTS if _plain(value := record.__dict__.get(name, _ABSENT))}
        if record.exc_info and record.exc_info[0] is not None:
            kind, _error, trace = record.exc_info
            line["exception"] = f"{kind.__module__}.{kind.__qualname__}"
            line["passed"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if record.args or record.name.partition(".")[0] == "veche":
        return record.msg
    return f"{record.module}:{record.lineno}"


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def logging_settings() -> dict[str, Any]:
    """Return Django's `LOGGING`: everything goes to standard error, which the supervisor keeps."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "veche.service.ops.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Django's own handlers would write the address and mail the page of an error.
            "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            # Each request is one line of ours already.
            "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
            "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "procrastinate": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
