"""What was tried from outside: against one running installation, over HTTP, by the command and in its files."""
