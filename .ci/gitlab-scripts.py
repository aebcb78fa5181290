#!/usr/bin/env python3
"""Prints what the jobs of a .gitlab-ci.yml run, as one script for shellcheck: gitlab-scripts.py FILE."""

import pathlib
import sys

from ruamel.yaml import YAML

SCRIPTS = ("before_script", "script", "after_script")

jobs = YAML(typ="safe").load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
for name, job in jobs.items():
    if isinstance(job, dict):
        lines = [line for key in SCRIPTS for line in job.get(key, [])]
        if lines:
            # Each job is a shell of its own.
            print(f"# {name}\n(", *lines, ")", sep="\n")
