"""Dates as the house writes them in English; every other language keeps the form that Django knows."""

DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j F"
