"""One file, environment in. Everything that an editor may change is a row, not a setting."""

import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from django.utils.csp import CSP

from articles.body.dialect import OWN_EXTENSIONS
from articles.body.embeds import FRAMES
from newsroom.addresses import mailbox
from newsroom.desk.theme import UNFOLD as UNFOLD
from newsroom.email_url import mailer_from_url
from newsroom.embedded_postgres import DATABASE, ROLE, socket_folder
from newsroom.environment import kept_secret, language, number, postgres, readable, refuse_unsafe, site

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
TRIAL = DEBUG or DEMO  # this machine only: known accounts, plain HTTP, a server and a mailbox of its own
PORT = number(env, "PORT", 8000, least=1, most=65_535)
# What this installation keeps on disk while nothing else is set.

VAR_ROOT = Path(env.str("VAR_ROOT", str(BASE_DIR / "var"))).resolve()

SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}" if TRIAL else "").rstrip("/")
SITE = readable("SITE_URL", lambda: site(SITE_URL), "https://magazine.example")
HTTPS = SITE.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE.hostname or "", *(["localhost"] if TRIAL else [])])
SECRET_KEY = env.str("SECRET_KEY", "") or (kept_secret(VAR_ROOT, "secret_key") if TRIAL else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SUPPRESSION_KEY = env.str("SUPPRESSION_KEY", "") or (kept_secret(VAR_ROOT, "suppression_key") if TRIAL else "")
refuse_unsafe(env, trial=TRIAL, site=SITE, secret_key=SECRET_KEY, suppression_key=SUPPRESSION_KEY)

# Apps, roof first; imports point the same way (tests/test_layering.py).
INSTALLED_APPS = [
    "newsroom",
    "newsroom.desk.apps.DeskConfig",
    "newsletter",
    "articles",
    "authors",
    "newsroom.identity",
    "newsroom.audit",
    "unfold.apps.BasicAppConfig",
    "newsroom.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_prose_editor",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "newsroom.fonts.FontsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_http_compression.middleware.HttpCompressionMiddleware",
    "newsroom.audit.middleware.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.elsewhere.ElsewhereMiddleware",
]
ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
AUTH_USER_MODEL = "authors.User"
AUTHENTICATION_BACKENDS = ["newsroom.roles.RoleBackend"]
LOGIN_URL = LOGIN_REDIRECT_URL = "/admin/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.identity.context.furniture",
            ],
            "builtins": ["newsroom.identity.templatetags.furniture"],
        },
    }
]

# Data
EMBEDDED_POSTGRES = {
    "ENGINE": "newsroom.embedded_postgres",
    "HOST": str(socket_folder(VAR_ROOT / "postgres")),
    "NAME": DATABASE,
    "USER": ROLE,
}
KEPT_OPEN = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES: dict[str, dict[str, Any]] = {
    "default": KEPT_OPEN
    | (
        readable("DATABASE_URL", lambda: postgres(env), "postgres://user:password@host:5432/newsroom")
        if env.str("DATABASE_URL", "")
        else EMBEDDED_POSTGRES
    )
}
CACHES = {
    "default": readable(
        "CACHE_URL", lambda: env.cache("CACHE_URL", default="locmemcache://"), "redis://host:6379/0 or locmemcache://"
    )
}
MEDIA_URL = env.str("MEDIA_URL", "/media/")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_ROOT / "media")))
PRIVATE_ROOT = Path(env.str("PRIVATE_ROOT", str(VAR_ROOT / "private")))
STATIC_URL = "/static/"
STATIC_ROOT = VAR_ROOT / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Originals of pictures and whatever else no visitor may fetch.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "newsroom.statics.BundledStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Brotli at its best takes seconds for a file that only debuggers ask for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "woff2", "png", "jpg", "webp", "avif", "gz", "br")
FILE_UPLOAD_HANDLERS = [
    "newsroom.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # a body of 100,000 words; files are streamed and do not count

DJANGO_PROSE_EDITOR_EXTENSIONS = OWN_EXTENSIONS

# Mail: unset in a trial, letters land as files and show at /mail/.
MAILBOX = VAR_ROOT / "mail"
EMAIL_URL = env.str("EMAIL_URL", f"file://{MAILBOX}" if TRIAL else "")
MAILERS = {"default": mailer_from_url(EMAIL_URL)}
DEFAULT_FROM_EMAIL = readable(
    "DEFAULT_FROM_EMAIL",
    lambda: mailbox(env.str("DEFAULT_FROM_EMAIL", "Longshore <letters@longshore.example>" if TRIAL else "")),
    'Magazine <letters@magazine.example>, or "Magazine, The" <letters@magazine.example>',
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DNS_SERVERS = env.list("DNS_SERVERS", default=[])  # whom to ask about senders; unset: whom this machine asks
DKIM_KEY = env.str("DKIM_KEY", "")  # PEM, or the name of a file
DKIM_SELECTOR = env.str("DKIM_SELECTOR", "")
DKIM_DOMAIN = env.str("DKIM_DOMAIN", "")
SILENCED_SYSTEM_CHECKS: list[str] = []
# What comes back: unset, a bounce is known by the Message-ID in it, no mailbox is read, and no hook has an address.
RETURN_PATH_DOMAIN = env.str("RETURN_PATH_DOMAIN", "")
BOUNCE_MAILBOX_URL = env.str("BOUNCE_MAILBOX_URL", "")
ANYMAIL = {name.removeprefix("ANYMAIL_"): env.str(name) for name in os.environ if name.startswith("ANYMAIL_")}

LINKS_ALLOWED: list[str] = []  # inner places to which the links of a letter may lead; for tests

# Words and time
LANGUAGE_CODE = readable("LANGUAGE_CODE", lambda: language(env.str("LANGUAGE_CODE", "en-gb")), "en-gb or de")
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "newsroom.formats"
TIME_ZONE = env.str("TIME_ZONE", "Europe/London" if TRIAL else "UTC")
readable("TIME_ZONE", lambda: ZoneInfo(TIME_ZONE), "Europe/London")
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Security; SITE_URL decides
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.list("TRUSTED_PROXIES", default=[]) else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
X_FRAME_OPTIONS = "DENY"  # where frame-ancestors says more, as for the desk's previews, browsers follow that
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-src": [CSP.SELF, *FRAMES],  # asked for when a reader presses, never before
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# Bits of work that a browser does before it subscribes; 16 are about a second. 0 asks for none.
SIGNUP_PROOF_OF_WORK = number(env, "SIGNUP_PROOF_OF_WORK", 0, most=24)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "text"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # A page that is not there, or not for this person, is in the access log; it is no fault of ours.
    "loggers": {"procrastinate": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
