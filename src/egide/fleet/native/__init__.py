"""The app for Android, as an authority hands it out from its own host: read, checked, published."""
