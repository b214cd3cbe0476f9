"""What waits for somebody, told in time: a list once a day, and at once what is urgent. Nobody is named in it."""
