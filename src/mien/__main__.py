"""`python -m mien`: the `mien` command, for launchers that start modules, such as `accelerate launch -m mien`."""

from mien.cli.app import main

if __name__ == "__main__":
    main()
