"""What `python -m examples.digits` runs."""

import os
import sys


def _end(fault: "sys.UnraisableHookArgs") -> None:
    """Python swallows a Ctrl-C that falls into a destructor: nothing is begun yet, so it may end at once."""
    if issubclass(fault.exc_type, KeyboardInterrupt):
        os._exit(130)
    sys.__unraisablehook__(fault)


sys.unraisablehook = _end
try:
    from .cli import main
except KeyboardInterrupt:  # while NumPy is still being loaded
    raise SystemExit(130) from None

raise SystemExit(main())
