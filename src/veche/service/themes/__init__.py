"""Themes of an authority: found over its appeals by a job, signed off by people, followed from day to day."""
