"""A web corpus of our own: a table of addresses like LAION's, what they serve, and the truth."""
