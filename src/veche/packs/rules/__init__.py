"""Rules as data: facts, conditions, calendars, deadlines, standard responses and support measures."""
