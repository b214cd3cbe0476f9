"""NG112: an alarm as a non-interactive emergency call over SIP (RFC 8876), and the zones by LoST (RFC 5222), asked and
answered."""
