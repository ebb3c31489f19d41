#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""counts_test.py helper|get|verify: what these cost in system calls, page faults and instructions,
each with a bound, so that a change that makes them dearer is noticed on any machine.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(os.environ["PATD_BUILD_DIR"])
CALLS = 200
# valgrind makes a program some forty times slower.
FEW, MANY = 20, 120
DOCUMENT = "docs/performance.md, Counts"

# At most so many of each: some 15 % above what was counted on 29 November 2026 with g++ 12, since
# another compiler or library may need a few more. A change that lowers a count lowers the bound.
BOUNDS = {
    # A whole process. Counted: 28, 13, 31,406.
    "helper": {"system calls": 30, "page faults": 16, "instructions": 36_000},
    # patd, for one of many on a connection that is kept. Counted: 5.0, 0.0, 103,544.
    "get": {"system calls": 6, "page faults": 2, "instructions": 121_000},
    # patd, with a connection of its own for each, as git's helper asks. Counted: 12.0, 0.0,
    # 105,163.
    "one-shot get": {"system calls": 14, "page faults": 2, "instructions": 122_000},
    # patd, of a token, on a connection that is kept. Counted: 3.0, 0.0, 22,868.
    "verify": {"system calls": 4, "page faults": 1, "instructions": 26_500},
    # The same of 256 secrets in one request. Counted: 6.0, 0.0, 2,819,842.
    "verify of 256": {"system calls": 7, "page faults": 1, "instructions": 3_240_000},
}
LOOK = {
    "system calls": "strace -f -c (or -o FILE) says which",
    "page faults": "perf record -c 1 -e page-faults -d says where",
    "instructions": "valgrind --tool=callgrind and callgrind_annotate say where",
}


def built(path):
    return os.path.join(BUILD, path)


class Patd:
    """A patd of this build, perhaps inside another program."""

    def __init__(self, directory, wrapper=()):
        self.directory = directory
        self.socket = os.path.join(directory, "socket")
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(os.path.join(directory, "ready"))
        ready.settimeout(60)
        nobody = os.path.join(directory, "nobody")
        self.process = subprocess.Popen(
            [*wrapper, built("daemon/patd"), "--state-dir", os.path.join(directory, "state"),
             "--socket", self.socket, "--auth-socket", nobody, "--enroll-socket", nobody,
             "--counter-socket", nobody, "--master-key", os.path.join(directory, "key"),
             "--bus-address", "none"],
            env={"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": ready.getsockname()},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with ready:
            while b"READY=1" not in ready.recv(4096):
                pass
        os.unlink(os.path.join(directory, "ready"))

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(60)
        connection.connect(self.socket)
        return connection

    def stop(self):
        """What it and its wrapper said."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[1]


class Asker:
    """Asks the same over and over."""

    def __init__(self, patd, request, expected, is_kept):
        self.patd, self.request, self.expected = patd, request.encode(), expected.encode()
        self.kept = patd.connect() if is_kept else None

    def ask(self, count):
        for _ in range(count):
            connection = self.kept or self.patd.connect()
            connection.sendall(self.request)
            answer = b""
            while not answer.endswith(b"\n\n"):
                more = connection.recv(65536)
                if not more:
                    sys.exit("patd closed the connection")
                answer += more
            if self.expected not in answer:
                sys.exit("patd gave a wrong answer")
            if not self.kept:
                connection.close()


def calls_in(summary):
    """The calls in the last line of strace -c; how many columns it has depends on errors."""
    (total,) = [line.split() for line in summary.splitlines() if line.endswith(" total")]
    return int(total[3])


def instructions_in(text):
    return int(re.search(r"Collected : (\d+)", text).group(1))


def callgrind(directory):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/callgrind.out"]


def count_calls(patd, asker):
    """Through strace, which says on standard error when it is there."""
    with subprocess.Popen(["strace", "-f", "-c", "-p", str(patd.process.pid)],
                          stderr=subprocess.PIPE, text=True) as tracer:
        if "attached" not in tracer.stderr.readline():
            sys.exit("strace cannot attach")
        asker.ask(CALLS)
        tracer.send_signal(signal.SIGINT)
        return calls_in(tracer.stderr.read()) / CALLS


def faults_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rsplit(")", 1)[1].split()[7])


def count_of_patd(directory, request, expected, is_kept):
    counted = {}
    patd = Patd(directory)
    asker = Asker(patd, request, expected, is_kept)
    asker.ask(CALLS)
    before = faults_of(patd.process.pid)
    asker.ask(CALLS)
    counted["page faults"] = (faults_of(patd.process.pid) - before) / CALLS
    # What patd does once a second is counted too, and most where the machine is slow.
    counted["system calls"] = min(count_calls(patd, asker) for _ in range(3))
    patd.stop()
    totals = []
    for count in (FEW, MANY):
        patd = Patd(directory, callgrind(directory))
        Asker(patd, request, expected, is_kept).ask(count)
        totals.append(instructions_in(patd.stop()))
    counted["instructions"] = (totals[1] - totals[0]) / (MANY - FEW)
    return counted


def run_helper(directory, wrapper, text):
    done = subprocess.run([*wrapper, built("bench/git-credential-pat-bench"), "get"],
                          cwd=directory, input=text, capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin"}, timeout=60)
    if "password=" not in done.stdout:
        sys.exit("the helper gave no password")
    return done.stderr


def faults_of_helper(directory, text):
    """As perf counts them: not those of who starts it. Random addresses move them by one or two."""
    found = []
    for _ in range(9):
        said = run_helper(directory, ["perf", "stat", "-x,", "-e", "page-faults"], text)
        found.append(int(said.strip().splitlines()[-1].split(",")[0]))
    return sorted(found)[len(found) // 2]


def count_of_helper(directory, host):
    text = f"protocol=https\nhost={host}\n"
    patd = Patd(directory)
    counted = {
        "system calls": calls_in(run_helper(directory, ["strace", "-f", "-c"], text)),
        "page faults": faults_of_helper(directory, text),
        "instructions": instructions_in(run_helper(directory, callgrind(directory), text)),
    }
    patd.stop()
    return counted


def judge(name, counted):
    """Whether all are within their bounds; says what is not."""
    good = True
    for what, bound in BOUNDS[name].items():
        print(f"{name}: {counted[what]:.1f} {what}, at most {bound}")
        if counted[what] > bound:
            good = False
            print(f"TOO MANY: {name} needs {counted[what]:.1f} {what}, and may need {bound} "
                  f"(BOUNDS in tests/performance/counts_test.py). {LOOK[what]}; {DOCUMENT}.")
    return good


def of_many(verify):
    """The same, of 256 secrets in one request."""
    return re.sub(r"(?m)^token=(.*)$", lambda one: "tokens=" + " ".join([one[1]] * 256), verify)


def main():
    what = sys.argv[1]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        said = subprocess.run([built("bench/fill_store"), directory], check=True, text=True,
                              stdout=subprocess.PIPE)
        requests = json.loads(said.stdout)
        if what == "helper":
            good = judge("helper", count_of_helper(directory, requests["host"]))
        else:
            expected = {"get": "password=patc1_", "verify": "valid=1"}[what]
            good = judge(what, count_of_patd(directory, requests[what], expected, True))
            if what == "get":
                good &= judge("one-shot get",
                              count_of_patd(directory, requests[what], expected, False))
            else:
                good &= judge("verify of 256", count_of_patd(
                    directory, of_many(requests[what]), "result[]=valid", True))
    sys.exit(0 if good else 1)


main()
