"""What was found, as markup."""

from django import template

from articles import search

register = template.Library()
register.filter("marked", search.marked)
register.filter("passage", search.passage)
