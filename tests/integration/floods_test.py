# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What the floods of one account do to another's requests, and to patd: counted, never timed, and
with the real daemons (docs/adr/0028-floods-are-counted.md). A flood is written while patd is
stopped, so that all of it is there when it goes on. Runs inside of tools/play.sh, as root.
floods_test.py COUNT_STEPS."""
import contextlib
import os
import pwd
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import unittest
import zlib

from jeepney import DBusAddress, DBusErrorResponse, MessageFlag, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg
from own_patd import (PLAY, SECONDS, OwnPatd, Process, as_uid, ask, ask_as, connect, find_process,
                      read_reply, request)

NAME = "org.patd.Tokens1"
ROOT = "/org/patd/Tokens1"
SOCKET = "/run/patd/socket"
DEAR = ("protocol=https", "host=dear.example")
STRANGERS = 3_000_000_000  # uids from here on have no account
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RIGHT = "the right one of this test"
CALLS = 20_000
LARGE, LARGE_CALLS = 1 << 20, 32
count_steps = ""


def call_of(member, signature="", *arguments, path=ROOT, interface="Manager", flags=0):
    address = DBusAddress(path, bus_name=NAME, interface=f"{NAME}.{interface}")
    message = new_method_call(address, member, signature or None, arguments)
    message.header.flags |= flags
    return message


def call(bus, *arguments, **how):
    """The answer's arguments, or the name of the error."""
    try:
        return unwrap_msg(bus.send_and_get_reply(call_of(*arguments, **how), timeout=SECONDS))
    except DBusErrorResponse as error:
        return error.name.rsplit(".", 1)[-1]


def open_bus(uid):
    with as_uid(uid):
        return open_dbus_connection("SYSTEM", enable_fds=True)


def settle(bus):
    """Waits until the bus has passed on what this connection sent."""
    address = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    bus.send_and_get_reply(new_method_call(address, "GetId"), timeout=SECONDS)


def wrong_secret(token):
    """Of the right form for `token`, as anybody can make one up."""
    text = f"pat1_{token}_" + "0" * 43
    crc = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        crc, digit = divmod(crc, 62)
        digits = DIGITS[digit] + digits
    return text + digits


def fill(connection, one):
    """As many of `one` as the kernel takes at once; returns how many."""
    connection.setblocking(False)
    text = one * 64
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += connection.send(text[sent % len(text):])
    return sent // len(one)


def count_replies(connection):
    """Of those that are here."""
    count = 0
    last = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            more = connection.recv(1 << 18)
            if not more:
                break
            count += (last + more).count(b"\n\n")
            last = b"\n" if more.endswith(b"\n") and not more.endswith(b"\n\n") else b""
    return count


