#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Real tools ask a real patd for their tokens, through the helper under its other names, and use
them at servers that ask patd whom they let in. Every tool goes through the same cases.
Runs inside tools/play.sh, as root: tool_test.py [--absent-is-fine] [--tree DIR]
[--newer CACHE] [--case CASE]... [TOOL]..."""
import argparse
import importlib
import subprocess
import sys
import time
import traceback
from glob import glob
from os.path import basename, dirname

sys.path.insert(0, dirname(__file__))
import bad_input  # noqa: E402: the path comes first
from tool import TOOLS  # noqa: E402
from world import World  # noqa: E402: and finds tests/integration
import newer_programs  # noqa: E402

FOREIGN = "of-another-server-"
AT_ONCE = 8
TIMES_OUT = 124


def expect(is_true, what):
    if not is_true:
        raise AssertionError(what)


class Case:
    """One tool in one situation."""

    def __init__(self, world, tool_class, name):
        self.world, self.name = world, f"{tool_class.name}-{name}"
        self.tool = self.make(tool_class, "")

    def make(self, tool_class, suffix):
        tool = tool_class(self.world, self.world.home(self.name + suffix))
        if suffix:
            tool.server, tool.label = self.tool.server, getattr(self.tool, "label", "")
            tool.profile = getattr(self.tool, "profile", "")
        else:
            tool.server = tool.make_server()
        return tool

    def give(self):
        """A token of the kind that this tool takes."""
        if self.tool.kind == "imported":
            self.world.keep(self.tool.places(), self.tool.user, FOREIGN + self.name)
        else:
            self.world.create(self.tool.places())

    def start(self, tool=None, command=None, **options):
        tool = tool or self.tool
        argv, more = command or tool.command()
        return self.world.start(tool.home, ["timeout", "-k", "1", str(tool.seconds), *argv], more,
                                **options)

    def end(self, process):
        text, _ = process.communicate()
        expect(process.returncode != TIMES_OUT, f"it does not end: {text}")
        for secret in self.world.secrets:
            expect(secret not in text, "a secret is shown")
        return process.returncode, text

    def run(self, **options):
        return self.end(self.start(**options))

    def expect_let_in(self, status, text):
        expect(status == 0, f"status {status}: {text}")
        if self.tool.server:
            expect("accepted" in self.tool.server.verdicts(), f"nobody was let in: {text}")
            kinds = {kind for kind, _ in self.world.kinds.values()}
            expect(kinds == {self.tool.kind}, f"its server was sent {kinds}")

    def expect_nothing_sent(self, status, text):
        expect(status != 0, f"it ended well: {text}")
        expect(not self.world.kinds, f"its server was sent {self.world.kinds.values()}")

    def expect_told(self, text, words):
        """The reason, as often as this tool says it; never, if it says none."""
        flat = " ".join(text.replace("│", " ").split())
        said = flat.count(words)
        most = self.tool.shows_at_most
        expect(1 <= said <= most if self.tool.shows else said == 0,
               f"'{words}' is said {said} times: {text}")


def found(case):
    case.give()
    case.tool.configure()
    case.expect_let_in(*case.run())
    case.tool.after_found(case)
    audit = case.world.must("audit", "--limit", "30")
    expect(f"alice, {case.tool.adapter} " in audit, f"the audit log does not name it: {audit}")


def none(case):
    case.tool.configure()
    case.expect_nothing_sent(*case.run())


def public(case):
    if not case.tool.is_usable_alone:
        return
    case.tool.server.is_public = True
    case.tool.configure()
    status, text = case.run()
    expect(status == 0, f"a public server is not usable: {text}")


def locked(case):
    case.give()
    case.tool.configure()
    case.world.must("lock")
    status, text = case.run()
    case.expect_nothing_sent(status, text)
    case.expect_told(text, "patctl unlock")


def expired(case):
    """In the middle of the first run; the second is told so."""
    case.give()
    case.tool.configure()
    (token,) = case.world.ids()

    def expire():
        deadline = time.monotonic() + case.tool.seconds
        seconds = 1
        while case.world.patctl("edit", token, "--expires", f"{seconds}s").returncode != 0:
            seconds *= 2  # over before the password was checked
            expect(time.monotonic() < deadline, "its expiry cannot be changed")
        while "expired" not in case.world.must("list"):
            expect(time.monotonic() < deadline, "it does not expire")

    if case.tool.server and case.tool.kind == "child":
        case.tool.server.after_first = expire
        case.run()
        expect(case.tool.server.after_first is None, "nobody was let in")
    else:
        expire()
    case.world.kinds.clear()
    status, text = case.run()
    case.expect_nothing_sent(status, text)
    case.expect_told(text, "has expired")


def wrong(case):
    if not case.tool.server:
        return
    case.give()
    case.tool.configure()
    case.world.refuses = True
    case.tool.server.keys.clear()
    status, text = case.run()
    expect(status != 0, f"it ended well: {text}")
    expect(case.tool.server.verdicts() & {"refused"}, f"no token was sent: {text}")
    expect(len(case.tool.server.log) < 20, f"it asked {len(case.tool.server.log)} times")


def accounts(case):
    for user in ("alice", "robot"):
        case.world.keep(case.tool.places(), user, f"{FOREIGN}{case.name}-{user}")
    case.tool.configure("robot")
    status, text = case.run()
    if not case.tool.names_user:
        case.expect_nothing_sent(status, text)
        case.expect_told(text, "fit equally well")
        return
    expect(status == 0, f"status {status}: {text}")
    expect(set(case.world.kinds) == {f"{FOREIGN}{case.name}-robot"}, "the other one was sent")


def eight(case):
    case.give()
    tools = [case.make(type(case.tool), f"-{number}") for number in range(AT_ONCE)]
    for tool in tools:
        tool.configure()
    for process in [case.start(tool) for tool in tools]:
        case.expect_let_in(*case.end(process))


def exposed(case):
    case.give()
    (shown,) = case.world.ids()
    case.world.create(["https://hidden.example"])
    case.tool.configure()
    exposure = case.world.expose(case.name, shown)
    case.expect_let_in(*case.run(exposure=exposure))
    case.world.kinds.clear()
    case.world.must("expose", "--cut", exposure)
    status, text = case.run(exposure=exposure)
    case.expect_nothing_sent(status, text)
    case.expect_told(text, "patd does not answer")


def set_up(case):
    """Nothing is written by hand but what somebody has anyway, and --undo gives that back."""
    tool = case.tool
    if not tool.setup:
        return
    case.give()
    tool.configure_before_setup()
    argv, more = tool.command_after_setup()
    path = f"{tool.home}/{tool.setup_file}"

    def kept():
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    before = kept()
    case.world.must("setup", *tool.setup, *tool.setup_places(), home=tool.home, more=more)
    expect(kept() != before, f"nothing was written to {path}")
    case.expect_let_in(*case.run(command=(argv, more)))
    case.world.kinds.clear()
    case.world.must("setup", tool.setup[0], "--undo", home=tool.home, more=more)
    expect(kept() == before, f"--undo leaves {kept()}, not {before}")
    status, _ = case.run(command=(argv, more))
    expect(status != 0 and not case.world.kinds, "it asks patd after --undo")


CASES = (found, none, public, locked, expired, wrong, accounts, eight, exposed, set_up)


def run_case(world, tool_class, check):
    """The fault, or nothing."""
    try:
        check(Case(world, tool_class, check.__name__))
        return ""
    except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError):
        return traceback.format_exc(limit=-1)
    finally:
        world.forget()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--absent-is-fine", action="store_true")
    parser.add_argument("--case", action="append")
    parser.add_argument("--tree", default="", help="the root directory that the tools run in")
    parser.add_argument("--newer", metavar="CACHE", help="that of tests/integration, made there")
    parser.add_argument("tools", nargs="*", metavar="TOOL")
    options = parser.parse_args()
    if options.newer:
        options.tree = newer_programs.ensure(options.newer)
    for path in sorted(glob(f"{dirname(__file__)}/of_*.py")):
        importlib.import_module(basename(path).removesuffix(".py"))
    world = World(options.tree)
    faults = 0
    for name in options.tools or ("bad-input", *TOOLS):
        if name == "bad-input":
            said = bad_input.check(world)
            world.forget()
            print(f"bad-input: {len(said)} faults", *said, sep="\n  ", flush=True)
            faults += len(said)
            continue
        tool_class = TOOLS[name]
        if not tool_class.find(options.tree):
            print(f"{name}: not installed", flush=True)
            faults += not options.absent_is_fine
            continue
        began, results = time.monotonic(), []
        for check in CASES:
            if options.case and check.__name__ not in options.case:
                continue
            fault = run_case(world, tool_class, check)
            results.append(f"{check.__name__} {'FAILED' if fault else 'ok'}")
            faults += bool(fault)
            if fault:
                print(f"{name} {check.__name__}: {fault}", file=sys.stderr, flush=True)
        print(f"{name}: {', '.join(results)}; {time.monotonic() - began:.1f} s", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
