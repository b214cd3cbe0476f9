"""From what is kept to the servers: how one is asked, and what goes when."""
