"""Which samples are good enough, and which are the same picture: each a decision with a reason."""
