"""Forms of a file: its parts and steps, their fields, and what is offered in them of what is known."""
