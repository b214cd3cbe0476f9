"""Back-ups that the machine which makes them cannot read, and an installation that begins again from one."""
