"""The command line `resolver`: a module for each command; what is heavy is loaded only by its command."""
