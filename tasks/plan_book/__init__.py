"""A plan as one workbook, a sheet for each of its tables: written filled or blank, read back, returned with what is wrong.

The sheets follow `tasks.plan_files.tables`: a column added there stands in the workbook by itself, with the drop-down
or the format that its column in the database asks for.
"""

from tasks.plan_book.mark import marked
from tasks.plan_book.read import document_in
from tasks.plan_book.write import plan_workbook

__all__ = ["document_in", "marked", "plan_workbook"]
