"""What is known of items and users beside their events, and what is made of it."""
