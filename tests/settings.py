"""Settings of the tests: the project's own, on real PostgreSQL and Redis.

When DATABASE_URL or REDIS_URL is not given, private servers are started for this run and stopped with it
(see tests/services.py). Jobs run at once in the calling process and raise, so a failing job fails its test;
the `worker` fixture switches to a real worker.
"""

import os

from tests import services

services.provide(os.environ)

from harbor_plan.settings import *  # noqa: E402, F403
from harbor_plan.settings import DATABASES  # noqa: E402

# The live server's threads leave no session behind when their request is over.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# `make test` has run the migrations once, in a database of its own that nobody is connected to; PostgreSQL copies it.
if os.environ.get("MIGRATED"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": DATABASES["default"]["NAME"]}

# MD5 is fast: most tests sign somebody in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # static files from their sources, nothing collected
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
