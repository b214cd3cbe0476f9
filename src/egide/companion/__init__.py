"""The phone's core: takes presses from the button, keeps them, and sends until the server has signed for them."""
