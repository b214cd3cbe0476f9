"""A control room's side of the silent chat, by ng112-js, which is not ours: a process of its own, over WebSocket."""
