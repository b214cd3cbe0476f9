"""SIA DC-09: frames of alarm devices and monitoring stations, and what devices say in them."""
