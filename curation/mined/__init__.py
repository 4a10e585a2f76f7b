"""Writing found images as a dataset folder: stored form, plans, shards, ledger, facts."""
