"""The file: beneficiary, perpetrators, weapons, measures. Personal fields are sealed under the case's key."""
