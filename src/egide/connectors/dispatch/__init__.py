"""What all ways of telling a dispatch system of an alarm share; each way is a connector of its own."""
