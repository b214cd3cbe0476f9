"""Alarm devices and monitoring stations over SIA DC-09: stations are told of alarms, devices are heard."""
