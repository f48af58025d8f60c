"""Every setting, from the environment, with defaults that run on one machine without any."""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext

from tryml import servers
from tryml.admin_theme import UNFOLD as UNFOLD
from tryml.secret_key import secret_key

# Lets forms and admins name their model, as in ModelForm[Run], which Django alone doesn't allow yet.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
# The folder of this machine's data: the embedded database and Redis, datasets, caches, the secret key.
TRYML_HOME = Path(os.environ.get("TRYML_HOME") or BASE_DIR / ".tryml").absolute()
# The name of this process in the logs: web, worker-1, manage …
TRYML_ROLE = os.environ.get("TRYML_ROLE", "manage")

DEBUG = os.environ.get("TRYML_DEBUG") == "1"
SECRET_KEY = os.environ.get("TRYML_SECRET_KEY") or secret_key(TRYML_HOME)
ALLOWED_HOSTS = os.environ.get("TRYML_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TRYML_ORIGINS", "").split(",") if o]
BEHIND_TLS = os.environ.get("TRYML_TLS") == "1"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "channels",
    "allauth",
    "allauth.account",
    "tryml",
    "tryml.accounts",
    "tryml.monitoring",
    "digits",
    "training",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tryml.web.security_headers.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tryml.monitoring.context.log_context",
    "tryml.web.security_headers.personal_pages",
]

ROOT_URLCONF = "tryml.urls"
ASGI_APPLICATION = "tryml.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tryml.accounts.context.preferences",
                "digits.pages.context.dataset",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(os.environ.get("DATABASE_URL") or servers.postgres_url(TRYML_HOME)),
        "CONN_HEALTH_CHECKS": True,
    }
}
if TRYML_ROLE == "web":
    # Its many threads share a few connections.
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
elif TRYML_ROLE.startswith("worker"):
    # The worker's watch thread queries every second, so it keeps its connection. With server-side binding,
    # checkpoints are sent as bytes, not as text within the statement.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"].setdefault("OPTIONS", {})["server_side_binding"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL") or servers.redis_url(TRYML_HOME)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "tryml"},
    }
}
# In PostgreSQL, so that people can sign in while Redis is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Many: counts of requests from many addresses must not evict the counts of wrong passwords.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # Files of networks used lately and results computed with them, for all processes of this machine.
    "networks": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": TRYML_HOME / "cache" / "networks",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 100},
    },
    # The digits that networks read in people's own drawings: one byte per drawing.
    "answers": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": TRYML_HOME / "cache" / "answers",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # What older versions stored; it is replaced when its owner signs in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "training:runs"
ACCOUNT_ADAPTER = "tryml.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "tryml.accounts.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
# Signing up with an address that somebody has looks like any other: it tells nobody who is here.
ACCOUNT_PREVENT_ENUMERATION = "strict"
# Enough for a class that shares one address, too little to fill the database or to keep the machine busy.
# By "key", of wrong passwords: an account from one address, see AccountAdapter, so that nobody locks another out.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key", "guest": "120/h/ip", "picture": "60/m/ip"}
# The check warns that neither user name nor e-mail is required; SignupForm requires one of the two.
SILENCED_SYSTEM_CHECKS = ["account.W001"]
ACCOUNT_LOGOUT_REDIRECT_URL = "training:landing"
ACCOUNT_SESSION_REMEMBER = True
# A guest counts as signed in, and must still be able to sign up or in.
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
SESSION_COOKIE_AGE = 60 * 60 * 24 * 365

EMAIL_BACKEND = os.environ.get("TRYML_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = os.environ.get("TRYML_EMAIL_FROM", "TryML <tryml@localhost>")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = ["tryml.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are served from static/ and the installed packages, so no collectstatic is needed before a start.
WHITENOISE_USE_FINDERS = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
# A year, once a browser has come over TLS.
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tryml.web.error_pages.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What a request may carry where it brings no files; `takes_files` says more of some views.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Connections at once: a class of 100 behind one address, each with five.
CONNECTIONS_PER_ADDRESS = int(os.environ.get("TRYML_CONNECTIONS_PER_ADDRESS") or 512)
# Addresses of the proxies in front, for example 10.0.0.2: what they say of a visitor's address is believed.
PROXIES = [address for address in os.environ.get("TRYML_PROXIES", "").split(",") if address]

# Seconds without a heartbeat after which a worker's run is taken over by another worker.
RUN_LEASE = 6
# Views that compute for long (tryml.web.heavy): how many at once, how many more may wait and for how many seconds, and
# how many of all these one visitor may have.
HEAVY = {"at_once": 2, "waiting": 10, "each": 6, "seconds": 15}
# Bytes of memory that one run may take.
RUN_MEMORY = 4 * 2**30
# What one user's runs may take: runs queued and running, parameters, epochs and estimated seconds of one run, and bytes
# of all networks and checkpoints (training.estimates.quotas).
RUN_QUOTAS = {
    "member": {
        "waiting": 50,
        "running": 8,
        "parameters": 20_000_000,
        "epochs": 1000,
        "seconds": 24 * 60 * 60,
        "storage": 4 * 10**9,
    },
    "guest": {
        "waiting": 20,
        "running": 2,
        "parameters": 5_000_000,
        "epochs": 1000,
        "seconds": 6 * 60 * 60,
        "storage": 500 * 10**6,
    },
}
# How many networks one user may import as files.
IMPORTED_NETWORKS = 50
# The requests and the corrections per minute that one address may send to a shared network; a class may share one.
WIDGET_REQUESTS = 240
WIDGET_CORRECTIONS = 60

TESTING = "pytest" in sys.modules
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "database": {"class": "tryml.monitoring.log_handler.DatabaseHandler", "level": "INFO"},
    },
    # Daphne tells of each address it listens on; the supervisor says where people find TryML.
    "loggers": {"daphne": {"level": "WARNING"}},
    "root": {"handlers": ["console"] if TESTING else ["console", "database"], "level": "INFO"},
}
