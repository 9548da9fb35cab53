"""A plan as files people can read: a folder of tables, or the one JSON document that `export_plan` prints.

`read_plan(path)` gives a `PlanDocument` or raises `PlanRefused` with every problem found; `to_json(document)`
gives the bytes back. Nothing here touches the database: loading and reading out are in `tasks.plan_store`.
"""

from harbor_plan.lib import cells
from tasks.plan_files.document import PlanDocument, PlanRefused, Problem
from tasks.plan_files.read import read_plan
from tasks.plan_files.write import to_json

__all__ = ["PlanDocument", "PlanRefused", "Problem", "cells", "read_plan", "to_json"]
