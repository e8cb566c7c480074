"""Dates as the house writes them in German; those that are not here are Django's."""

DATETIME_FORMAT = "j. N Y, H:i"
