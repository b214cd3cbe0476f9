"""Proof that nothing was removed or changed: verifying, signed checkpoints, exports."""
