"""What happens after a training, for the models that listen to it."""
