"""Dates as the house writes them in English."""

DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j F"
DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
