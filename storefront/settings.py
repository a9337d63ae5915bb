"""Django's settings; every value that differs by environment comes from env.py."""

from datetime import time
from pathlib import Path

import drf_spectacular_sidecar
from psycopg.conninfo import conninfo_to_dict

from catalog.fees import FeeTable
from storefront import experiment_hooks
from storefront.access import lockout, policy
from storefront.access.limits import read_limits
from storefront.api import framework
from storefront.clock import Clock
from storefront.embedded import addresses
from storefront.env import BASE_DIR, read_environment
from storefront.logs import logging_settings
from storefront.mail import email_settings
from storefront.schedule import beat_schedule
from storefront.simulation.parameters import TRIAL_KEY
from storefront.valkey_urls import ValkeyUrls

ENVIRONMENT = read_environment()
BUNDLED = addresses(ENVIRONMENT.world_dir)

SECRET_KEY = ENVIRONMENT.signing_key
DEBUG = False
PRODUCTION = ENVIRONMENT.production
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
WORLD_DIR = ENVIRONMENT.world_dir
CLOCK = Clock(WORLD_DIR / "clock.json")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "drf_spectacular",
    "storefront.access",
    "storefront.accounts",
    "storefront.letters",
    "catalog",
    "recommendations",
    # Before waffle, whose commands for flags it replaces.
    "experiments",
    "waffle",
    "storefront",
]

MIDDLEWARE = [
    "storefront.middleware.RequestMiddleware",
    # Outside of all that answers by itself: static files, redirects to HTTPS and faults carry the headers, too.
    "storefront.access.middleware.HeaderMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "recommendations.events.middleware.ShopperMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "storefront.access.idling.StaffIdleMiddleware",
    "storefront.access.middleware.LimitMiddleware",
    "experiments.middleware.OverrideMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "storefront.outage.OutageMiddleware",
    "storefront.trouble.FormOnlyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "storefront.urls"
WSGI_APPLICATION = "storefront.wsgi.application"
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
                "storefront.context.shop",
            ],
        },
    },
]

# One blocking thread a web worker: a persistent connection is cheaper than a pool.
CONNECTION = conninfo_to_dict(ENVIRONMENT.database_url or BUNDLED.database_url)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": CONNECTION.pop("dbname", "storefront"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**CONNECTION, "connect_timeout": 3},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

VALKEY = ValkeyUrls(ENVIRONMENT.redis_url or f"unix://{BUNDLED.valkey_socket}")
CACHE_URL = ENVIRONMENT.cache_url or VALKEY.client(1)
CACHES = {
    "default": {
        "BACKEND": "storefront.cache.FailOpenValkeyCache",
        "LOCATION": CACHE_URL,
        "TIMEOUT": 300,
        "KEY_PREFIX": ENVIRONMENT.world,
        "OPTIONS": {"socket_timeout": 0.05, "socket_connect_timeout": 0.05},
    },
    # For waffle's switches and samples. Flags are answered by the snapshot in experiments; neither waits for Valkey.
    "flags": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "flags", "TIMEOUT": 2},
}
WAFFLE_CACHE_NAME = "flags"
WAFFLE_FLAG_MODEL = "experiments.Flag"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "storefront.access.passwords.ShopArgon2",
    # Older hashes still let their owners in, and are renewed then.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "sign-in"
CSRF_FAILURE_VIEW = "storefront.trouble.answer_stale_form"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
# A link for a new password is as good as the password.
PASSWORD_RESET_TIMEOUT = 3600

# Lockout is counted in the database, limits in Valkey: neither alone opens the door to guessing.
AXES_FAILURE_LIMIT = lockout.FAILURES
AXES_COOLOFF_TIME = lockout.LOCKED_FOR
AXES_LOCKOUT_PARAMETERS = lockout.PARAMETERS
AXES_LOCKOUT_CALLABLE = lockout.answer_locked
AXES_CLIENT_IP_CALLABLE = lockout.keep_address
AXES_RESET_ON_SUCCESS = True
# Who goes on guessing does not keep the owner out for longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
RATE_LIMITS = read_limits({name: int(number) for name, number in (each.split("=") for each in ENVIRONMENT.rate_limits)})
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "storefront.formats"

