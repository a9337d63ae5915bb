"""The campaign room: what is live, what is being built, what happened, and the three things to do about it."""
