"""The results page: what an experiment has shown, and what to do."""
