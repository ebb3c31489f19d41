# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Attacks a whole private patd with bus_fuzzer or line_fuzzer, as root or as ordinary users, and
then checks whether anything was harmed. Needs root. tools/hostile.sh starts it."""
import argparse
import glob
import os
import pwd
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f"{CHECKOUT}/tools/lib")
# pylint: disable=wrong-import-position
from accounts import ensure_account
from namespace import bind, run_isolated
from playground import BUS_CONFIG, PLAY, Playground
from processes import PlayError, expect

SETTLE_SECONDS = 20  # for what a client left behind to be closed: more than any deadline of a line
LAZY_DESCRIPTORS = 6  # what a first use opens for good: SQLite's spare ones, an executor's event
GRACE_SECONDS = 90   # for a fuzzer's last round
REPORT_BYTES = 4000
STRANGER = 40001     # a uid without an account

# What no log may contain, and what a sanitizer prints.
SECRETS = re.compile(rb"pat1_[0-9A-Za-z]{6,}_[0-9A-Za-z]{20}|patc1_[0-9A-Za-z_-]{40}")
REPORTS = re.compile(rb"(AddressSanitizer|LeakSanitizer|runtime error:|terminate called)")

# Every user may send everything to everybody, even answers that nobody asked for: the worst case.
OPEN_POLICY = """  <policy context="mandatory">
    <allow send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="false" send_type="method_return"/>
    <allow send_requested_reply="false" send_type="error"/>
    <allow receive_requested_reply="false" receive_type="method_return"/>
    <allow receive_requested_reply="false" receive_type="error"/>
  </policy>
</busconfig>
"""


@dataclass
class Attacker:
    account: pwd.struct_passwd
    password: str


class Target(Playground):
    """A machine whose bus lets everything through."""

    def build_up(self):
        super().build_up()
        with open(f"{PLAY}/bus.conf", "w", encoding="utf-8") as file:
            file.write(BUS_CONFIG.format(play=PLAY).replace("</busconfig>\n", OPEN_POLICY))

    @property
    def daemon(self):
        return next(pid for pid, name in self._services.items() if name == "patd")

    def environment_of(self, account, password):
        return self._environment | {
            "PATH": f"{PLAY}/bin:{self._environment['PATH']}", "HOME": account.pw_dir,
            "TMPDIR": account.pw_dir, "PATD_PLAY_PASSWORD": password,
            "PYTHONDONTWRITEBYTECODE": "1"}

    def begin(self, argv, account, password, **streams):
        return subprocess.Popen(argv, env=self.environment_of(account, password), cwd="/",
                                user=account.pw_uid, group=account.pw_gid, extra_groups=[],
                                **streams)


def count_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def stranger_account():
    home = f"{PLAY}/home/stranger"
    os.mkdir(home, 0o700)
    os.chown(home, STRANGER, STRANGER)
    return pwd.struct_passwd(("stranger", "x", STRANGER, STRANGER, "", home, "/bin/sh"))


def attackers(target, kind, who):
    """Root, or several at once: an account, a system account, and, where the bus does not keep such
    away by itself, a uid without an account."""
    if who == "root":
        return [Attacker(pwd.getpwuid(0), target.give_password("root"))]
    mallory = ensure_account("mallory", f"{PLAY}/home/mallory", system=False)
    service = ensure_account("patd-fuzz", f"{PLAY}/home/patd-fuzz", system=True)
    os.mkdir(service.pw_dir, 0o700)
    os.chown(service.pw_dir, service.pw_uid, service.pw_gid)
    strangers = [] if kind == "bus" else [Attacker(stranger_account(), "")]
    return [Attacker(mallory, target.give_password("mallory")), Attacker(service, ""), *strangers]


def show(source, target, mode):
    """Binds a file of the checkout or the build to a place that every uid can reach."""
    expect(os.path.isfile(source), f"{source} is not there")
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, mode))
    bind(source, target)


def look_at_logs(passwords):
    """Faults that the daemons' logs show."""
    faults = []
    for path in glob.glob(f"{PLAY}/log/*.log"):
        name = os.path.basename(path)
        with open(path, "rb") as file:
            log = file.read()
        report = REPORTS.search(log)
        if report:
            text = log[report.start():report.start() + REPORT_BYTES].decode(errors="replace")
            faults.append(f"{name}: {text}")
        if SECRETS.search(log) or any(word.encode() in log for word in passwords if word):
            faults.append(f"{name} holds a secret")
    return faults


