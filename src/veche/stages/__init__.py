"""The stages: one file each, each deciding one thing about an appeal from its batch alone."""
