"""Intake: bytes of files and channels in, batches of appeals and a list of rejects out."""
