"""What the process `watch` is made of: what it looks at, what it finds wrong, and the roads by which it says so."""
