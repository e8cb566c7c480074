from django.contrib import admin

from newsletter.models import Newsletter
from newsroom.guarded import GuardedAdmin


@admin.register(Newsletter)
class NewsletterAdmin(GuardedAdmin):
    fields = ["name", "slug", "description", "position", "from_name", "reply_to"]
    list_display = ["name", "slug", "description", "position"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
