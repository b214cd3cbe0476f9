"""Surveys: who may be asked, the single-use link, the questions, the answer."""
