"""Mining a set from one recipe: fetch, embed, label, filter, dedup, group, confirm, export."""
