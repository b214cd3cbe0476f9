"""Buttons and phones of the authority: deliveries, moves, and what adds up where."""
