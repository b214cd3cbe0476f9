"""A client written from the reference alone, by somebody who had not seen the code: it knows nothing of egide."""
