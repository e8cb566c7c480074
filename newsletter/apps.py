from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = _("Letters")

    def ready(self) -> None:
        post_migrate.connect(know_the_key, sender=self, dispatch_uid="newsletter.know_the_key")


def know_the_key(*, app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """From its first migration on, a database knows by which SUPPRESSION_KEY its addresses are hashed."""
    installation: Any = app_config.get_model("Installation")
    if using == DEFAULT_DB_ALIAS and installation._meta.db_table in connection.introspection.table_names():
        installation.objects.know_key()
