"""The parts of the crash benchmark: a world that survives, a worker that is killed, and a judge."""
