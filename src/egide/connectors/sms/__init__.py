"""Takes presses that come by text message, through a gateway of the operator's (contracts/sms.json)."""
