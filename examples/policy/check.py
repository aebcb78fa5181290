#!/usr/bin/env python3
"""Checks saved plans against desk.rego: check.py PLAN... Exits with 1 when a plan breaks a rule, and says which."""

import json
import pathlib
import sys

from regopy import Interpreter


def denials(policy: str, plan: dict) -> list[str]:
    """What the policy says against a plan."""
    rego = Interpreter()
    rego.add_module("desk", policy)
    rego.set_input(plan)
    result = json.loads(str(rego.query("denials := data.deskform.deny")))
    # A policy that does not evaluate must not look like one that found nothing.
    if "bindings" not in result or "denials" not in result["bindings"]:
        raise RuntimeError(f"the policy does not evaluate: {result}")
    return sorted(result["bindings"]["denials"])


def main(paths: list[str]) -> int:
    policy = pathlib.Path(__file__).with_name("desk.rego").read_text(encoding="utf-8")
    broken = 0
    for path in paths:
        plan = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        found = denials(policy, plan)
        broken += len(found)
        for message in found:
            print(f"{path}: {message}")
        if not found:
            print(f"{path}: {len(plan['resource_changes'])} changes keep all rules")
    return 1 if broken else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
