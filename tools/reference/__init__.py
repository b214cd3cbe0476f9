"""The reference of all that others may call or are told: one page, made of contracts/, readable without a network."""
