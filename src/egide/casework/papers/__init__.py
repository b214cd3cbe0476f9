"""Papers of a file: photos and scans as they come in, kept under seal, and documents as PDF."""
