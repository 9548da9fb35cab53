"""Pages and verbs of annual work plans and programmes."""
