"""The Android app: built without Google's SDK, and held against what each Android has."""
