"""Settings, read from the environment. With nothing set: SQLite under var/ and jobs in process.

DATABASE_URL   sqlite:///file or postgres://user:password@host/name; default var/harbor_plan.sqlite3
REDIS_URL      redis://host:6379/0, broker and cache; empty means that jobs run in process
SECRET_KEY     default: made once, kept in var/secret_key
SECRET_KEY_FALLBACKS  keys used before, comma-separated: downloaded workbooks and sessions signed with them stay valid
ALLOWED_HOSTS  host names, comma-separated; default this machine only
CSRF_TRUSTED_ORIGINS  https://host, comma-separated, where a proxy changes the host
HTTPS          1 behind one proxy that ends TLS and sets X-Forwarded-Proto and -For: secure cookies, HSTS
VAR_DIR        where data files live; default var/ beside manage.py
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL, DEFAULT_FROM_EMAIL
               the mail server for reminders; without EMAIL_HOST no mail is sent
SITE_URL       address of this system as written in messages, e.g. https://harbor.example; may be empty
DEBUG, LOG_LEVEL  for development
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from harbor_plan import environment as env

VERSION = "0.1.0"

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
HTTPS = env.flag("HTTPS")
REDIS_URL = env.text("REDIS_URL")
SECRET_KEY = env.secret_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# The apps stand in the order of the layers: an app imports only what stands below it.
INSTALLED_APPS = [
    "harbor_plan",
    "assessment",
    "supervision",
    "reports",
    "filings",
    "tasks",
    "actions",
    "targets",
    "accounts",
    "departments",
    "audit",
    "harbor_plan.lib",
    "import_export",
    "axes",
    "csp",
    "accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

# Every page asks for sign-in unless its view says @login_not_required. Axes must come last.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "harbor_plan.middleware.readable_address",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "harbor_plan.middleware.SignIn",
    "harbor_plan.middleware.no_store",
    "harbor_plan.middleware.wrong_method",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "harbor_plan.export.export_tables",  # last, so that asking for a list's next pages repeats nothing but its view
]

if HTTPS:
    MIDDLEWARE.insert(0, "harbor_plan.middleware.client_address")

ROOT_URLCONF = "harbor_plan.urls"
WSGI_APPLICATION = "harbor_plan.wsgi.application"

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
                "harbor_plan.shell.shell",
                "harbor_plan.export.export_url",
            ],
        },
    },
]

# Data

DATABASES = {"default": env.database(env.text("DATABASE_URL", f"sqlite:///{VAR_DIR}/harbor_plan.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache(REDIS_URL)}
# Evidence is stored here and handed out only by views that check who asks; no address serves it directly.
MEDIA_ROOT = VAR_DIR / "evidence"
EVIDENCE_LARGEST = 20 * 1024 * 1024  # bytes of one file
EVIDENCE_PER_ENTRY = 10  # files
EVIDENCE_PER_FILING = 200 * 1024 * 1024  # bytes of all files of one filing
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # one department's quarter is one form with some hundred fields

# Language and time

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]  # our words where Django's own differ
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Static files, under names that carry their content's hash

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Who signs in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "accounts.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LongEnough"},
    {"NAME": "accounts.passwords.Mixed"},
    {"NAME": "accounts.passwords.NotPersonal"},
    {"NAME": "accounts.passwords.NotCommon"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = reverse_lazy("login")

# Five failures lock the account for that address only: a stranger elsewhere cannot lock anybody out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # accounts.admin shows failures and locks in our own words

# Thirty idle minutes end a session; every request starts them anew.
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "harbor_plan.expired.csrf_failure"

# What the browser may do

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Jobs. Without Redis they run at once in the calling process, and a failing job is logged like a failing
# job of a worker: it never breaks the request that queued it. Results are not stored; jobs write to the database.

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A job that a lost worker held comes back after this many seconds; longer than any job may run.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 3}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
# Beat runs these; without Redis the server's own timer does, all of them every TIMER_SECONDS.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "filings.tick": {"task": "filings.jobs.tick", "schedule": timedelta(minutes=5)},
    "supervision.overdue": {"task": "supervision.jobs.overdue", "schedule": timedelta(minutes=10)},
    "supervision.notify": {"task": "supervision.jobs.notify", "schedule": timedelta(minutes=10)},
    "reports.repair": {"task": "reports.jobs.repair", "schedule": timedelta(minutes=30)},
}
TIMER_SECONDS = 600

# Messages to people outside the system: only where a server is given here, or a robot in the administration.

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = int(env.text("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", EMAIL_HOST_USER or "noreply@localhost")
SITE_URL = env.text("SITE_URL").rstrip("/")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"refusals": {"()": "harbor_plan.lib.logs.OneLineRefusals"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
