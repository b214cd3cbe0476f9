"""A broker of gateways: what it holds of enrolled sources is carried to intake, and kept there until intake has it."""
