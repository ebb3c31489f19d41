#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The base of the keyrings' tests."""
import signal
import unittest

from keyring_test import NotTried, run_check
from session import BUS, Killer, Session, wait_until

CALLS = 200


class KillerTest(unittest.TestCase):
    def test_ends_nothing_after_it_was_disarmed(self):
        with Session() as session:
            spared, ended = (session.start("sleep", "infinity") for _ in range(2))
            killer = Killer(session)
            killer.arm(spared, signal.SIGKILL, CALLS * 1000)
            self.assertGreater(killer.disarm(), 0)
            for _ in range(CALLS):
                session.call(BUS, "ListNames")
            killer.arm(ended, signal.SIGKILL, 1)
            session.call(BUS, "ListNames")
            wait_until(lambda: ended.poll() is not None, "the other one is ended")
            self.assertIsNone(spared.poll())


class RunCheckTest(unittest.TestCase):
    def test_takes_no_check_that_came_to_no_answer_for_an_answer(self):
        def it_works(_):
            raise NotTried("no egg")
        self.assertEqual(run_check(it_works, "gnome-keyring"), ("not tried: no egg", False))


if __name__ == "__main__":
    unittest.main()
