"""Accounts, roles and scope: the one place that turns a user into what they may see."""
