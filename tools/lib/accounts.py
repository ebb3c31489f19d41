# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Accounts for the private /etc: run only where /etc is a copy (playground.py)."""
import os
import pwd


def _ids_in_use():
    used = set()
    for path in ("/etc/passwd", "/etc/group"):
        with open(path, encoding="utf-8") as file:
            used |= {int(line.split(":")[2]) for line in file if line.count(":") >= 3}
    return used


def _append(path, line):
    with open(path, "r+", encoding="utf-8") as file:
        text = file.read()
        file.write(("" if text.endswith("\n") or not text else "\n") + line + "\n")


def ensure_account(name, home, system, password_hash="!"):
    """Returns the pwd entry of `name`, which is added if absent; creates its home as well."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pass
    candidates = range(999, 99, -1) if system else range(1000, 60000)
    number = next(n for n in candidates if n not in _ids_in_use())
    shell = "/usr/sbin/nologin" if system else "/bin/bash"
    _append("/etc/passwd", f"{name}:x:{number}:{number}::{home}:{shell}")
    _append("/etc/group", f"{name}:x:{number}:")
    _append("/etc/shadow", f"{name}:{password_hash}:19700:0:99999:7:::")
    if not system:
        os.makedirs(home, mode=0o700)
        os.chown(home, number, number)
    return pwd.getpwnam(name)
