# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Somebody puts the store back, or loses its witness: with real daemons, their uids, a bus and
patctl, inside tools/play.sh. Row S3."""
import contextlib
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import unittest

from own_patd import PLAY, OwnPatd, ask_as

OWNER = "bin"  # any account may own what root imports
WITNESS = "/var/lib/patd-auth/witness"
SECONDS = 60


class PatdOnABus(OwnPatd):
    """Its own bus too, so that patctl reaches it."""

    def __init__(self):
        super().__init__()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(WITNESS)
        self.address = f"unix:path={self._folder}/bus"
        with open(f"{PLAY}/bus.conf", encoding="utf-8") as file:
            config = file.read().replace(f"{PLAY}/bus<", f"{self._folder}/bus<")
        with open(f"{self._folder}/bus.conf", "w", encoding="utf-8") as file:
            file.write(config)
        shutil.copy(f"{PLAY}/org.patd.Tokens1.conf", self._folder)
        reader, writer = os.pipe()
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={self._folder}/bus.conf",
             f"--print-address={writer}"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as address:
            assert address.readline()

    def begin(self):
        self.start(options=["--bus-address", self.address])

    def again(self):
        self.stop()
        self.begin()

    def state(self, name=""):
        return f"{self._folder}/state{name}"

    def keep(self):
        """A copy of the state directory, while nobody writes there."""
        self.stop()
        subprocess.run(["cp", "-a", self.state(), self.state(".kept")], check=True)
        self.begin()

    def put_back(self):
        self.stop()
        shutil.rmtree(self.state())
        subprocess.run(["cp", "-a", self.state(".kept"), self.state()], check=True)
        self.begin()

    def remove(self):
        self.kill()
        self._bus.kill()
        self._bus.wait()
        super().remove()


class OnABus(unittest.TestCase):
    """With one token, kept.example's, of OWNER's."""

    patd_class = PatdOnABus

    def setUp(self):
        self.patd = self.patd_class()
        self.addCleanup(self.patd.remove)
        self.patd.begin()
        self.kept = self.give("kept.example")

    def patctl(self, *argv, status=0, **options):
        done = subprocess.run(
            ["patctl", *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, check=False,
            env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self.patd.address}, **options)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def give(self, host):
        """The id of a token for this host, whose secret is the host's name."""
        told = self.patctl("--json", "admin", "import", f"for {host}", "--owner", OWNER, "-t",
                           f"https://{host}", "-u", "bot", "--secret-fd", "0",
                           input=f"secret of {host}\n")
        return json.loads(told)["id"]

    def revoke(self, token):
        self.patctl("admin", "revoke", OWNER, token, "--yes")

    def get(self, host):
        return ask_as(self.patd.socket, pwd.getpwnam(OWNER).pw_uid, "get", "protocol=https",
                      f"host={host}")

    def expect_served(self, host="kept.example"):
        self.assertEqual(self.get(host)["password"], f"secret of {host}")

    def expect_withheld(self):
        self.assertEqual(self.get("kept.example").get("error"), "RolledBack")

    def findings(self):
        done = subprocess.run(["patctl", "doctor", "--json"], stdout=subprocess.PIPE, text=True,
                              timeout=SECONDS, check=False,
                              env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self.patd.address})
        return done.stdout


class Rollback(OnABus):
    def test_files_of_yesterday(self):
        doomed = self.give("doomed.example")
        self.patd.keep()
        self.revoke(doomed)
        self.patd.put_back()
        for _ in range(2):
            self.expect_withheld()
            self.assertTrue(json.loads(self.patctl("--json", "status"))["rolled_back"])
            self.assertIn("put back to an older state", self.findings())
            self.assertIn(doomed, self.patctl("admin", "accept-rollback", status=4))
            self.patctl("admin", "revoke", OWNER, self.kept, "--yes", status=1)
            self.patd.again()
        self.patctl("admin", "accept-rollback", "--keep-dead")
        self.expect_served()
        self.assertNotIn(doomed, self.patctl("admin", "list", "--user", OWNER))
        self.assertIn("accept-rollback", self.patctl("audit", "--all"))
        self.patd.again()
        self.expect_served()
        self.assertNotIn("put back to an older state", self.findings())
        self.patd.put_back()
        self.expect_withheld()
        self.patctl("admin", "accept-rollback", "--revive")
        self.expect_served("doomed.example")

    def test_a_deleted_row(self):
        self.revoke(self.give("doomed.example"))
        self.patd.stop()
        with contextlib.closing(sqlite3.connect(self.patd.state("/store.db"))) as store:
            store.execute("DELETE FROM tombstone")
            store.commit()
        for name in ("store.db", "store.db-wal", "store.db-shm"):
            with contextlib.suppress(FileNotFoundError):
                shutil.chown(self.patd.state(f"/{name}"), "patd", "patd")
        self.patd.begin()
        self.expect_withheld()
        self.assertIn("not all known", self.patctl("admin", "accept-rollback", status=4))
        self.expect_withheld()
        self.patctl("admin", "accept-rollback", "--revive")
        self.expect_served()
        self.patd.again()
        self.expect_served()

    def test_a_witness_that_is_lost_or_older(self):
        self.revoke(self.give("doomed.example"))
        with open(WITNESS, encoding="utf-8") as file:
            older = file.read()
        self.revoke(self.give("another.example"))
        self.revoke(self.give("last.example"))
        for content in (None, older):
            self.patd.stop()
            if content is None:
                os.unlink(WITNESS)
            else:
                with open(WITNESS, "w", encoding="utf-8") as file:
                    file.write(content)
            self.patd.begin()
            self.expect_served()
            self.assertIn("witness of the store was missing", self.findings())
            self.revoke(self.give("more.example"))
            self.patd.again()
            self.expect_served()
            self.patctl("admin", "accept-rollback")
            self.assertNotIn("witness of the store was missing", self.findings())

    def test_a_restore_needs_no_word_and_asks_the_witness(self):
        doomed = self.give("doomed.example")
        backup = f"{PLAY}/home/rollback.backup"
        self.addCleanup(os.unlink, backup)
        self.patctl("admin", "backup", backup)
        self.revoke(doomed)
        self.patctl("admin", "restore", backup, status=4)
        self.patd.stop()
        for name in ("store.db", "store.db-wal", "store.db-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.patd.state(f"/{name}"))
        self.patd.begin()
        self.assertNotIn("put back", self.findings())
        self.assertIn(doomed, self.patctl("admin", "restore", backup, status=4))
        self.patctl("admin", "restore", backup, "--keep-dead")
        self.expect_served()
        self.patd.again()
        self.expect_served()
        self.assertNotIn(doomed, self.patctl("admin", "list", "--user", OWNER))

    def test_nobody_but_root_has_a_word(self):
        done = subprocess.run(
            ["setpriv", f"--reuid={OWNER}", "--clear-groups", "patctl", "admin",
             "accept-rollback"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, check=False,
            env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self.patd.address})
        self.assertEqual(done.returncode, 4, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
