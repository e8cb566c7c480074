import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
application = get_wsgi_application()

from newsroom.start import refuse_another_key  # noqa: E402 - Django must be set up first

refuse_another_key()
