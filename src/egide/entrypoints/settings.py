"""Django's settings, computed from `egide.common.config.Config`; the pages read no environment."""

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.common.files import secret_file
from egide.common.text import LOCALE_DIR
from egide.outbox.place import database

EGIDE = Config.from_env()
_PROJECT = Path(__file__).resolve().parents[3]
_NODE_MODULES = _PROJECT / "node_modules"

DEBUG = False
SECRET_KEY = to_base64url(secret_file(EGIDE.data_dir / "web.key", 48))
ALLOWED_HOSTS = [
    host for host in (urlsplit(url).hostname for url in (*EGIDE.web_origins, EGIDE.phone_url)) if host
]
if EGIDE.demo:
    ALLOWED_HOSTS += ["localhost", ".localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = list(EGIDE.web_origins)
CSRF_FAILURE_VIEW = "egide.access.pages.errors.csrf_failure"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "egide.outbox",
    "egide.access",
    "egide.imports",
    "egide.rollout",
    "egide.casework",
    "egide.fleet",
    "egide.boards",
    "egide.boards.zone",
    "egide.boards.team",
    "egide.boards.desk",
    "egide.boards.register",
    "egide.boards.shifts",
    "egide.reminders",
    "egide.connectors.cad",
    "egide.evaluation",
    # Behind our own packages: their templates come first.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]
MIDDLEWARE = [
    "egide.entrypoints.serving.phone_host.PhoneHost",
    "egide.access.pages.middleware.PageHeaders",
    "egide.entrypoints.serving.static.StaticFiles",
    "egide.access.pages.street_map.ByTicket",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "egide.access.pages.middleware.ProvingAtOnce",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "egide.access.pages.middleware.SessionLimits",
]
ROOT_URLCONF = "egide.entrypoints.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "egide.access.pages.context.office",
            ]
        },
    }
]

DATABASES = {"default": database(EGIDE)}
# Counts of failed codes, and codes that were used: shared by all web processes. Of Django's 300 at most an attacker who
# tries many names makes it forget a third, his own among them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "access_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
# scrypt (RFC 7914) needs memory as well as time; PBKDF2 stays readable for accounts brought from elsewhere.
PASSWORD_HASHERS = [
    "egide.access.signing_in.hashing.ScryptApart",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name"]},
    },
    {"NAME": "egide.access.signing_in.passwords.NoWordOfTheHouse"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"

# Sign-in: our own page asks for name and password and slows guessing down; passkeys, codes and recovery codes are
# allauth's. Its sign-up, mail and reset pages have no address here: accounts are invited.
ACCOUNT_ADAPTER = "egide.access.signing_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {
    # Of codes, by account: a whole centre signs in from one address.
    "login_failed": "5/5m/key",
    # Of passwords (access/signing_in/guessing.py). The limit by address is far above what a centre needs at the
    # change of a shift.
    "sign_in": "5/5m/key",
    "sign_in_address": "60/5m/ip",
    "sign_in_browser": "30/5m/key",
    # Ways to the authority's provider, by address or by browser, whatever comes of them.
    "authority": "120/5m/key",
    # Somebody at a desk that was left open guesses the password of its account.
    "change_password": "5/5m/user",
    "reauthenticate": "5/5m/user",
}
# The authority's provider is that of EGIDE_SIGNIN_ISSUER (access/authority/), found in no table.
SOCIALACCOUNT_ADAPTER = "egide.access.authority.adapter.AuthorityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "egide.access.signing_in.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EGIDE.demo
MFA_TOTP_ISSUER = "Egide"
# One step of 30 s before and behind (RFC 6238, section 5.2): phones' clocks drift.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A passkey cannot be guessed; this only keeps a flood out.
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}

SESSION_ENGINE = "egide.access.signing_in.session_store"
SESSION_COOKIE_NAME = EGIDE.cookie("egide_session")
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = EGIDE.cookie("egide_csrf")
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = EGIDE.cookie("egide_language")
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not EGIDE.demo
# TLS ends before this process, which takes the scheme from the public address (serving/pages.py).
SECURE_SSL_REDIRECT = False

USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"
LANGUAGE_CODE = "en"
LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [LOCALE_DIR]

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    (name, directory)
    for name, directory in (
        ("vendor/htmx", _NODE_MODULES / "htmx.org" / "dist"),
        ("vendor/leaflet", _NODE_MODULES / "leaflet" / "dist"),
        ("vendor/protomaps", _NODE_MODULES / "protomaps-leaflet" / "dist"),
        ("vendor/font", _NODE_MODULES / "@fontsource" / "atkinson-hyperlegible" / "files"),
    )
    if directory.is_dir()
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Served straight from the packages: nothing to collect, nothing that can be older than the code.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# Without a version in its address a file is asked for again each time (and answered "not modified").
WHITENOISE_MAX_AGE = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "egide.entrypoints.serving.static.Named"},
}

# In the session, not in a cookie: a message may name a file.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
# The largest form, that of the limits of supervision, has 97 with its button.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 160
# What somebody uploads never lies unsealed on a disk.
FILE_UPLOAD_HANDLERS = ["egide.casework.papers.uploads.MemoryOnly"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "egide.common.logs.formatter", "is_json": EGIDE.log_json}},
    # A one-time link is refused with a 4xx, and so is a form of a file; Django writes down the address of each.
    "filters": {
        "secrets": {
            "()": "egide.common.logs.WithoutSecrets",
            "prefixes": ("/team/l/", "/invitation/", "/q/", "/files/", "/allowed/"),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own handler would mail tracebacks; here a trace stays on the machine.
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # It repeats what it stumbled over, and that is out of somebody's file.
        "pypdf": {"handlers": [], "level": "CRITICAL", "propagate": False},
        # Strangers send foreign host names all day: a 400 for them, no trace for us.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
