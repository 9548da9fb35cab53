"""Pages and verbs of filing, by whose work they are."""
