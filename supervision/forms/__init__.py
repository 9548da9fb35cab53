"""Input of the supervision pages."""
