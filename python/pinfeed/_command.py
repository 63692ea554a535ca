# SPDX-License-Identifier: Apache-2.0
"""The command `pinfeed`: the program in the package takes the place of this process."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "pinfeed")
    # `train` looks for torch in the environment of this interpreter, also where it was not activated.
    os.environ.setdefault("VIRTUAL_ENV", sys.prefix)
    try:
        os.execv(program, ["pinfeed", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"error: cannot run {program}: {error.strerror}")
