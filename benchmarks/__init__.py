"""What the resolver costs and what it keeps under load: one module a question, `./dev bench NAME` runs it."""
