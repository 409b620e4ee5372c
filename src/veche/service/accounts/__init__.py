"""Tenants, people, their dated roles, and the walls between them."""
