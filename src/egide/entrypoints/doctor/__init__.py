"""What `egide doctor` looks at: what an installation stands on, each with a sentence that says what to do."""
