"""What the engineer watches: health, readiness, metrics, logs."""
