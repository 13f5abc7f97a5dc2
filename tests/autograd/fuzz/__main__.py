"""`python -m tests.autograd.fuzz --seed N --programs K`: check K random programs; print those that fail as source."""

import argparse
import time
import warnings
from collections import Counter

from .program import draw
from .shrink import judged, shrunk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.autograd.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--programs", type=int, default=100, help="how many, one a seed")
    parser.add_argument("--show", action="store_true", help="print every program, and do not check it")
    parser.add_argument("--whole", action="store_true", help="print failing programs as drawn, not shrunk")
    parser.add_argument("--unjudged", action="store_true", help="print also those that differences cannot judge")
    options = parser.parse_args()
    if options.seed < 0 or options.programs < 1:
        parser.error("--seed is at least 0, and --programs at least 1")
    warnings.simplefilter("ignore")
    started, answers = time.monotonic(), Counter[str]()
    for seed in range(options.seed, options.seed + options.programs):
        program = draw(seed)
        if options.show:
            print(program.source())
            continue
        answer, message = judged(program)
        answers[answer] += 1
        if answer == "unjudged" and options.unjudged:
            print(program.source(message), flush=True)
        if answer not in ("passed", "unjudged"):
            program = program if options.whole else shrunk(program)
            print(program.source(str(judged(program)[1])), flush=True)
    if not options.show:
        print(", ".join(f"{n} {answer}" for answer, n in answers.most_common()), end="")
        print(f"; {time.monotonic() - started:.0f} s")
    return int(not set(answers) <= {"passed", "unjudged"})


if __name__ == "__main__":
    raise SystemExit(main())
