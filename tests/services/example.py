# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A file of docs/examples/pam, used exactly as written: it goes where its first line says, and the
commands in its comments are run unchanged."""
import os
import re

from processes import expect

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = f"{CHECKOUT}/docs/examples/pam"
_PLACE = re.compile(r"^# (/etc/\S+?)(, at its end|, before all else)?: ", re.MULTILINE)
_COMMAND = re.compile(r"^#   (sudo .*)$", re.MULTILINE)
_PACKAGES = re.compile(r"^# Packages: (.*)\.$", re.MULTILINE)
_CREATE = re.compile(r'^#   patctl create ".*" -p (\S+) -t (\S+)$', re.MULTILINE)
_ASKS = re.compile(r"pam_pat\.so token permission=(\S+) audience=(\S+)")


class Example:
    def __init__(self, name):
        self.name = name
        with open(f"{FOLDER}/{name}", encoding="utf-8") as file:
            self.text = file.read()
        place = _PLACE.search(self.text)
        expect(place, f"{name} does not say where it goes")
        self.path, self._where = place.groups()
        self.commands = _COMMAND.findall(self.text)
        self.packages = " ".join(_PACKAGES.findall(self.text)).split()

    def install(self, machine):
        text = self.text
        if self._where is not None:
            there = machine.must("cat", self.path)
            text = there + text if self._where == ", at its end" else text + there
        machine.write(self.path, text)

    def told(self):
        """(permission, target) of the token that people are told to make."""
        found = _CREATE.search(self.text)
        expect(found, f"{self.name} does not say what token people make")
        asked = _ASKS.search(self.text)
        expect(found.groups() == asked.groups(), f"{self.name} asks for another token than it says")
        return found.groups()


def all_names():
    return sorted(os.listdir(FOLDER))
