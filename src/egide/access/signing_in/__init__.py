"""Signing in and staying so: passwords, second factors, sessions, the guards of views."""
