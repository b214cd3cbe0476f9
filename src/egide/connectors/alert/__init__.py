"""The second road of an alarm that no board has shown: e-mail and HTTP."""
