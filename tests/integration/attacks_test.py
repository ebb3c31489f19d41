# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Rows of docs/attack-table.md that show only with the real daemons together, or in what the kernel
says of them: descriptors, memory, processor time, signals. Runs inside of tools/play.sh, as root.
attacks_test.py NSS_HANG."""
import array
import contextlib
import ctypes
import errno
import os
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from jeepney import DBusAddress, DBusErrorResponse, MessageFlag, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg
from own_patd import (PLAY, SECONDS, OwnPatd, Process, as_uid, ask, ask_as, connect, find_process,
                      read_reply, request)

NAME = "org.patd.Tokens1"
ROOT = "/org/patd/Tokens1"
SOCKET = "/run/patd/socket"
PLACE = ("protocol=https", "host=git.example", "path=team/project.git")
RIGHT, WRONG = "the right one of this test", "a wrong one of this test"
nss_hang = ""


def call(bus, member, signature="", *arguments, interface="Manager", flags=0):
    """The answer's arguments, or the name of the error."""
    address = DBusAddress(ROOT, bus_name=NAME, interface=f"{NAME}.{interface}")
    message = new_method_call(address, member, signature or None, arguments)
    message.header.flags |= flags
    try:
        return unwrap_msg(bus.send_and_get_reply(message, timeout=SECONDS))
    except DBusErrorResponse as error:
        return error.name.rsplit(".", 1)[-1]


def open_bus(uid):
    with as_uid(uid):
        return open_dbus_connection("SYSTEM", enable_fds=True)


def expensive(patd, bound):
    return bound * 5 if patd.is_sanitized() else bound


