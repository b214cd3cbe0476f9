"""Where something is: zones and centres, what a position belongs to, and the maps. Pure; paths come from the caller."""
