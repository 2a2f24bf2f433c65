"""Who someone is: users and their API tokens."""
