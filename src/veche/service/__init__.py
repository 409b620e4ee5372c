"""The live service: what a contact centre and an analyst's office keep open all day.

A Django project, one app per room, on PostgreSQL and nothing else. It runs the same stages as the
command line; the floors below know nothing of it.
"""