def looks_into(pid):
    """Which of the ways into a process the kernel grants this one."""
    libc = ctypes.CDLL(None, use_errno=True)
    word = ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(word), 8)
    seize, pidfd_getfd = 0x4206, 438
    granted = []
    pidfd = os.pidfd_open(pid)
    for name, call in (("ptrace", lambda: libc.ptrace(seize, pid, None, None)),
                       ("process_vm_readv",
                        lambda: libc.process_vm_readv(pid, here, 1, here, 1, 0)),
                       ("pidfd_getfd", lambda: libc.syscall(pidfd_getfd, pidfd, 0, 0)),
                       ("mem", lambda: libc.open(f"/proc/{pid}/mem".encode(), os.O_RDONLY)),
                       ("environ", lambda: libc.open(f"/proc/{pid}/environ".encode(), 0))):
        if call() >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.EACCES):
            granted.append(name)
    os.close(pidfd)
    return granted


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name, *more in (("alice",), ("bob",), ("dynamic", "--uid=61184"),
                            ("last", "--uid=65519"), ("large", "--uid=4000000000")):
            subprocess.run(["useradd", "--no-log-init", "-M", *more, name], check=True,
                           stderr=subprocess.DEVNULL)
        cls.alice, cls.bob = (pwd.getpwnam(name).pw_uid for name in ("alice", "bob"))
        cls.patd, cls.patd_uid = Process(find_process("patd")), pwd.getpwnam("patd").pw_uid
        reader, writer = os.pipe()
        os.write(writer, f"{RIGHT}\n{RIGHT}\n".encode())
        os.close(writer)
        subprocess.run(["patctl", "admin", "passwd", "alice", "--password-fd", str(reader)],
                       pass_fds=(reader,), check=True, stdout=subprocess.DEVNULL)
        os.close(reader)
        stored = ask_as(SOCKET, cls.alice, "store", *PLACE, "username=alice", "password=alices")
        assert stored == {}, stored

    def own_patd(self):
        own = OwnPatd()
        self.addCleanup(own.remove)
        return own

    def settle(self, expected=0):
        """patd's descriptors; what it closes, it closes in one of its next turns."""
        with connect(SOCKET, self.alice) as connection:
            for _ in range(1000):
                ask(connection, "capability")
                if self.patd.descriptors() <= expected:
                    break
            return self.patd.descriptors()

    # Row D7: dribbling bytes cost only their own connections, after one deadline for a message.
    def test_who_dribbles_is_closed_and_others_are_served_meanwhile(self):
        slow = [connect(SOCKET, self.bob) for _ in range(32)]
        began = time.monotonic()
        for connection in slow:
            connection.sendall(b"patd=1\nop=")
        left = set(slow)
        while left:
            self.assertLess(time.monotonic() - began, 8)
            gone, _, _ = select.select(list(left), [], [], 0.2)
            for connection in gone:
                with contextlib.suppress(ConnectionResetError):  # for what it had not read yet
                    while connection.recv(4096):
                        pass
            left -= set(gone)
            for connection in left:
                with contextlib.suppress(OSError):  # closed since the check
                    connection.send(b"g")
            self.assertEqual(ask_as(SOCKET, self.alice, "get", *PLACE)["password"], "alices")
        for connection in slow:
            connection.close()

    # Row D8: the longest of everything, from all connections that one user has, stays in bounds.
    def test_huge_messages_cost_no_memory(self):
        self.patd.forget_peak()
        before = self.patd.kib("VmHWM")
        huge = [connect(SOCKET, self.bob) for _ in range(32)]
        for connection in huge:
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                while True:
                    connection.sendall(b"x" * 65536)
            connection.close()
        with open_bus(self.bob) as bus:
            for size in (1 << 20, 4 << 20, 16 << 20):
                answer = call(bus, "Create", "sasa{sv}", "x" * size, ["vcs"], {})
                self.assertIn(answer, ("MalformedRequest", "InvalidDescription", "LimitExceeded"))
        grown = self.patd.kib("VmHWM") - before
        self.assertLess(grown, expensive(self.patd, 64 << 10))
        self.assertEqual(ask_as(SOCKET, self.alice, "get", *PLACE)["password"], "alices")

    # Row D9: descriptors sent where none belongs, on both ways in.
    def test_descriptors_that_come_along_are_not_kept(self):
        with open("/dev/null", "rb") as file:
            numbers = array.array("i", [file.fileno()] * 16)
            sixteen = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
            self._pass_descriptors(sixteen, file)
            before = self.settle()
            for _ in range(20):
                self._pass_descriptors(sixteen, file)
        self.assertLessEqual(self.settle(before), before)

    def _pass_descriptors(self, sixteen, file):
        with connect(SOCKET, self.bob) as connection:
            for _ in range(50):
                connection.sendmsg([request("capability")], sixteen)
                self.assertIn("version", read_reply(connection))
            connection.sendmsg([b"patd=1\nop="], sixteen)  # and leaves
        with open_bus(self.bob) as bus:
            self.assertIsInstance(call(bus, "Expose", "ha{sv}", file, {}), str)
            self.assertIsInstance(call(bus, "Expose", "ha{sv}", file, {"x": ("h", file)}), str)
            self.assertIsInstance(call(bus, "Verify", "a{sv}", {"user": ("h", file)}), str)
            self.assertIsInstance(call(bus, "Status", "ah", [file] * 16), str)
            self.assertIsInstance(call(bus, "ExportKey", "h", file, interface="Admin"), str)

    # Row D11: the longest of every text that is parsed, in the shapes that hurt: never quadratic.
    def test_no_text_takes_longer_than_its_length(self):
        with connect(SOCKET, self.bob) as connection:
            for shape in ("/", "a/", "../", "%", "%2e", ",", "a,", "a:", ".", "a.", "[", " ", "_"):
                long = (shape * 60000)[:60000]
                for op, *attributes in (
                        ("get", *PLACE[:2], f"path={long}"), ("get", PLACE[0], f"host={long}"),
                        ("get", *PLACE, f"permission={long}"), ("get", *PLACE, f"audience={long}"),
                        ("get", *PLACE, f"state[]={long}"), ("verify", f"token=pat1_{long}"),
                        ("verify", f"tokens={long}"), ("verify", "token=x", f"permission={long}"),
                        ("verify", "token=x", f"audience=https://{long}")):
                    with self.bounded((op, *attributes)):
                        self.assertIsNotNone(ask(connection, op, *attributes))
        with open_bus(self.bob) as bus:
            for texts in (["a" * 60000] * 10, ["https://a.example/" + "a/" * 30000] * 10,
                          ["vcs"] * 20000, ["https://a.example"] * 20000, ["a:b:rw"] * 20000):
                for member, signature, *arguments in (
                        ("Create", "sasa{sv}", "x", texts, {}),
                        ("Create", "sasa{sv}", texts[0] * 10, ["vcs"], {}),
                        ("Create", "sasa{sv}", "x", ["vcs"], {"targets": ("as", texts)}),
                        ("Import", "sa{sv}", "x", {"targets": ("as", texts)}),
                        ("ImportMany", "aa{sv}", [{"targets": ("as", [text])} for text in texts]),
                        ("Explain", "sa{sv}", texts[0], {"permissions": ("as", texts)})):
                    with self.bounded((member, texts[0])):
                        call(bus, member, signature, *arguments)

    @contextlib.contextmanager
    def bounded(self, what):
        """Whatever patd does meanwhile takes no longer than a request may."""
        before = self.patd.cpu_seconds()
        yield
        taken = self.patd.cpu_seconds() - before
        self.assertLess(taken, expensive(self.patd, 0.2), [text[:30] for text in what])

    # Row D12: names of a directory service whose server is gone.
    def test_a_name_service_that_hangs_stops_nobody_who_is_known(self):
        shutil.copy(nss_hang, f"{PLAY}/lib/libnss_hang.so.2")
        with open("/etc/nsswitch.conf", encoding="utf-8") as file:
            before = file.read()
        self.addCleanup(self._write_nsswitch, before)
        self._write_nsswitch("passwd: files hang\n")
        own = self.own_patd()
        own.start(env={"LD_LIBRARY_PATH": f"{PLAY}/lib"})
        with connect(own.socket, self.alice) as alice, connect(own.socket, 54321) as stranger:
            self.assertEqual(ask(alice, "store", *PLACE, "username=alice", "password=a"), {})
            stranger.sendall(request("get", *PLACE))
            for _ in range(100):
                self.assertEqual(ask(alice, "get", *PLACE)["password"], "a")
                self.assertIn("version", ask_as(own.socket, self.bob, "capability"))
            self.assertEqual(select.select([stranger], [], [], 0)[0], [], "it did not hang")

    @staticmethod
    def _write_nsswitch(text):
        with open("/etc/nsswitch.conf", "w", encoding="utf-8") as file:
            file.write(text)

    # Row D13: clients that come and go leave nothing behind.
    def test_ten_thousand_connections_leave_nothing(self):
        self._come_and_go(2000, 20)
        descriptors, memory = self.settle(), self.patd.kib("VmRSS")
        self._come_and_go(10000, 100)
        self.assertLessEqual(self.settle(descriptors), descriptors)
        if not self.patd.is_sanitized():  # ASan keeps what was freed for a while
            self.assertLess(self.patd.kib("VmRSS") - memory, 1024)

    def _come_and_go(self, line, bus):
        for number in range(line):
            with connect(SOCKET, self.bob) as connection:
                if number % 4 != 0:  # every fourth says nothing
                    connection.sendall(request("get", *PLACE))
                if number % 2 == 0:  # every other one does not wait for its answer
                    continue
                read_reply(connection)
        for _ in range(bus):
            with open_bus(self.bob) as connection:
                self.assertEqual(call(connection, "List"), ([],))

    # Row D14: no user, and no other part of the service, can send patd a signal.
    def test_nobody_sends_patd_a_signal(self):
        for uid in (self.bob, self.alice, pwd.getpwnam("patd-auth").pw_uid, 65534):
            for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGHUP):
                with as_uid(uid), self.assertRaises(PermissionError):
                    os.kill(self.patd.pid, number)

    # Row M5: neither another user nor another process of patd's own looks into it.
    def test_nobody_looks_into_patd(self):
        with subprocess.Popen(["sleep", "infinity"], user=self.bob) as own:
            with as_uid(self.bob):
                self.assertIn("mem", looks_into(own.pid), "this is how it would succeed")
            own.kill()
        for uid in (self.bob, self.alice, pwd.getpwnam("patd-auth").pw_uid, self.patd_uid, 65534):
            with as_uid(uid):
                self.assertEqual(looks_into(self.patd.pid), [], uid)

    # Row M3: with a secret under way.
    def test_no_signal_makes_patd_write_a_core(self):
        for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT):
            own = self.own_patd()
            # In the build with ASan, it would take the signal first.
            patd = own.start(env={"ASAN_OPTIONS":
                                  os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0"})
            self.assertRegex(patd.read("limits"), r"Max core file size +0 +0 ")
            with connect(own.socket, self.alice) as connection:
                connection.sendall(b"patd=1\nop=store\npassword=under way\n")
                os.kill(patd.pid, number)
                ended = os.waitid(os.P_PID, patd.pid, os.WEXITED | os.WNOWAIT)
            self.assertEqual((ended.si_code, ended.si_status), (os.CLD_KILLED, number))

    # Row C13: root who was a user before is root; what the environment says of it means nothing.
    def test_who_became_root_is_root(self):
        told = {"SUDO_USER": "alice", "SUDO_UID": str(self.alice), "USER": "alice",
                "LOGNAME": "alice", "HOME": "/home/alice", "PATH": os.environ["PATH"]}
        request_of_git = "\n".join((*PLACE, "", ""))
        for identity, expected in (({"user": self.alice}, "password=alices\n"), ({}, "")):
            done = subprocess.run(["git-credential-pat", "get"], input=request_of_git, text=True,
                                  stdout=subprocess.PIPE, check=True, env=told, **identity)
            self.assertEqual("".join(re.findall("password=.*\n", done.stdout)), expected)

    # Row R3: a request that comes again makes no second token.
    def test_what_is_sent_again_makes_nothing_twice(self):
        place = ("protocol=https", "host=again.example", "username=alice")
        for _ in range(5):
            self.assertEqual(ask_as(SOCKET, self.alice, "store", *place, "password=once"), {})
        with open_bus(self.alice) as bus:
            (before,) = call(bus, "List")
            self.assertEqual(sum("again.example" in str(token) for token in before), 1)
            for _ in range(3):
                self.assertIsInstance(call(bus, "Create", "sasa{sv}", "x", ["vcs"], {}), tuple)
        with open_bus(self.alice) as bus:
            (after,) = call(bus, "List")
        self.assertEqual([token[0] for token in after], [token[0] for token in before])

    # Row O2: root's commands write nothing into directories of the service's accounts: they do what
    # they do where those cannot be written to.
    def test_roots_commands_write_nothing_that_is_the_services(self):
        folders = ("/var/lib/patd", "/var/lib/patd-auth", "/run/patd", "/run/patd-auth")
        alone = "".join(f"mount --bind {folder} {folder}; mount -o remount,bind,ro {folder}; "
                        for folder in folders)
        for command in ("admin list", f"admin backup {PLAY}/o2.backup", "audit --all",
                        f"admin export-key {PLAY}/o2.key",
                        "admin passwd bob --password-fd 0", "status",
                        f"admin restore {PLAY}/o2.backup"):
            done = subprocess.run(
                ["unshare", "-m", "bash", "-ec", f"{alone} "
                 "if touch /var/lib/patd/x 2>/dev/null; then exit 99; fi; "
                 f"exec patctl {command}"], input=f"{RIGHT}\n{RIGHT}\n", text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, (command, done.stdout))

    # Row D18: out of memory. What is refused or lost with the process was never acknowledged.
    def test_without_memory_nothing_acknowledged_is_lost(self):
        own = self.own_patd()
        patd = own.start()
        kept = self._store_until(own, 20)
        room = (patd.kib("VmSize") + 512) << 10
        # As patd itself: a container's root may not set others' limits.
        subprocess.run(["setpriv", "--reuid=patd", "--regid=patd", "--clear-groups", "prlimit",
                        f"--pid={patd.pid}", f"--as={room}"], check=True)
        long = []
        with contextlib.suppress(OSError):  # refused, or it has ended already
            for uid in (self.alice, self.bob, 0) * 20:
                long.append(connect(own.socket, uid))
                long[-1].sendall(request("capability", *(f"{i}={'x' * 1900}" for i in range(60))))
                long[-1].sendall(b"patd=1\nop=capability\nx=" + b"y" * 60000)
        kept |= self._store_until(own, 300, first=20)
        for connection in long:
            connection.close()
        self.assertTrue(own.ends() or len(kept) < 320 or own.said("bad_alloc"), "there was memory")
        own.kill()
        own.start()
        self.assertGreaterEqual(len(kept), 20)
        for number in sorted(kept):
            answer = ask_as(own.socket, self.alice, "get", "protocol=https",
                            f"host=h{number}.example")
            self.assertEqual(answer.get("password"), f"{number:01000}", number)

    def _store_until(self, own, count, first=0):
        """Numbers whose secrets patd said it keeps."""
        kept = set()
        for number in range(first, first + count):
            try:
                answer = ask_as(own.socket, self.alice, "store", "protocol=https",
                                f"host=h{number}.example", "username=alice",
                                f"password={number:01000}")
            except OSError:
                answer = None
            if answer == {}:
                kept.add(number)
            elif own.ends():
                break
        return kept

    # Row P16: only the right password itself, or time, ends a wait.
    def test_a_success_of_another_kind_ends_no_wait(self):
        alice = self.alice
        check = ("check", "user=alice")
        answers = [ask_as(SOCKET, alice, *check, f"password={WRONG}") for _ in range(6)]
        self.assertEqual(answers[0]["error"], "WrongPassword")
        self.assertEqual(answers[5]["error"], "Throttled")
        self.assertEqual(ask_as(SOCKET, alice, "get", *PLACE)["password"], "alices")
        self.assertEqual(ask_as(SOCKET, 0, *check, f"password={RIGHT}"), {"valid": "1"})
        with open_bus(alice) as bus:
            self.assertIsInstance(call(bus, "List"), tuple)
        self.assertEqual(ask_as(SOCKET, alice, *check, f"password={RIGHT}")["error"], "Throttled")
        for path in ("/var/lib/patd-auth", "/var/lib/patd-auth/attempts.db"):
            with as_uid(alice), self.assertRaises(PermissionError):
                os.open(path, os.O_RDWR if path.endswith(".db") else os.O_RDONLY)

    # Row P21: the process that parses hostile input neither reaches a hash nor ever held one.
    def test_patd_knows_no_hash(self):
        ask_as(SOCKET, 0, "check", "user=alice", f"password={RIGHT}")
        folder = "/var/lib/patd-auth"
        hashes = {found for base, _, names in os.walk(folder) for name in names
                  for found in re.findall(rb"\$y\$[!-~]{20,}", self._bytes_of(f"{base}/{name}"))}
        self.assertTrue(hashes)
        with as_uid(pwd.getpwnam("patd").pw_uid), self.assertRaises(PermissionError):
            os.listdir(folder)
        searched = 0
        for piece in self.patd.memory():
            searched += len(piece)
            for found in hashes:
                self.assertNotIn(found, piece)
        self.assertGreater(searched, 1 << 20)

    @staticmethod
    def _bytes_of(path):
        with open(path, "rb") as file:
            return file.read()

    # Rows A14, A15, A21: the same decisions on both ways in, for every kind of uid.
    def test_both_ways_in_decide_alike(self):
        for uid, anyone, owner in (
                (0, True, True), (33, True, True), (self.alice, True, True), (61184, True, False),
                (65519, True, False), (65534, False, False), (4000000000, True, True)):
            with connect(SOCKET, uid) as line, open_bus(uid) as bus:
                for by_line, by_bus, granted in (
                        (("verify", "token=x"), ("ListPermissions",), anyone),
                        (("get", *PLACE), ("List",), owner),
                        (("store", *PLACE, "state[]=x"), ("Explain", "sa{sv}", "x", {}), owner),
                        (("erase", *PLACE, "state[]=x"), ("ListEvents", "a{sv}", {"x": ("s", "")}),
                         owner)):
                    said = [ask(line, *by_line).get("error"), call(bus, *by_bus)]
                    self.assertEqual([answer == "AccessDenied" for answer in said],
                                     [not granted] * 2, (uid, by_line[0], by_bus[0], said))

    # Row A15: from another user namespace every stranger looks like the overflow uid.
    def test_who_has_no_uid_here_gets_nothing(self):
        own = self.own_patd()
        alone = ("unshare", "--user", "--map-current-user")
        with self.assertRaises(ConnectionError):  # there, root's files do not belong to root
            own.start(*alone)
        empty = own.make_folder("empty")
        own.start(*alone, options=["--config-root", empty])
        for op, *attributes in (("get", *PLACE), ("verify", "token=x"), ("capability",),
                                ("store", *PLACE, "username=a", "password=b"),
                                ("check", "user=alice", "password=x")):
            for uid in (self.alice, 0):
                answer = ask_as(own.socket, uid, op, *attributes)
                self.assertEqual(answer["error"], "AccessDenied", op)

    # Row A19: a connection belongs to whoever made it, whoever holds it now.
    def test_a_connection_that_is_passed_on_stays_its_makers(self):
        for maker, holder, expected in ((self.alice, self.bob, "alices"),
                                        (self.bob, self.alice, None), (self.bob, 0, None)):
            ours, theirs = socket.socketpair()
            with connect(SOCKET, maker) as connection, ours, theirs:
                socket.send_fds(ours, [b"x"], [connection.fileno()])
                _, (passed,), _, _ = socket.recv_fds(theirs, 1, 1)
            with as_uid(holder), socket.socket(fileno=passed) as connection:
                connection.settimeout(SECONDS)
                answer = ask(connection, "get", *PLACE)
            self.assertEqual(answer.get("password"), expected, (maker, holder))

    # Row A20: patd never asks anybody by itself: a client fetches prompts with Next. So the flag
    # that forbids prompts changes no answer, and nothing waits for a person.
    def test_no_call_asks_a_person_whatever_its_flags_say(self):
        kinds = []
        for flags in (0, MessageFlag.allow_interactive_authorization):
            with open_bus(self.alice) as bus:
                answers = [call(bus, *arguments, flags=flags) for arguments in (
                    ("Create", "sasa{sv}", "x", ["vcs"], {}), ("RemoveAll",),
                    ("Unlock", "a{sv}", {}), ("SetServicePassword",))]
                self.assertTrue(all(isinstance(answer, tuple) for answer in answers), answers)
                kinds.append([type(answer) for answer in answers])
        self.assertEqual(kinds[0], kinds[1])


if __name__ == "__main__":
    nss_hang = sys.argv.pop(1)
    unittest.main()
