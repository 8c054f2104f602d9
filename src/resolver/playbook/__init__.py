"""The playbook language: reading, checking and compiling files into plans. Pure."""
