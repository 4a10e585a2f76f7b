"""Statistics that every measurement shares: intervals, tests, the bootstrap, agreement, rank."""
