"""What each shopper sees."""

import os

from django.apps import AppConfig

# Read once, when numpy is first imported: one thread serves many small requests fastest, and a training leaves the
# other cores to pages.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class RecommendationsConfig(AppConfig):
    name = "recommendations"
