"""
Everything the environment decides, read once.

Without any variable set, this is one machine with an embedded PostgreSQL and keys of its own under ``var/``. An
*instance* (``run``, ``demo``, ``test``) has its own database, keys, media and log, so that they never meet.
"""

from __future__ import annotations

from pathlib import Path

from config import environment as env
from config.postgres.home import Home

BASE_DIR = Path(__file__).resolve().parents[1]

# --- The instance ---------------------------------------------------------------------------------------------------

INSTANCE = env.word("INSTANCE", "run")
VAR_DIR = env.directory("VAR_DIR", BASE_DIR / "var" / INSTANCE)

MEDIA_DIR = env.directory("MEDIA_URL", VAR_DIR / "media")  # encrypted bytes of assets and takes
LOG_DIR = env.directory("LOG_DIR", VAR_DIR / "log")  # checkpoint and tiles, as they are served
CREDENTIAL_DIR = env.directory("CREDENTIAL_DIR", VAR_DIR / "credentials")  # C2PA certificates and their keys
TSA_URL = env.web_address("TSA_URL")  # who stamps the time of sealed files (RFC 3161); unset, the registry itself
TSA_ROOTS = env.certificates("TSA_ROOTS")  # a PEM file: the roots of that authority, where it is somebody else's

# --- The database ---------------------------------------------------------------------------------------------------
# Two roles: `default` is the application's, which cannot change what is signed; `owner` owns the tables and migrates.

DATABASE_URL = env.optional("DATABASE_URL")
MIGRATE_DATABASE_URL = env.optional("MIGRATE_DATABASE_URL")
UNSAFE_FAST_POSTGRES = env.switch("UNSAFE_FAST_POSTGRES")  # for tests: a power cut may lose data
POSTGRES_HOME: Path | None = None

if DATABASE_URL is None:
    POSTGRES_HOME = env.directory("POSTGRES_HOME", BASE_DIR / "var" / "postgres")
    _home = Home.at(POSTGRES_HOME)
    DATABASE_URL = _home.uri(f"proviso_{INSTANCE}", "app")
    MIGRATE_DATABASE_URL = _home.uri(f"proviso_{INSTANCE}", "owner")

_PREPARE = {"prepare_threshold": 2}  # Django turns prepared statements off; the third use of one is prepared
_POOL = {"pool": {"min_size": 0, "max_size": env.number("DATABASE_POOL", 8), "timeout": 10}}

DATABASES = {
    "default": env.database("DATABASE_URL", DATABASE_URL, _PREPARE | _POOL) | {"CONN_HEALTH_CHECKS": True},
}
if MIGRATE_DATABASE_URL is not None:
    DATABASES["owner"] = env.database("MIGRATE_DATABASE_URL", MIGRATE_DATABASE_URL, {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APP_ROLE: str = DATABASES["default"]["USER"]  # migrations take from it what the application must not do

# --- Keys -----------------------------------------------------------------------------------------------------------

_keys = env.Keys(
    folder=env.directory("KEYS_DIR", VAR_DIR / "keys"),
    certificates=CREDENTIAL_DIR,
    may_make=POSTGRES_HOME is not None or env.switch("UNSAFE_MAKE_KEYS"),
)
SECRET_KEY = _keys.secret("SECRET_KEY")
KEY_PLACES = _keys.places()  # of each role of `registry.custody`: REGISTRY_KEY, LOG_KEY, LOG_PQ_KEY, KEK and others
KMS = env.optional("KMS")  # aws:<key>, which holds all of them instead
LOG_ORIGIN = env.text("LOG_ORIGIN", "proviso.local/log")
WITNESSES = env.optional("WITNESSES")  # a file: `<verifier key> <address>` a line
WITNESS_QUORUM = env.quorum("WITNESS_QUORUM", WITNESSES)  # how many must cosign before a checkpoint is published

# --- The registry ---------------------------------------------------------------------------------------------------

OPERATOR_PARTY = env.optional("OPERATOR_PARTY")  # a party id; unset, the operator of the sample library
OPERATOR_TERRITORY = env.text("OPERATOR_TERRITORY", "US")  # where training happens, ISO 3166-1 alpha-2
PASSKEY_RP_ID = env.text("PASSKEY_RP_ID", "localhost")  # the domain whose pages new passkeys are for
PASSKEY_ORIGINS = env.origins("PASSKEY_ORIGINS", f"http://localhost:{env.text('PORT', '8000')}", rp_id=PASSKEY_RP_ID)
HOLD_DAYS = env.number("HOLD_DAYS", 30)  # a scan, voice or replica that nobody agreed to by then is destroyed
ERASURE_WAIT_DAYS = env.number("ERASURE_WAIT_DAYS", 7)  # between asking to be erased and being it
LEASE_S = env.number("LEASE_S", 60)  # a worker that was silent this long has lost its shot
STARTER_WEIGHTS = env.directory("STARTER_WEIGHTS", BASE_DIR / "library" / "weights" / "starter.safetensors")  # a file

# --- Celery: the row is the queue, this is the doorbell -------------------------------------------------------------

BROKER_URL = env.optional("BROKER_URL")  # RabbitMQ or Redis; unset, pgmq in the database above
CELERY_BROKER_URL = BROKER_URL or "pgmq://localhost"  # where it really is, stands in `conn_string`
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if BROKER_URL
    else {
        # Key=value form: of an address the transport loses the query part, and with it the socket's directory.
        "conn_string": env.key_value_form(DATABASE_URL),
        "init_extension": False,  # `migrate` installs the SQL; the wheel's server has no such extension
        "use_notify": True,
        "notify_throttle_interval_ms": 0,
        "polling_interval": 0.25,
        "wait_time_seconds": 0,
        "visibility_timeout": 300,  # a message whose worker was killed comes again after this
        "pool_size": 4,
        "pool_timeout": 5,  # a ring that cannot be sent is not worth waiting for: the sweep rings again
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 200
CELERY_TIMEZONE = "UTC"

# --- Django ---------------------------------------------------------------------------------------------------------

DEBUG = False
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

INSTALLED_APPS = [
    "config",  # first: its `migrate` is the one that runs as the owner
    "registry",
    "consent",
    "generation",
    "web",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # the docs page without the network
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes of a body that is no file
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # larger files go to the disk while they arrive

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.request": {"level": "ERROR"}},  # a refused request is an answer, not a warning
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
}

# --- The API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "config.problems.handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["registry.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],  # a view opens itself by saying so
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pagination.Newest",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,  # no accounts of Django's: a token names a person acting for a party
    "UNAUTHENTICATED_TOKEN": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Proviso",
    "DESCRIPTION": "Rights and consent for film and television, and shots that carry their papers.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],  # the documentation is public
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",  # the framework's own
        "registry.api.documentation.with_problems",
    ],
}
