"""The identifiers of the button's GATT profile (contracts/gatt.md), shared by button and phone."""

ALARM_SERVICE = "8b3f0001-a7d5-4ac0-9c75-44fafc061aa0"
PRESS = "8b3f0002-a7d5-4ac0-9c75-44fafc061aa0"
ACKNOWLEDGE = "8b3f0003-a7d5-4ac0-9c75-44fafc061aa0"
CLAIM = "8b3f0004-a7d5-4ac0-9c75-44fafc061aa0"

# Bluetooth SIG, Assigned Numbers: Battery Service and Battery Level.
BATTERY_SERVICE = "180F"
BATTERY_LEVEL = "2A19"

# The only name that a button ever shows, and only inside its pairing window: it tells nothing (rule 21).
NEUTRAL_NAME = "Tag"
