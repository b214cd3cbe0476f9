"""`egide conform`: what others wrote checks itself."""
