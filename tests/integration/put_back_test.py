# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A whole machine is put back, its TPM is not: with real daemons, their uids, a bus, patctl and a
software TPM, inside tools/play.sh. Row S3."""
import json
import os
import shutil
import signal
import socket
import subprocess
import unittest

from own_patd import PLAY
from rollback_test import OWNER, WITNESS, OnABus, PatdOnABus

AUTH = os.path.dirname(WITNESS)


class PatdWithATpm(PatdOnABus):
    """Its own counter and TPM too."""

    def __init__(self):
        super().__init__()
        self._tpm = None
        self._counter = None
        self.counter = f"{self._folder}/counter"
        self.plug()
        self.count()

    def plug(self):
        """Begins the TPM, and returns once it answers."""
        state = self.folder("/tpm")
        os.makedirs(state, exist_ok=True)
        self._tpm = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server",
             f"type=unixio,path={self.folder('/tpm.sock')}", "--flags",
             "not-need-init,startup-clear", "--log", "level=0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(self.folder("/tpm.sock")) != 0:
                assert self._tpm.poll() is None, "swtpm does not start"

    def unplug(self):
        if self._tpm is not None:
            self._tpm.kill()
            self._tpm.wait()
            self._tpm = None
            os.unlink(self.folder("/tpm.sock"))

    def clear(self):
        """It is another one from now on."""
        self.unplug()
        shutil.rmtree(self.folder("/tpm"))
        self.plug()

    def count(self):
        """Lets patd-counter answer."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.counter)
            os.chown(self.counter, self._account.pw_uid, -1)
            listener.listen(16)
            self._counter = subprocess.Popen(
                ["sh", "-c", 'exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"',
                 "sh",
                 "systemd-socket-activate", "--accept", "--inetd",
                 f"{PLAY}/sbin/patd-counter", "--tpm", self.folder("/tpm.sock")], stdin=listener,
                stderr=subprocess.DEVNULL, start_new_session=True)

    def count_no_more(self):
        if self._counter is not None:
            os.killpg(self._counter.pid, signal.SIGKILL)
            self._counter.wait()
            self._counter = None
            os.unlink(self.counter)

    def begin(self):
        self.start(options=["--bus-address", self.address, "--counter-socket", self.counter])

    def keep(self):
        """A snapshot of all that is on disks."""
        self.stop()
        for path, copy in ((self.state(), self.state(".kept")), (AUTH, self.folder("/auth"))):
            shutil.rmtree(copy, ignore_errors=True)
            subprocess.run(["cp", "-a", path, copy], check=True)
        self.begin()

    def put_back(self):
        self.stop()
        for path, copy in ((self.state(), self.state(".kept")), (AUTH, self.folder("/auth"))):
            subprocess.run(["find", path, "-mindepth", "1", "-delete"], check=True)
            subprocess.run(["cp", "-aT", copy, path], check=True)
        self.begin()

    def remove(self):
        self.count_no_more()
        self.unplug()
        super().remove()


class PutBack(OnABus):
    patd_class = PatdWithATpm

    def counter(self):
        """What the witness names."""
        if not os.path.exists(WITNESS):
            return 0
        with open(WITNESS, encoding="utf-8") as file:
            words = [line.split() for line in file if line.startswith("count ")]
        return int(words[0][1]) if words else 0

    def test_a_machine_that_is_put_back_gives_nothing_until_roots_word(self):
        doomed = self.give("doomed.example")
        self.revoke(self.give("before.example"))
        self.patd.keep()
        self.revoke(doomed)
        for _ in range(2):
            self.patd.put_back()
            self.expect_withheld()
            self.assertTrue(json.loads(self.patctl("--json", "status"))["rolled_back"])
            self.assertIn("put back to an older state", self.findings())
            self.patctl("admin", "revoke", OWNER, self.kept, "--yes", status=1)
        self.patd.again()
        self.expect_withheld()
        told = self.patctl("admin", "accept-rollback", status=4)
        self.assertIn("whole machine was put back", told)
        self.assertIn("may have been revoked since", told)
        self.expect_withheld()
        self.patctl("admin", "accept-rollback", "--revive")
        self.expect_served()
        self.patd.again()
        self.expect_served()
        self.assertNotIn("put back to an older state", self.findings())
        # What is not wanted can be revoked then, and stays so.
        self.revoke(doomed)
        self.patd.again()
        self.expect_served()
        self.patd.put_back()
        self.expect_withheld()

    def test_without_its_tpm_it_is_served_and_that_is_said(self):
        doomed = self.give("doomed.example")
        self.revoke(self.give("before.example"))
        self.patd.keep()
        self.revoke(doomed)
        self.patd.count_no_more()
        self.patd.put_back()
        self.expect_served("doomed.example")
        self.assertIn("the TPM that counted how new the store is is not there", self.findings())
        self.patd.count()
        self.patd.again()
        self.expect_withheld()

    def test_a_tpm_that_was_cleared_is_said_and_locks_nobody_out(self):
        self.revoke(self.give("doomed.example"))
        self.assertGreater(self.counter(), 0)
        self.patd.stop()
        self.patd.clear()
        for _ in range(2):
            self.patd.begin()
            self.expect_served()
            self.assertIn("the TPM's counter was another one", self.findings())
            self.revoke(self.give("more.example"))
            self.patd.stop()
        self.patd.begin()
        self.patctl("admin", "accept-rollback")
        self.assertNotIn("the TPM's counter", self.findings())

    def test_patd_that_is_killed_after_each_count_goes_on(self):
        before = self.counter()
        for _ in range(8):
            self.revoke(self.give("doomed.example"))
            self.patd.kill()
            self.patd.begin()
            self.expect_served()
        self.assertGreater(self.counter(), before)
        self.assertNotIn("the TPM", self.findings())

    def test_a_machine_without_a_tpm_notices_nothing_and_complains_of_nothing(self):
        self.patd.stop()
        self.patd.unplug()
        os.unlink(WITNESS)
        shutil.rmtree(self.patd.state())
        os.mkdir(self.patd.state(), 0o700)
        shutil.chown(self.patd.state(), "patd", "patd")
        self.patd.begin()
        self.kept = self.give("kept.example")
        doomed = self.give("doomed.example")
        self.patd.keep()
        self.revoke(doomed)
        self.patd.put_back()
        self.expect_served("doomed.example")
        self.assertNotIn("the TPM", self.findings())
        self.assertEqual(self.counter(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