class Floods(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in ("alice", "bob", "carol"):
            subprocess.run(["useradd", "--no-log-init", "-M", name], check=True,
                           stderr=subprocess.DEVNULL)
        cls.alice, cls.bob, cls.carol = (
            pwd.getpwnam(name).pw_uid for name in ("alice", "bob", "carol"))
        cls.patd = Process(find_process("patd"))
        cls.give_password("alice")
        cls.secret = cls.make_token()

    @staticmethod
    def input_of(text):
        reader, writer = os.pipe()
        os.write(writer, text.encode())
        os.close(writer)
        return reader

    @classmethod
    def give_password(cls, name):
        reader = cls.input_of(f"{RIGHT}\n{RIGHT}\n")
        subprocess.run(["patctl", "admin", "passwd", name, "--password-fd", str(reader)],
                       pass_fds=(reader,), check=True, stdout=subprocess.DEVNULL)
        os.close(reader)

    @classmethod
    def make_token(cls):
        """One of root's."""
        reader = cls.input_of(os.environ["PATD_PLAY_PASSWORD"] + "\n")
        made = subprocess.run(
            ["patctl", "create", "flooded", "-p", "vcs:repository:rw", "-t", "https://root.example",
             "--password-fd", str(reader), "--output-fd", "1"], pass_fds=(reader,), check=True,
            capture_output=True, text=True)
        os.close(reader)
        return made.stdout.strip()

    def own_patd(self):
        own = OwnPatd()
        self.addCleanup(own.remove)
        return own

    @contextlib.contextmanager
    def stopped(self, pid):
        """Waits until patd does nothing."""
        os.kill(pid, signal.SIGSTOP)
        while Process(pid).read("stat").rsplit(")", 1)[1].split()[0] != "T":
            pass
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def answered_before(self, victim, flood, pid):
        """How many of the flood's requests were answered before the victim's. Nobody waits for a
        flood that cannot be served: it is read all the time."""
        count = 0
        poll = select.poll()
        for connection in (victim, *flood):
            poll.register(connection, select.POLLIN)
        for connection in flood:
            connection.setblocking(False)
        while True:
            ready = {fd for fd, _ in poll.poll(SECONDS * 1000)}
            self.assertTrue(ready, "the victim waits")
            if victim.fileno() in ready:
                with self.stopped(pid):
                    return count + sum(map(count_replies, flood))
            count += sum(count_replies(one) for one in flood if one.fileno() in ready)

    def import_dear_tokens(self, count):
        """Tokens of alice's for one host, each with some 48 permissions."""
        with open_bus(self.alice) as bus:
            (entries,) = call(bus, "ListPermissions")
            names = sorted((f"{entry['area'][1]}:{entry['object'][1]}:{entry['access'][1][-1]}"
                            for entry in entries if entry["object"][1]), key=len)[:48]
            tokens = [{"description": ("s", f"dear {number}"), "username": ("s", "x"),
                       "targets": ("as", [f"https://{DEAR[1][5:]}"]),
                       "permissions": ("as", names[:number % 48] + names[number % 48 + 1:])}
                      for number in range(count)]
            secrets = b"".join(b"secret-%d\n" % number for number in range(count))
            (path,) = call(bus, "ImportMany", "aa{sv}", tokens)
            kind = ""
            while kind != "done":
                kind, _, sink = call(bus, "Next", path=path, interface="Operation")
                with sink.to_file("wb", buffering=0) as file:
                    if kind != "done":
                        file.write(RIGHT.encode() if kind == "secret" else secrets)
            with as_uid(self.alice):
                ours, theirs = socket.socketpair()
            with ours, theirs:
                answer = call(bus, "Commit", "h", theirs, path=path, interface="Operation")
            self.assertIsInstance(answer, tuple)

    # Row D2: hundreds of requests in one write, each over tokens whose permissions are compared.
    def test_dear_requests_in_one_write_keep_nobody_waiting(self):
        self.import_dear_tokens(300)
        with connect(SOCKET, self.alice) as flood, connect(SOCKET, self.bob) as victim:
            with self.stopped(self.patd.pid):
                flood.sendall(request("get", *DEAR) * 300)
                victim.sendall(request("capability"))
            self.assertLess(self.answered_before(victim, [flood], self.patd.pid), 300)
            self.assertEqual(read_reply(victim)["version"], "0")

    # Row D2: thirty-two connections that are written to as fast as they are read.
    def test_connections_that_never_pause_keep_nobody_waiting(self):
        with contextlib.ExitStack() as stack:
            flood = [stack.enter_context(connect(SOCKET, 33)) for _ in range(32)]
            victim = stack.enter_context(connect(SOCKET, self.bob))
            with self.stopped(self.patd.pid):
                sent = sum(fill(one, request("verify", f"token={wrong_secret('0123456789')}"))
                           for one in flood)
                victim.sendall(request("get", "protocol=https", "host=none.example"))
            self.assertLess(self.answered_before(victim, flood, self.patd.pid), sent // 4)
            self.assertEqual(read_reply(victim), {})

    # Row D9: answers of Next, each with a descriptor, that stay on the bus.
    def test_answers_that_nobody_reads_leave_the_bus_to_others(self):
        with open_bus(self.bob) as flood, open_bus(self.alice) as victim:
            (path,) = call(flood, "Verify", "a{sv}", {})
            kind, _, sink = call(flood, "Next", path=path, interface="Operation")
            self.assertEqual(kind, "token-secret")
            with sink.to_file("wb", buffering=0) as file:
                file.write(b"pat1_x")
            for _ in range(30):
                for _ in range(20):
                    flood.send(call_of("Next", path=path, interface="Operation"))
                settle(victim)
                self.assertIsInstance(call(victim, "Status"), tuple)

    # Row P18: how much one account can make patd-auth do at once, also after being told to wait.
    def test_checks_of_one_account_are_few_at_a_time(self):
        own = self.own_patd()
        folder = own.make_folder("auth")
        with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as stack:
            listener.bind(f"{folder}/socket")
            os.chmod(f"{folder}/socket", 0o666)
            listener.listen(128)
            listener.settimeout(SECONDS)
            own.start(options=["--auth-socket", f"{folder}/socket"])
            for uid in (self.alice, self.bob):  # so that their accounts are known from then on
                self.assertEqual(ask_as(own.socket, uid, "get", *DEAR), {})
            flood = [stack.enter_context(connect(own.socket, self.bob)) for _ in range(32)]
            for one in flood:
                one.sendall(request("check", "user=bob", "password=wrong"))
            first = self.accept_step_up(listener, stack, "bob")
            victim = stack.enter_context(connect(own.socket, self.alice))
            victim.sendall(request("check", "user=alice", "password=right"))
            before = [first]
            while (begun := self.accept_step_up(listener, stack, None))[1] != "alice":
                before.append(begun)
            self.assertLessEqual(len(before), 3)
            for connection, _ in before:
                connection.sendall(b"R" + struct.pack(">H", 15) + b"Throttled 60000")
            for one in flood:
                self.assertEqual(read_reply(one)["error"], "Throttled")
            self.assertEqual(select.select([listener], [], [], 0)[0], [])

    def accept_step_up(self, listener, stack, expected):
        """A conversation that patd begins, and about whose password."""
        connection = stack.enter_context(listener.accept()[0])
        connection.settimeout(SECONDS)
        head = connection.recv(3, socket.MSG_WAITALL)
        begin = connection.recv(struct.unpack(">H", head[1:])[0], socket.MSG_WAITALL)
        if b"op=witness-read" in begin:  # at the start; nobody knows the answer here
            connection.close()
            return self.accept_step_up(listener, stack, expected)
        user = re.search(rb"^user=(.*)$", begin, re.MULTILINE)[1].decode()
        self.assertIn(expected, (None, user))
        return connection, user

    # Row D6: uids without an account, each with as many connections as it can have.
    def test_silent_strangers_close_nobodys_connection(self):
        with contextlib.ExitStack() as stack:
            for number in range(8 * 32):
                with contextlib.suppress(OSError):
                    stack.enter_context(connect(SOCKET, STRANGERS + number // 32))
            for _ in range(100):
                for uid in (self.alice, self.bob, 33, 0):
                    with connect(SOCKET, uid) as victim:
                        victim.sendall(request("capability"))
                        self.assertIsNotNone(read_reply(victim), "it was closed")

    # Row D19: wrong secrets with a token's id that somebody has seen.
    def test_strangers_write_few_rows_of_an_owner(self):
        wrong = wrong_secret(self.secret.split("_")[1])
        for number in range(200):
            answer = ask_as(SOCKET, STRANGERS + 100 + number, "verify", f"token={wrong}")
            self.assertEqual(answer["valid"], "0")
        with open_bus(0) as bus:
            (events,) = self.events_with(bus, "verify")
        # A minute may have ended meanwhile.
        self.assertLessEqual(len([event for event in events if event["outcome"][1] != "ok"]), 40)

    def events_with(self, bus, kind):
        """Its events, once there is one of this kind: they are gathered for a moment."""
        while True:
            (events,) = call(bus, "ListEvents", "a{sv}", {"limit": ("u", 1000)})
            if any(event["event"][1] == kind for event in events):
                return (events,)

    # Row P12: the look-ups do not show whether there is such a token.
    def test_a_wrong_secret_costs_the_same_whatever_its_token(self):
        own = self.own_patd()
        with self.stopped(self.patd.pid):
            own.adopt("/var/lib/patd", "/etc/patd/master.key")
        counts = own.make_folder("counts") + "/steps"
        with open(counts, "wb") as file:
            file.write(bytes(8))
        os.chmod(counts, 0o666)
        own.start(env={"LD_PRELOAD": count_steps, "COUNT_STEPS": counts, "ASAN_OPTIONS":
                       os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})
        known = wrong_secret(self.secret.split("_")[1])
        with connect(own.socket, 33) as connection:
            def steps_of(secret):
                with open(counts, "rb") as file:
                    before = struct.unpack("Q", file.read())[0]
                for _ in range(100):
                    self.assertEqual(ask(connection, "verify", f"token={secret}")["valid"], "0")
                with open(counts, "rb") as file:
                    return struct.unpack("Q", file.read())[0] - before

            steps = [steps_of(secret) for secret in (known, wrong_secret("0123456789")) * 2]
        self.assertGreater(steps[2], 0)
        self.assertEqual(steps[2], steps[3])

    # Row D19: a service with a name as long as a message allows.
    def test_a_long_text_loses_nobodys_last_use(self):
        stored = ask_as(SOCKET, self.bob, "store", "protocol=https", "host=used.example",
                        "username=bob", "password=bobs")
        self.assertEqual(stored, {})
        with connect(SOCKET, 33) as flood, connect(SOCKET, self.bob) as victim:
            with self.stopped(self.patd.pid):
                flood.sendall(request("verify", f"token={self.secret}", "service=" + "x" * 60000,
                                      "rhost=" + "y" * 60000))
                victim.sendall(request("get", "protocol=https", "host=used.example"))
            self.assertEqual(read_reply(flood)["valid"], "1")
            self.assertEqual(read_reply(victim)["password"], "bobs")
        # Uses are written within a second.
        with open_bus(self.bob) as bus:
            for _ in range(20_000):
                ((_, token),) = call(bus, "List")[0]
                if token["last-used-at"][1] != 0:
                    return
        self.fail("the last use is lost")

    # Row P15: checks that a service passes on are slowed down by their origin.
    def test_guesses_through_a_service_are_counted(self):
        where = ("service=sshd", "rhost=192.0.2.1")
        answers = [ask_as(SOCKET, 0, "check", "user=alice", "password=wrong", *where)["error"]
                   for _ in range(20)]
        self.assertEqual(answers[:5], ["WrongPassword"] * 5)
        self.assertIn("Throttled", answers)
        self.assertEqual(ask_as(SOCKET, 0, "check", "user=alice", f"password={RIGHT}",
                                "service=sshd", "rhost=192.0.2.2"), {"valid": "1"})

    # Row P11: a service learns nothing about a name.
    def test_names_answer_alike(self):
        answers = [ask_as(SOCKET, 0, "check", f"user={name}", "password=wrong", "rhost=192.0.2.9")
                   for name in ("nobody-has-this", "bob", "alice")]
        self.assertEqual(answers[0]["error"], "WrongPassword")
        self.assertEqual(answers, answers[:1] * 3)

    # Row D9: as many connections as there are descriptors, and more.
    def test_without_descriptors_who_comes_is_told_so(self):
        own = self.own_patd()
        patd = own.start()
        if patd.is_sanitized():
            self.skipTest("UBSan looks at memory through a pipe, and needs descriptors itself")
        # As patd itself: a container's root may not set others' limits.
        subprocess.run(["setpriv", "--reuid=patd", "--regid=patd", "--clear-groups", "prlimit",
                        f"--pid={patd.pid}", "--nofile=64:64"], check=True)
        with contextlib.ExitStack() as stack:
            silent = [stack.enter_context(connect(own.socket, uid))
                      for uid in (self.alice, self.bob, 33, 0) for _ in range(20)]
            # Before silent connections are closed for being silent.
            self.assertTrue(select.select(silent, [], [], 5)[0], "it waits for nothing")
        # Whoever is closed unanswered asks again: patd may notice later that the others are gone.
        answer = None
        for _ in range(1000):
            with contextlib.suppress(ConnectionError):
                answer = answer or ask_as(own.socket, self.alice, "capability")
        self.assertIn("version", answer)

    # Row D9: taking all places leaves what patd needs to serve others.
    def test_connections_leave_patd_descriptors(self):
        own = self.own_patd()
        patd = own.start("prlimit", "--nofile=80:80", "--")
        with contextlib.ExitStack() as stack:
            for uid in (self.alice, self.bob, 33, 0) * 20:
                stack.enter_context(connect(own.socket, uid))
            self.assertIn("version", ask_as(own.socket, self.carol, "capability"))
            self.assertLessEqual(patd.descriptors(), 64)

    # Row D20: a call that changes something only the first time.
    def test_a_flood_of_locks_is_written_once(self):
        with open_bus(self.carol) as bus:
            lock = call_of("Lock", flags=MessageFlag.no_reply_expected).serialise(serial=77)
            bus.sock.sendall(lock * 5000)
            settle(bus)
            self.assertEqual(call(bus, "Lock"), ())
            (events,) = self.events_with(bus, "lock")
            self.assertEqual([event["event"][1] for event in events].count("lock"), 1)

    # Row D2: calls whose sender wants no answer. There is no answer to count, so a request on the
    # line socket must be answered before the call that follows the flood.
    def test_calls_without_an_answer_cost_little(self):
        for member, count, *arguments in (
                ("Status", CALLS), ("Lock", CALLS), ("ListEvents", CALLS, "a{sv}", {}),
                ("Create", CALLS, "sasa{sv}", "x", ["vcs"], {}),
                ("Subscribe", CALLS), ("Cut", CALLS, "s", "0123456789"),
                ("Create", LARGE_CALLS, "sasa{sv}", "x" * LARGE, ["vcs"], {})):
            with self.subTest(member, count=count):
                self.flood_without_answers(call_of(
                    member, *arguments, flags=MessageFlag.no_reply_expected), count)

    def flood_without_answers(self, message, count):
        with open_bus(self.carol) as flood, open_bus(self.alice) as victim, \
                connect(SOCKET, self.alice) as line:
            for bus in (flood, victim):
                call(bus, "Status")  # patd knows them both
            self.patd.forget_peak()
            before = self.measure()
            with self.stopped(self.patd.pid):
                flood.sock.sendall(message.serialise(serial=77) * count)
                settle(flood)
                flood.send(call_of("ListPermissions"))
                settle(flood)
                victim.send(call_of("Status"))
                settle(victim)
                line.sendall(request("capability"))
            self.assertTrue(select.select([line], [], [], SECONDS)[0], "the victim waits")
            with self.stopped(self.patd.pid):
                self.assertIn("version", read_reply(line))
                self.assertEqual(select.select([flood.sock], [], [], 0)[0], [])
            victim.receive(timeout=SECONDS)
            flood.receive(timeout=SECONDS)
            memory, descriptors, written = (
                after - first for after, first in zip(self.measure(), before))
        if not self.patd.is_sanitized():  # ASan keeps what was freed for a while
            self.assertLess(memory, 8 << 10)
        self.assertLessEqual(descriptors, 4)
        self.assertLess(written, 1 << 18)

    def measure(self):
        """patd's greatest memory in KiB, its descriptors, and what it has written."""
        written = int(re.search(r"^wchar: (\d+)$", self.patd.read("io"), re.MULTILINE)[1])
        return self.patd.kib("VmHWM"), self.patd.descriptors(), written

    # Row D6: more at once than anybody needs, but all one's own.
    def test_who_asks_for_much_at_once_is_served(self):
        with contextlib.ExitStack() as stack:
            crowd = [stack.enter_context(connect(SOCKET, self.bob)) for _ in range(200)]
            for one in crowd[100:]:  # the others take their time
                one.sendall(request("get", "protocol=https", "host=none.example"))
            for one in crowd[100:]:
                self.assertEqual(read_reply(one), {})
            for one in crowd[:100]:
                self.assertEqual(ask(one, "get", "protocol=https", "host=none.example"), {})


if __name__ == "__main__":
    count_steps = sys.argv.pop(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    unittest.main()
