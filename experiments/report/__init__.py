"""What an experiment has shown: one frozen report for page, command and JSON."""
