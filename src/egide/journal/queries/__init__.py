"""The journal's answers to other packages: no SQL on it stands outside `journal/`."""