STATIC_URL = "static/"
STATIC_ROOT = ENVIRONMENT.var_dir / "static"
# The page that describes the API: one folder of the sidecar, not all that it carries.
STATICFILES_DIRS = [
    ("swagger-ui", Path(drf_spectacular_sidecar.__file__).parent / "static/drf_spectacular_sidecar/swagger-ui-dist")
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# The prefix makes browsers refuse cookies that a neighbouring host or plain HTTP would plant.
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrftoken"
# Scripts take the token from the page.
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
# Probes and scrapers ask from inside, in plain HTTP; what they get says nothing about anybody.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy.DIRECTIVES}

REST_FRAMEWORK = framework.REST_FRAMEWORK
SPECTACULAR_SETTINGS = framework.SPECTACULAR_SETTINGS

CELERY_BROKER_URL = VALKEY.broker(0)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 720,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 30,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# Training may take hours; it has a queue and a process of its own, so that nothing short waits behind it.
CELERY_TASK_ROUTES = {"recommendations.tasks.train_pending": {"queue": "training"}}
# Every task but training is safe to repeat: one whose worker died is delivered again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Both well below half of the visibility timeout, or a message would be delivered again while it is worked on.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_REDBEAT_REDIS_URL = VALKEY.client(0)
# Three of beat's longest pauses: so long a killed beat keeps its successor from the lock.
CELERY_REDBEAT_LOCK_TIMEOUT = 15
CELERY_BEAT_SCHEDULE = beat_schedule(retrain_tick_s=ENVIRONMENT.retrain_tick_s)
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

# What the packages below read through their own conf.py.
PAYMENT_PROVIDER = ENVIRONMENT.payment_provider
FEES = FeeTable.read(dict(each.split("=") for each in ENVIRONMENT.fees))
RETRAIN_AT = time.fromisoformat(ENVIRONMENT.retrain_at)
RETRAIN_WINDOW_DAYS = ENVIRONMENT.retrain_window_days
TRAINING_BUDGET_S = ENVIRONMENT.training_budget_s
# Shoppers who exist for the simulated experiment alone: their taste is none, so that no campaign may learn from it.
UNTRAINED_PREFIXES = (TRIAL_KEY,)
WATERMARK_SLACK_S = ENVIRONMENT.watermark_slack_s
DRAIN_S = ENVIRONMENT.drain_s
LEASE_S = ENVIRONMENT.lease_s
RECOMMENDATION_DEADLINE_S = ENVIRONMENT.recommendation_deadline_s
STREAM_MAX_LENGTH = ENVIRONMENT.stream_max_length
EVENT_STREAM_URL = ENVIRONMENT.event_stream_url
ARCHIVE_URL = ENVIRONMENT.archive_url
RETRAIN_FROM = ENVIRONMENT.retrain_from
RETENTION_MONTHS = ENVIRONMENT.retention_months
STATE_URL = VALKEY.client(0)
RECOMMENDER_BACKEND = ENVIRONMENT.recommender_backend
PERSONALIZE_ROLE_ARN = ENVIRONMENT.personalize_role_arn
PERSONALIZE_BUCKET = ENVIRONMENT.personalize_bucket
PERSONALIZE_RECIPE = ENVIRONMENT.personalize_recipe
PERSONALIZE_MIN_TPS = ENVIRONMENT.personalize_min_tps
PERSONALIZE_ACCESS_KEYS = dict(pair.split(":", 1) for pair in ENVIRONMENT.personalize_access_keys)
PERSONALIZE_DATA_LOCATIONS = ENVIRONMENT.personalize_data_locations
PERSONALIZE_FAULT = ENVIRONMENT.personalize_fault
PERSONALIZE_FAULT_SHARE = ENVIRONMENT.personalize_fault_share
PERSONALIZE_MONTHLY_BUDGET_USD = ENVIRONMENT.personalize_monthly_budget_usd
PERSONALIZE_PRICES = {name: float(usd) for name, usd in (each.split("=") for each in ENVIRONMENT.personalize_prices)}
# Exposures ride the event stream and are written by a consumer group of their own.
EVENT_GROUPS = ("exposures",)
EXPOSURE_SINK = "storefront.measuring.sink.send"
EXPERIMENT_METRIC_SOURCE = "storefront.measuring.source.ShopSource"
EXPERIMENT_TRAFFIC_FACTS = experiment_hooks.TRAFFIC_FACTS
EXPERIMENT_FUNNEL = experiment_hooks.FUNNEL
ASK_CONSENT = ENVIRONMENT.ask_consent
SHOPPER_LOGIN = ENVIRONMENT.shopper_login if ENVIRONMENT.shopper_login is not None else not PRODUCTION

EXPERIMENT_UNIT = experiment_hooks.find_unit
EXPERIMENT_ATTRIBUTES = experiment_hooks.ATTRIBUTES
EXPERIMENT_ELIGIBILITY = experiment_hooks.ELIGIBILITY
EXPERIMENT_PAYLOADS = experiment_hooks.PAYLOADS
ROTATION_USES = experiment_hooks.find_rotation_uses

METRICS_NETWORKS = ENVIRONMENT.metrics_networks
METRICS_TOKEN = ENVIRONMENT.metrics_token
METRICS_DIR = ENVIRONMENT.prometheus_multiproc_dir
if METRICS_DIR is not None:
    METRICS_DIR.mkdir(parents=True, exist_ok=True)

ALARM_EMAILS = ENVIRONMENT.alarm_emails
ALARM_WEBHOOK_URL = ENVIRONMENT.alarm_webhook_url
ALARM_MODEL_AGE_H = ENVIRONMENT.alarm_model_age_h
ALARM_FALLBACK_SHARE = ENVIRONMENT.alarm_fallback_share
ALARM_LAG_S = ENVIRONMENT.alarm_lag_s
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from
EMAIL_TIMEOUT = 5
# Mail leads back to the shop, and no request says there what it is called.
SHOP_ORIGIN = ENVIRONMENT.origin
_MAIL = email_settings(ENVIRONMENT.email_url)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _MAIL.backend, _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.is_ssl, _MAIL.is_starttls

LOGGING = logging_settings(as_json=ENVIRONMENT.log_as_json, secrets=ENVIRONMENT.secrets())
