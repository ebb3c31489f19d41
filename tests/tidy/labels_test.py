#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Every test that CTest knows says what it needs, by one of four labels, so that `ctest --preset
unit` leaves nothing out and starts nothing that a contributor cannot. PATD_BUILD_DIR names the
build; what is not built yet has no label yet."""
import json
import os
import subprocess
import unittest

NEEDS = {"unit", "bus", "root", "system"}


def labels_by_test():
    shown = subprocess.run(["ctest", "--show-only=json-v1"], cwd=os.environ["PATD_BUILD_DIR"],
                           check=True, capture_output=True, text=True)
    return {test["name"]: next((entry["value"] for entry in test.get("properties", ())
                                if entry["name"] == "LABELS"), [])
            for test in json.loads(shown.stdout)["tests"]
            if not test["name"].endswith("_NOT_BUILT")}


class Labels(unittest.TestCase):
    def test_say_of_each_test_what_it_needs(self):
        tests = labels_by_test()
        self.assertIn("labels", tests)
        wrong = {name: labels for name, labels in tests.items() if len(NEEDS & set(labels)) != 1}
        self.assertEqual(wrong, {}, f"give each one of {sorted(NEEDS)}, where it is registered")


if __name__ == "__main__":
    unittest.main()
