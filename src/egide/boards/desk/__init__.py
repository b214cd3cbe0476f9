"""The operator's board and map."""
