"""Servers that speak SIP and are not ours: kamailio and sipp."""
