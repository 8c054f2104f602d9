"""One ticket's way: fetch, guards, understanding, decision, effects, write-back. Where the capabilities meet."""
