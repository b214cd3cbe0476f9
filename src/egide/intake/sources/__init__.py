"""What devices report that are no phones: read, checked, and placed into alarms beside what phones say."""
