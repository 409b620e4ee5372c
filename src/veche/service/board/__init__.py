"""The live picture: counts of appeals that narrow at once, compared, exported, sent by mail."""
