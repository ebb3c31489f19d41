#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""converse.py DESCRIPTION PERMISSION [TARGET]...: makes a token and prints its secret.

The whole of patctl-converse(7) that a program needs."""
import getpass
import json
import subprocess
import sys


def converse(operation, arguments):
    """The messages of patctl; send(message) back what each asks for."""
    with subprocess.Popen(["patctl", "converse"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as patctl:
        def send(**message):
            patctl.stdin.write(json.dumps(message).encode() + b"\n")
            patctl.stdin.flush()
        send(type="begin", operation=operation, arguments=arguments)
        for line in patctl.stdout:
            yield json.loads(line), send


def create(description, permissions, targets):
    arguments = {"description": description, "permissions": permissions, "targets": targets}
    for message, send in converse("create", arguments):
        if message["type"] == "prompt" and message["style"] in ("secret", "visible"):
            send(type="answer", prompt=message["prompt"], text=getpass.getpass(message["text"]))
        elif message["type"] == "prompt":
            print(message["text"], file=sys.stderr)
        elif message["type"] == "secret":
            print(message["secret"])
            send(type="acknowledge")  # from now on it is valid
        elif message["type"] == "ended":
            return message["errors"]
    return [{"message": "patctl ended in the middle.", "fix": None}]


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit("usage: " + __doc__.splitlines()[0])
    errors = create(sys.argv[1], [sys.argv[2]], sys.argv[3:])
    sys.exit("\n".join(" ".join(filter(None, (e["message"], e["fix"]))) for e in errors) or 0)
