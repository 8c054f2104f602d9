"""The parts of the benchmark `faults`: a world in virtual time in which everything may go wrong, from one seed."""
