"""`python -m benchmarks`: build the peers' environment, run every contender, print and write the tables."""

from benchmarks.runner import main

if __name__ == "__main__":
    raise SystemExit(main())
