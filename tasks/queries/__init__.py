"""Reads for the pages of annual plans and programmes."""
