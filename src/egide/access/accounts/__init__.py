"""Accounts and posts: who asks for them, who agrees, and the two halves of a way in."""
