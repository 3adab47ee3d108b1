"""Alembic's environment: how a database of an earlier ragchat becomes one of today's (see database/migrating.py)."""
