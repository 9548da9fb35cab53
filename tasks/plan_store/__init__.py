"""A plan document into the database and out of it again."""

from tasks.plan_store.export import export_plan
from tasks.plan_store.load import load_plan
from tasks.plan_store.sync import Change, Verb

__all__ = ["Change", "Verb", "export_plan", "load_plan"]
