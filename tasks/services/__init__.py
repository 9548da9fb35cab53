"""What is written about annual work plans: `annual` moves a plan, `items` writes its lines, `versions` reads what is in force."""
