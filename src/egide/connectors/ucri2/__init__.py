"""Hands a copy of an alarm to a control room of others by UCRI2, and hears what a person there says (decision 0109)."""
