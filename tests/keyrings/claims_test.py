#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The claims that tools/keyrings.py makes about what was seen, and about what was not."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../tools")
import keyrings  # noqa: E402: the path comes first

SEEN = {"suite": "sid", "keyring": "keepassxc", "version": "2.8.0+dfsg1-1", "checks": {
    "it_works": "passed", "it_is_quick": "not within 10 s: it", "it_is_new": "not tried: no egg"}}


class Claims(unittest.TestCase):
    def test_say_of_a_check_that_came_to_no_answer_that_it_was_not_tried_and_why(self):
        table = keyrings.table([SEEN])
        self.assertIn("| it works | yes |\n", table)
        self.assertIn("| it is quick | no |\n", table)
        self.assertIn("| it is new | not tried |\n", table)
        seen, not_tried = table.split("## What could not be tried")
        self.assertIn("- KeePassXC 2.8.0, sid: it is quick.\n  `not within 10 s: it`\n", seen)
        self.assertNotIn("it is new.", seen)
        self.assertTrue(not_tried.endswith("- KeePassXC 2.8.0, sid: it is new.\n  `no egg`\n"))

    def test_deny_on_the_page_only_what_was_seen(self):
        page = " ".join(keyrings.section([SEEN]).split())
        self.assertIn("2.8.0 (sid) passed everything that was tried except: it is quick. "
                      "Not tried: it is new (no egg).", page)


if __name__ == "__main__":
    unittest.main()
