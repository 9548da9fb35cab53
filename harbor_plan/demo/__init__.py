"""Demonstration data: invented people, quarters and figures around the loaded plan, read from fixtures/demo.

Nothing here names a goal, a task or a department: the tables do. Everything is drawn from hashes of stable
keys, so that every load writes the same rows; only the window of the quarter that is open for entry follows the
day of the first load.
"""
