"""The register of alarms: every alarm, open and closed, for who may see it, and all that happened in one."""
