"""What is shown of an alarm, made once for desk, zone and team."""
