"""What the log says of a refused request: one line, no traceback."""

from __future__ import annotations

import logging


class OneLineRefusals(logging.Filter):
    """Who was refused what and where, and the sentence shown; a refusal is expected, so its traceback tells nothing.

    Django hands the exception of every answer below 500 to the log. Failures (500) keep theirs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request, status = getattr(record, "request", None), getattr(record, "status_code", 500)
        if request is None or status >= 500 or not record.exc_info:
            return True
        who = getattr(getattr(request, "user", None), "username", "") or "-"
        reason = " ".join(str(record.exc_info[1]).split())
        record.msg = f"{status} {request.method} {request.get_full_path()} {who}: {reason}"
        record.args = ()
        record.exc_info = record.exc_text = None
        return True
