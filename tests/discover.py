#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""discover.py PROGRAM LABELS OUTPUT: asks a program of GoogleTest's which tests it has, and writes
the commands that make each one of CTest's. LABELS has a line for each source of the program:
`SOURCE LABEL [PATTERN:...]`; tests that a pattern of GoogleTest's matches are labelled `root`.
(gtest_discover_tests starts the program once for each label, and knows no sources.)
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile

TIMEOUT = 120


def listing(program):
    """What the program says of itself."""
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "tests.json")
        subprocess.run([program, "--gtest_list_tests", f"--gtest_output=json:{path}"],
                       check=True, stdout=subprocess.DEVNULL, timeout=60)
        with open(path, encoding="utf-8") as file:
            return json.load(file)["testsuites"]


def read_rules(path):
    """SOURCE -> (LABEL, PATTERNS)."""
    rules = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            source, label, patterns = line.rstrip("\n").rsplit(" ", 2)
            rules[os.path.realpath(source)] = (label, patterns.split(":") if patterns else [])
    return rules


def rule_of(path, rules):
    """The rule of a source. With ccache's CCACHE_BASEDIR a compiler calls it by a path that is
    relative to the folder where that compiler ran, so that only its end counts.
    """
    if os.path.isabs(path):
        return rules[os.path.realpath(path)]
    end = "/" + re.sub(r"^(\.\.?/+)+", "", path)
    (found,) = [rule for source, rule in rules.items() if source.endswith(end)]
    return found


def shown_name(suite, test):
    """With the parameter in the place of its number, as gtest_discover_tests shows it."""
    shown = {"suite": suite["name"], "test": test["name"]}
    for part, key in (("suite", "type_param"), ("test", "value_param")):
        if key in test:
            shown[part] = re.sub(r"/[0-9]+$", lambda _: "/" + test[key], shown[part])
    return f"{shown['suite']}.{shown['test']}"


def commands(program, suite, test, rules):
    name = f"{suite['name']}.{test['name']}"
    label, patterns = rule_of(test["file"], rules)
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
        label = "root"
    properties = f"LABELS {label} TIMEOUT {TIMEOUT} WORKING_DIRECTORY [==[{os.getcwd()}]==]"
    if any(part.startswith("DISABLED_") for part in name.split(".")):
        properties += " DISABLED TRUE"
    shown = shown_name(suite, test)
    return (f"add_test([==[{shown}]==] [==[{program}]==] [==[--gtest_filter={name}]==]"
            " --gtest_also_run_disabled_tests)\n"
            f"set_tests_properties([==[{shown}]==] PROPERTIES {properties}"
            r" SKIP_REGULAR_EXPRESSION [==[\[  SKIPPED \]]==])" "\n")


def main():
    program, labels, output = sys.argv[1:]
    rules = read_rules(labels)
    text = "".join(commands(program, suite, test, rules)
                   for suite in listing(program) for test in suite["testsuite"])
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


main()
