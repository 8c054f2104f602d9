"""The condition language of playbooks: types, values, parsing, checking, evaluation; all of it pure."""
