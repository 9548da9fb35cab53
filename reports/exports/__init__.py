"""Tables people take away as .xlsx: the responsibility table and the state of a quarter's filing.

Each function builds one file and records that it was taken. What a person may not see is not in it.
"""

from reports.exports.responsibilities import responsibility_file
from reports.exports.state import state_file

__all__ = ["responsibility_file", "state_file"]
