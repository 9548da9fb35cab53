"""Page-shaped reads. Every function says how many queries it makes, and none grows with the plan's history."""
