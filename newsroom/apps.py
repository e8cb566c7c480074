from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class NewsroomConfig(AppConfig):
    name = "newsroom"

    def ready(self) -> None:
        from newsroom.roles import make_groups

        autodiscover_modules("roles", "places", "beside")
        # Groups follow the declared rows after every migration, on every installation.
        post_migrate.connect(make_groups, dispatch_uid="newsroom.make_groups")