def look_at_daemon(daemon, before):
    """Faults that the process shows: it ended, or it keeps descriptors."""
    if os.waitpid(daemon, os.WNOHANG) != (0, 0):
        return ["patd has ended"]
    deadline = time.monotonic() + SETTLE_SECONDS
    most = before + LAZY_DESCRIPTORS
    watch = os.pidfd_open(daemon)
    try:
        while count_descriptors(daemon) > most and time.monotonic() < deadline:
            if select.select([watch], [], [], 0.2)[0]:
                return ["patd has ended"]
    finally:
        os.close(watch)
    after = count_descriptors(daemon)
    kept = [os.readlink(f"/proc/{daemon}/fd/{fd}") for fd in os.listdir(f"/proc/{daemon}/fd")]
    return [f"patd keeps {after} descriptors, before {before}: {kept}"] if after > most else []


def begin_fuzzer(target, options, attacker, spared, words):
    name = f"{options.kind}_fuzzer"
    argv = [f"{PLAY}/bin/{name}", "--seed", str(options.seed), "--seconds", str(options.seconds),
            "--first", str(options.first), "--spare-uid", str(spared), "--password-in",
            "PATD_PLAY_PASSWORD"]
    argv += ["--rounds", str(options.rounds)] if options.rounds else []
    argv += ["--tell"] if options.tell else []
    return target.begin(argv + words, attacker.account, attacker.password)


def await_fuzzers(running, seconds):
    """Faults of those that ended badly, or not at all."""
    faults = []
    for process in running:
        try:
            if process.wait(seconds) != 0:
                faults.append(f"a fuzzer ended with status {process.returncode}")
        except subprocess.TimeoutExpired:
            process.kill()
            faults.append("a fuzzer hangs")
    return faults


def attack(target, options):
    """Starts the attackers and the victim, and waits for their end; returns the faults, and every
    secret that is in use."""
    spared = ensure_account("victoria", f"{PLAY}/home/victoria", system=False)
    password = target.give_password("victoria")
    victim = target.begin(["/usr/bin/python3", f"{PLAY}/lib/victim.py"], spared, password,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    secret = victim.stdout.readline().strip()
    expect(secret, "the victim cannot use patd")
    all_attackers = attackers(target, options.kind, options.who)
    daemon = target.daemon
    before = count_descriptors(daemon)
    # The victim is not named to root, who has the right to give it tokens.
    words = [secret.split("_")[1], *([] if options.who == "root" else [spared.pw_name])]
    running = [begin_fuzzer(target, options, attacker, spared.pw_uid, words)
               for attacker in all_attackers]
    faults = await_fuzzers(running, options.seconds + GRACE_SECONDS)
    victim.stdin.close()
    if victim.wait(GRACE_SECONDS) != 0:
        faults.append("the victim was harmed")
    secrets = [password, secret] + [attacker.password for attacker in all_attackers]
    return faults + look_at_daemon(daemon, before), secrets


def run(options):
    os.umask(0o022)
    target = Target(CHECKOUT, options.build)
    try:
        target.build_up()
        name = f"{options.kind}_fuzzer"
        show(f"{options.build}/tests/hostile/{name}", f"{PLAY}/bin/{name}", 0o755)
        show(f"{HERE}/victim.py", f"{PLAY}/lib/victim.py", 0o644)
        target.start()
        faults, secrets = attack(target, options)
        if not target.stop():
            faults.append("patd did not end well")
        faults += look_at_logs(secrets)
    except PlayError as error:
        print(f"hostile: {error}", file=sys.stderr)
        return 125
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    if faults:
        print(f"Again: tools/hostile.sh --as {options.who} --seed {options.seed} "
              f"--seconds {options.seconds} {options.kind}", file=sys.stderr)
    return 1 if faults else 0


def parse():
    parser = argparse.ArgumentParser(prog="hostile", description=__doc__)
    parser.add_argument("--build", default=os.environ.get("PATD_BUILD_DIR"), help="build directory")
    parser.add_argument("--as", dest="who", choices=("root", "ordinary"), default="ordinary")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="ROUND")
    parser.add_argument("--rounds", type=int, default=0, help="at most so many")
    parser.add_argument("--tell", action="store_true", help="how often each outcome was seen")
    parser.add_argument("kind", choices=("bus", "line"))
    options = parser.parse_args()
    if not options.build:
        parser.error("--build or PATD_BUILD_DIR must name the build")
    return options


if __name__ == "__main__":
    parsed = parse()
    sys.exit(run_isolated(lambda: run(parsed)))
