"""Page-shaped reads of a department's filing: a fixed number of queries, whatever its entries and history."""
