"""What crosses the border between phone and server, and between button and phone: bytes to values and back, pure."""
