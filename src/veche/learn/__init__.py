"""Learning from an authority's own labelled appeals, and knowing when not to decide."""
