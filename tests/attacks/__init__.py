"""What an attacker or a traitor was seen to do, and cannot any more; each test is named after what was tried."""
