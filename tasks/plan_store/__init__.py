"""A plan document into the database and out of it again; every change leaves a revision."""

from tasks.plan_store.export import export_plan
from tasks.plan_store.load import Loaded, load_plan
from tasks.plan_store.revise import Revising, revising

__all__ = ["Loaded", "Revising", "export_plan", "load_plan", "revising"]
