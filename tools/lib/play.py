# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""play.sh's second half: play.py CHECKOUT BUILD [--as NAME] -- COMMAND..."""
import argparse
import os
import sys

from accounts import ensure_account
from namespace import run_isolated
from playground import PLAY, Playground
from processes import PlayError


def parse(arguments):
    parser = argparse.ArgumentParser(prog="play.sh", usage="play.sh [--as NAME] -- COMMAND...")
    parser.add_argument("--as", dest="name", default="root", metavar="NAME")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if options.command[:1] != ["--"] or len(options.command) < 2:
        parser.error("what is to be run? Give it after `--`.")
    return options.name, options.command[1:]


def play(checkout, build, name, command):
    try:
        caller_umask = os.umask(0o022)
        ground = Playground(checkout, build)
        ground.build_up()
        account = ensure_account(name, f"{PLAY}/home/{name}", system=False)
        ground.start()
        password = ground.give_password(name)
        os.umask(caller_umask)
        status = ground.run(command, account, password)
        if not ground.stop():
            print(f"play: patd did not end well; COMMAND had status {status}", file=sys.stderr)
        return status
    except PlayError as error:
        print(f"play: {error}", file=sys.stderr)
        return 125


def main():
    checkout, build, *arguments = sys.argv[1:]
    name, command = parse(arguments)
    return run_isolated(lambda: play(checkout, build, name, command))


if __name__ == "__main__":
    sys.exit(main())
