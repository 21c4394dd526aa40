"""Recipes of the invented clients: hand-written tables, payment schedules, blemishes."""
