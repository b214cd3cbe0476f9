"""Commands that keep an installation: back-up, restore, doctor, upgrade."""
