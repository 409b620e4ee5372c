"""The ground the service stands on: its folder, its PostgreSQL, its accounts and its processes.

Nothing here knows Django; what runs on this ground is started as processes of its own.
"""
