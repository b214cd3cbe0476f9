"""What an upgrade changes, said before it is made; and what an earlier release can no longer read, which it refuses."""
