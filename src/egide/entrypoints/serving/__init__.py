"""What processes that serve have in common: sockets, connections, lines on stdout, the phone's app."""
