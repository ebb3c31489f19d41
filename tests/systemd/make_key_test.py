# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""systemd/make-key with the real systemd-creds and a software TPM (swtpm). Only its directories
differ from a real machine's."""
import os
import pathlib
import re
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# How systemd-creds begins what host+tpm2 sealed, the second from 262 on.
BY_BOTH = ("k6iUCUh0RJCQyvL8k8q1U", "FBQliBiiQM2QC86GLbXHu")
BY_HOST = "Whxqht+dQJax1aZeCGLxm"
# TPM 2.0 Library, Part 3: TPM2_Shutdown(CLEAR), and TPM2_PCR_Extend of PCR 7 by 32 bytes.
SHUTDOWN = bytes.fromhex("8001 0000000c 00000145 0000")
EXTEND_PCR_7 = bytes.fromhex("8002 00000041 00000182 00000007 00000009 40000009 0000 00 0000"
                             "00000001 000b") + b"\x5a" * 32


def free_port():
    """A free port, and the one after it: swtpm's commands and its control channel."""
    while True:
        with socket.socket() as probe, socket.socket() as next_probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            try:
                next_probe.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class Tpm:
    """A software TPM whose state is a directory."""

    def __init__(self, state):
        self.state = state
        self.start()

    def start(self):
        self.state.mkdir(exist_ok=True)
        self.port = free_port()
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}",
             "--server", f"type=tcp,port={self.port}", "--ctrl", f"type=tcp,port={self.port + 1}",
             "--flags", "not-need-init,startup-clear", "--log", "level=0"])
        self.command(b"")

    def flush(self):
        """Closes its last client's sessions, as /dev/tpmrm0 does for each client."""
        for kind in ("02", "03"):
            for number in range(3):
                flush = bytes.fromhex(f"8001 0000000e 00000165 {kind}00000{number}")
                self.command(flush, may_fail=True)

    def command(self, command, may_fail=False):
        """Sends a command, and returns once it has been carried out."""
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as tpm:
                    if not command:
                        return
                    tpm.sendall(command)
                    answer = tpm.recv(4096)
                    assert may_fail or answer[6:10] == bytes(4), answer.hex()
                    return
            except ConnectionRefusedError:
                assert self.process.poll() is None, "swtpm does not start"

    def stop(self):
        self.process.kill()
        self.process.wait()

    def reboot(self):
        self.command(SHUTDOWN)
        self.stop()
        self.start()


class MakeKey(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        self.etc = self.root / "etc"
        self.etc.mkdir(mode=0o755)
        self.key = self.etc / "master-key.cred"
        self.old = self.etc / "master-key.cred.old"
        self.tpm = None
        self.script = (SOURCE / "systemd/make-key").read_text(encoding="utf-8")
        self.environment = {"PATH": os.environ["PATH"],
                            "SYSTEMD_CREDENTIAL_SECRET": str(self.root / "credential.secret")}

    def use_tpm(self, name="tpm"):
        tpm = Tpm(self.root / name)
        self.addCleanup(tpm.stop)
        self.point_to(tpm)
        return tpm

    def point_to(self, tpm):
        self.tpm = tpm
        self.environment["SYSTEMD_TPM2_DEVICE"] = f"swtpm:host=127.0.0.1,port={tpm.port}"

    def flush(self):
        if self.tpm:
            self.tpm.flush()

    def make(self, *arguments):
        self.flush()
        text = self.script.replace("/etc/patd", str(self.etc)).replace(
            "/var/lib/patd", str(self.root / "state"))
        return subprocess.run(["sh", "-c", text, "make-key", *arguments], env=self.environment,
                              capture_output=True, text=True, check=False)

    def opened(self):
        """The plain key, or nothing if this machine cannot open it."""
        self.flush()
        done = subprocess.run(["systemd-creds", "decrypt", "--name=patd.master-key", self.key, "-"],
                              env=self.environment, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def recovered(self):
        """A key as `patctl admin recover-key` writes it."""
        plain = self.root / "patd.key"
        plain.write_bytes(os.urandom(32))
        return plain

    def test_the_key_is_sealed_by_the_tpm_and_opens_after_a_reboot(self):
        tpm = self.use_tpm()
        made = self.make()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("sealed by the TPM and a key file", made.stderr)
        self.assertTrue(self.key.read_text().startswith(BY_BOTH))
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        key = self.opened()
        self.assertEqual(len(key), 32)
        tpm.reboot()
        self.point_to(tpm)
        self.assertEqual(self.opened(), key)
        self.assertEqual([path.name for path in self.etc.iterdir()], [self.key.name])

    def test_new_firmware_costs_nothing(self):
        tpm = self.use_tpm()
        self.make()
        key = self.opened()
        tpm.command(EXTEND_PCR_7)
        self.assertIsNotNone(key)
        self.assertEqual(self.opened(), key)

    def test_a_tpm_that_does_not_answer_is_said_and_the_key_file_seals(self):
        self.environment["SYSTEMD_TPM2_DEVICE"] = f"swtpm:host=127.0.0.1,port={free_port()}"
        made = self.make()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertRegex(made.stderr, r"(?m)^<4>this machine has a TPM, but")
        self.assertIn("patctl doctor", made.stderr)
        self.assertTrue(self.key.read_text().startswith(BY_HOST))
        self.assertEqual(len(self.opened()), 32)

    def test_without_a_tpm_the_key_file_seals_and_nothing_is_said_of_one(self):
        made = self.make()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertNotIn("has a TPM", made.stderr)
        self.assertEqual(len(self.opened()), 32)

    # What systemd 252 seals to no PCR, it cannot open; newer ones can.
    def test_what_was_made_opens_also_where_the_tpm_seals_what_it_cannot_open(self):
        self.use_tpm()
        self.script = re.sub(r"(?m)^pcr=\d+$", "pcr=", self.script)
        made = self.make()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(len(self.opened()), 32)

    def test_the_recovery_file_fixes_a_cleared_tpm_as_the_manual_says(self):
        self.use_tpm()
        self.make()
        plain = self.recovered()
        self.use_tpm("another")
        self.assertIsNone(self.opened())
        manual = (SOURCE / "docs/man/patd.8.md").read_text(encoding="utf-8")
        self.assertIn("/usr/libexec/patd/make-key --from KEY", manual)
        before = self.key.read_bytes()
        made = self.make("--from", str(plain))
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(self.opened(), plain.read_bytes())
        self.assertEqual(self.old.read_bytes(), before)
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)

    def test_a_key_that_is_none_and_a_second_old_one_change_nothing(self):
        self.make()
        before = self.key.read_bytes()
        short = self.root / "short"
        short.write_bytes(b"x" * 31)
        refused = self.make("--from", str(short))
        self.assertEqual((refused.returncode, self.key.read_bytes()), (1, before))
        self.assertIn("must have 32 bytes", refused.stderr)
        self.old.write_bytes(b"old")
        refused = self.make("--from", str(self.recovered()))
        self.assertEqual((refused.returncode, self.key.read_bytes()), (1, before))
        self.assertIn("still there", refused.stderr)

    def test_a_key_that_is_there_is_never_touched(self):
        self.make()
        before = self.key.read_bytes()
        self.assertEqual(self.make().returncode, 0)
        self.assertEqual(self.key.read_bytes(), before)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
