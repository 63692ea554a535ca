#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains with several processes.

ranks.py --program PINFEED [--torchrun TORCHRUN] [--kills N] [--seed S] CASE...

Prints a line for each failure; the exit code is 1 if there is one, and 77 when a case cannot run here.
"""
import argparse
import sys
import tempfile
import time

import detector_cases
import failure_cases
import launcher_cases
import training_cases
from runs import SKIPPED, Runs

CASES = {case.__name__: case
         for case in (training_cases.equal, training_cases.options, training_cases.resized, training_cases.evaluation,
                      training_cases.digests, detector_cases.mmdet, failure_cases.killed, failure_cases.stopped, failure_cases.signals,
                      failure_cases.faults, launcher_cases.nproc, launcher_cases.launchers, launcher_cases.elastic,
                      launcher_cases.hosts)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--torchrun", default="torchrun")
    parser.add_argument("--kills", type=int, default=2, help="of the case elastic")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("cases", nargs="+", choices=list(CASES))
    given = parser.parse_args()
    failures = 0
    skipped = False
    for name in given.cases:
        with tempfile.TemporaryDirectory() as folder:
            runs = Runs(given.program, folder)
            runs.torchrun, runs.kills, runs.seed = given.torchrun, given.kills, given.seed
            start = time.monotonic()
            skipped = CASES[name](runs) == SKIPPED or skipped
            failures += runs.failures
            print(f"{name}: {runs.failures} failures in {time.monotonic() - start:.0f} s", flush=True)
    return 1 if failures else SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
