"""The desk: appeals as people at work see them."""
