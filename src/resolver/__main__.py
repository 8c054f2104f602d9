"""`python -m resolver`: the same as the installed script."""

from resolver.cli.entry import main

if __name__ == "__main__":
    main()
