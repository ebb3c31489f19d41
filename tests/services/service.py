# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What is asked of every service that takes tokens."""
import re
import time
from concurrent.futures import ThreadPoolExecutor

from example import Example
from processes import PlayError, expect

AT_ONCE = 8
WAIT_SECONDS = 60
LESS = "collaboration:issue:ro"
ELSEWHERE = "https://elsewhere.example"
EXPIRED = "1"  # the second day of 1970; 0 means never to some, shadow(5)


class Service:
    name = ""  # as in the README
    examples = ()  # the files of docs/examples/pam, the PAM stack first
    packages = ()  # of the client
    machine_options = ()  # of systemd-nspawn
    newer = False  # the packages of its examples are those of the Debian after 12, in NEWER
    port = 0  # where it listens, which shows when it is up
    seconds_after_delete = 0  # how long it still takes a deleted token, according to its example
    kept = None  # (shell commands that make it keep a yes, words of doctor's finding)
    denied = ""  # the file of those whom its packaged PAM stack keeps out
    spoiled = ()  # more checks, of fixes.py and kept_out.py
    asks_of_accounts = True  # not if it may not read /etc/shadow, as its example says
    takes_login_password = False  # besides tokens, according to its example

    def __init__(self):
        self.files = [Example(name) for name in self.examples]

    @property
    def stack(self):
        return self.files[0]

    def prepare(self, machine):
        """Sets up what a real one has besides the examples."""

    def knock(self, machine, user, secret, source):
        """Whether the service lets `user` in with `secret`, who comes from the address `source`. An
        answer of any other kind is a PlayError."""
        raise NotImplementedError

    def keeps_out(self, machine, user, secret, source):
        """Whether it refuses a good token of somebody whose account may not come in: some services
        have other words for that than for a wrong secret."""
        return not self.knock(machine, user, secret, source)

    def units(self):
        """Those that the examples restart."""
        found = []
        for file in self.files:
            for command in file.commands:
                match = re.match(r"sudo systemctl (?:restart|reload) (.+)", command)
                found += match.group(1).split() if match else []
        return found

    def install(self, machine):
        for file in self.files:
            file.install(machine)
        self.prepare(machine)
        for file in self.files:
            for command in file.commands:
                machine.must("sh", "-c", command)
                if "alice" in command:
                    machine.must("sh", "-c", command.replace("alice", "bob"))
        self.await_up(machine)

    def await_up(self, machine):
        await_port(machine, self.port)

    def change(self, machine, command):
        """Runs a command that ends with a restart or reload of it, and waits until the change is in
        force. A reload returns before that."""
        machine.must("sh", "-c", command)
        self.await_up(machine)

    def stop(self, machine):
        machine.run("systemctl", "stop", *self.units())


def await_port(machine, port):
    """Waits until somebody listens there: not every unit is up when it says so."""
    listens = re.compile(rf":{port:04X} 0+:0000 0A ")
    wait_until(lambda: listens.search(machine.must("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6")),
               f"nobody listens at port {port}")


def await_socket(machine, path):
    """The same for a socket in the file system."""
    listens = re.compile(rf" 00010000 .* {path}$", re.MULTILINE)
    wait_until(lambda: listens.search(machine.must("cat", "/proc/net/unix")),
               f"nobody listens at {path}")


def wait_until(true, otherwise):
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        if time.monotonic() > end:
            raise PlayError(otherwise)
        time.sleep(0.1)


def child_of(site, permission, target):
    outcome = site.patctl(site.alice, "get", "-p", permission, "-t", target)
    expect(outcome.status == 0 and outcome.output.startswith("patc1_"), outcome.status)
    return site.new_secret(outcome.output.strip())


def play(service, site):
    """A token's whole life at a service."""
    service.install(site.machine)
    permission, target = service.stack.told()
    identifier, token = site.create(site.alice, service.name, "-p", permission, "-t", target)
    try:
        child = child_of(site, permission, target)
        play_with_a_live_token(service, site, token, child)
    finally:
        site.delete(site.alice, identifier)
    # The service has seen both a moment ago.
    expect_all_refused(service, site, {"the deleted token": ("alice", token),
                                       "its child": ("alice", child)}, service.seconds_after_delete)


def play_with_a_live_token(service, site, token, child):
    machine = site.machine

    def lets_in(secret):
        return service.knock(machine, "alice", secret, "127.0.0.1")

    expect(lets_in(token), "the token is refused")
    expect(lets_in(child), f"its child of {len(child)} bytes is refused")
    let_in_eight_at_once(lets_in, token, child)
    let_in_while_patd_is_restarted(machine, lets_in, token, child)
    if service.asks_of_accounts:
        keep_out_while_the_account_has_expired(service, machine, token, child)
    permission, target = service.stack.told()
    less, for_less = site.create(site.alice, "for less", "-p", LESS, "-t", target)
    away, for_another = site.create(site.alice, "elsewhere", "-p", permission, "-t", ELSEWHERE)
    wrong = {"alice's token, shown by bob,": ("bob", token),
             "alice's child, shown by bob,": ("bob", child),
             "a damaged token": ("alice", damaged(token)),
             "a token that may do something else": ("alice", for_less),
             "a token for another service": ("alice", for_another),
             "the login password": ("alice", site.alice.login_password)}
    if service.takes_login_password:
        expect(service.knock(machine, *wrong.pop("the login password"), "127.0.0.1"),
               "the login password is refused")
    expect_all_refused(service, site, wrong)
    site.delete(site.alice, less)
    site.delete(site.alice, away)
    expect(lets_in(token) and lets_in(child), "after what was refused a good one is refused")


def let_in_eight_at_once(lets_in, token, child):
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lets_in, [token, child] * (AT_ONCE // 2)))
    expect(all(answers), f"of eight at once are let in: {answers}")


def let_in_while_patd_is_restarted(machine, lets_in, token, child):
    with ThreadPoolExecutor(AT_ONCE) as threads:
        restart = threads.submit(machine.must, "systemctl", "restart", "patd.service")
        answers = list(threads.map(lets_in, [token, child] * 2))
        restart.result()
    expect(all(answers), f"of four while patd is restarted are let in: {answers}")


def keep_out_while_the_account_has_expired(service, machine, token, child):
    """As the system's own rules do, which a token does not overrule."""
    machine.must("chage", "-E", EXPIRED, "alice")

    def is_out(secret, source):
        return service.keeps_out(machine, "alice", secret, source)

    try:
        until_each({"alice's token after her account has expired": (token,),
                    "alice's child after her account has expired": (child,)},
                   is_out, service.seconds_after_delete, "127.0.2")
    finally:
        machine.must("chage", "-E", "-1", "alice")


def expect_all_refused(service, site, wrong, seconds=0):
    """Each of {what it is: (user, secret)}, `seconds` from now at the latest."""
    def is_refused(user, secret, source):
        return not service.knock(site.machine, user, secret, source)

    until_each(wrong, is_refused, seconds)


def until_each(wrong, is_out, seconds, network="127.0.1"):
    """All of {what it is: arguments of is_out}, together and from different addresses: some
    services make an address wait after a failure. What was begun in time may be taken."""
    end = time.monotonic() + seconds

    def try_it(number, what):
        while True:
            began = time.monotonic()
            if is_out(*wrong[what], f"{network}.{number}"):
                return
            if began >= end:
                raise PlayError(f"{what} is taken")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(try_it, range(1, len(wrong) + 1), wrong))


def damaged(token):
    """A token of the right form that was never made."""
    middle = len(token) // 2
    other = "a" if token[middle] != "a" else "b"
    return token[:middle] + other + token[middle + 1:]
