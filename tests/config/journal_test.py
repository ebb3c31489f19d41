#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The real patd with a journal that listens: what it writes there has its fields, a SIGHUP reloads
without losing a connection, and no secret is in any record. Needs root: the journal's socket lies
in a mount namespace of its own."""
import base64
import binascii
import os
import pathlib
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

SOURCE = pathlib.Path(__file__).parents[2]
PATD = os.environ["PATD_BINARY"]
TABLE = (SOURCE / "common/base/log_messages.h").read_text(encoding="utf-8")
IDS = dict(re.findall(r'\{\s*"([0-9a-f]{32})",\s*LogLevel::\w+,\s*"([a-z-]+)"', TABLE))
SECONDS = 30
SECRETS = ("hunter2-of-alice+/=", "pat1_Canary0000_" + "Ab1" * 16 + "x", "hunter3 of bob")


def datagram_socket(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(path))
    listener.settimeout(SECONDS)
    return listener


def parse(entry):
    return dict(line.split("=", 1) for line in entry.decode().splitlines())


def forms(secret):
    raw = secret.encode()
    return {secret, base64.b64encode(raw).decode().rstrip("="), binascii.hexlify(raw).decode(),
            urllib.parse.quote(secret, safe="")}


class JournalTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.journal = datagram_socket("/run/systemd/journal/socket")
        self.addCleanup(os.unlink, "/run/systemd/journal/socket")
        self.addCleanup(self.journal.close)
        self.notify = datagram_socket(self.root / "notify")
        self.addCleanup(self.notify.close)
        self.records = []
        self.configure("")
        self.patd = self.start()
        self.addCleanup(self.patd.wait)
        self.addCleanup(self.patd.kill)

    def configure(self, text):
        path = self.root / "etc/patd/patd.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for made in (path.parent, path):
            made.chmod(0o755 if made.is_dir() else 0o644)

    def start(self):
        (self.root / "state").mkdir(mode=0o700)
        (self.root / "key").write_bytes(b"k" * 32)
        (self.root / "key").chmod(0o600)
        with open(self.root / "stderr", "wb") as errors:
            status = os.fstat(errors.fileno())
            environment = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}",
                           "NOTIFY_SOCKET": str(self.root / "notify")}
            # Python ignores SIGXFSZ, and so does patd then: a full disk is an error, not a signal.
            patd = subprocess.Popen(
                [PATD, f"--config-root={self.root}", f"--state-dir={self.root}/state",
                 f"--socket={self.root}/socket", f"--master-key={self.root}/key",
                 "--bus-address=none"], stderr=errors, env=environment, restore_signals=False)
        self.assertIn("READY=1", self.told())
        return patd

    def told(self):
        return self.notify.recv(4096).decode()

    def record(self, event):
        """The next record in the journal, which must be of this event."""
        entry = self.journal.recv(65536)
        self.records.append(entry)
        fields = parse(entry)
        self.assertEqual(fields["PATD_EVENT"], event, fields)
        self.assertEqual(IDS[fields["MESSAGE_ID"]], event)
        self.assertEqual(fields["SYSLOG_IDENTIFIER"], "patd")
        self.assertIn(fields["PRIORITY"], "3456")
        return fields

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(SECONDS)
        client.connect(str(self.root / "socket"))
        self.addCleanup(client.close)
        return client

    def ask(self, op, client=None, **attributes):
        client = client or self.connect()
        attributes = {"patd": "1", "op": op, "protocol": "https", "host": "git.example",
                      **attributes}
        client.sendall("".join(f"{key}={value}\n" for key, value in attributes.items()).encode() +
                       b"\n")
        reply = b""
        while not reply.endswith(b"\n\n") and reply != b"\n":
            got = client.recv(65536)
            self.assertNotEqual(got, b"", "the connection was closed")
            reply += got
        return reply.decode()

    def reload(self, text):
        self.configure(text)
        self.patd.send_signal(signal.SIGHUP)
        self.assertRegex(self.told(), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertIn("READY=1", self.told())

    def test_a_signal_reloads_and_every_record_has_its_fields(self):
        self.record("witness-unread")  # nobody listens there
        self.assertEqual(self.record("serving")["PATD_FILES"], "1")
        held = self.connect()
        held.sendall(b"patd=1\nop=capa")

        self.reload("[Patd]\nAcceptStore=no\n")
        self.assertEqual(self.record("config-loaded")["PATD_FILES"], "1")
        self.ask("store", username="me", password=SECRETS[0])
        self.assertEqual(self.ask("get"), "\n")

        self.reload("[Patd]\nAcceptStore=maybe\n")
        fault = self.record("config-fault")
        self.assertEqual(fault["PATD_FILE"], f"{self.root}/etc/patd/patd.conf")
        self.assertEqual((fault["PATD_LINE"], fault["PRIORITY"]), ("2", "3"))
        self.assertEqual(self.record("config-refused")["PATD_FAULTS"], "1")
        self.assertEqual(self.ask("get"), "\n")

        held.sendall(b"bility\n\n")
        self.assertEqual(held.recv(4096),
                         b"version=0\ncapability[]=authtype\ncapability[]=state\n\n")
        self.patd.terminate()
        self.assertEqual(self.patd.wait(SECONDS), 0)
        self.assertEqual((self.root / "stderr").read_bytes(), b"")

    def test_no_record_holds_a_secret_whatever_goes_wrong(self):
        self.record("witness-unread")
        self.record("serving")
        first, second, third = SECRETS
        self.ask("store", username="me", password=first)
        self.assertIn(first, self.ask("get"))
        self.ask("verify", token=second)
        self.ask("verify", token=first, audience="https://git.example")
        self.ask("store", username="me", password=second)
        self.ask("erase", username="me", password=third)
        self.ask("check", user="root", password=third)
        self.ask("get", username=third)
        self.ask(third)
        # A secret that was written into the configuration by mistake.
        self.configure(f"[Patd]\nAcceptStore={first}\n{second}=1\n[{third}]\n{first}\n")
        self.patd.send_signal(signal.SIGHUP)
        # A full disk: every change and every release fails.
        resource.prlimit(self.patd.pid, resource.RLIMIT_FSIZE, (0, 0))
        self.assertIn("error=Unavailable", self.ask("store", username="me", password=third))
        self.assertIn("error=Unavailable", self.ask("get"))
        self.patd.terminate()
        self.patd.wait(SECONDS)
        while select.select([self.journal], [], [], 0)[0]:
            self.records.append(self.journal.recv(65536))

        events = {parse(entry)["PATD_EVENT"] for entry in self.records}
        self.assertLessEqual({"serving", "config-fault", "config-refused", "request-failed"},
                             events)
        written = b"".join(self.records).decode() + (self.root / "stderr").read_text()
        # Proves that the search finds what is there.
        self.assertIn("config-refused", written)
        for secret in SECRETS:
            for form in forms(secret):
                self.assertNotIn(form, written)


def main():
    """Runs the tests where /run is empty and private."""
    if "PATD_OWN_RUN" not in os.environ:
        os.execvpe("unshare", ["unshare", "--mount", "--propagation=private", "--", "sh", "-c",
                               "mount -t tmpfs -o mode=755 none /run && exec \"$@\"", "sh",
                               sys.executable, "-B", *sys.argv],
                   os.environ | {"PATD_OWN_RUN": "1"})
    os.makedirs("/run/systemd/journal")
    unittest.main()


if __name__ == "__main__":
    main()
