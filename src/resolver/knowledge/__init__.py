"""Answers to questions from articles that people have reviewed."""
