"""Audits: the papers' protocols on a dataset's embeddings, each number with its interval."""
