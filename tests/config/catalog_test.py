#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Every message of the service has one entry in the journal's catalogue, and the reverse; the entry
names only fields that the message has; journalctl accepts the catalogue."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).parents[2]
CATALOG = SOURCE / "systemd/patd.catalog"
TABLE = (SOURCE / "common/base/log_messages.h").read_text(encoding="utf-8")
# Of an Error (common/base/log.cc).
ERROR_FIELDS = {"PATD_REASON", "PATD_CONTEXT"}


def messages():
    """[(name, id, event)] of the table."""
    return re.findall(r'LogMessage (k\w+)\{\s*"([0-9a-f]{32})",\s*LogLevel::\w+,\s*"([a-z-]+)"',
                      TABLE)


def entries():
    """[(id, header, body)] of the catalogue."""
    text = "\n".join(line for line in CATALOG.read_text(encoding="utf-8").splitlines()
                     if not line.startswith("#"))
    found = []
    for entry in text.split("\n-- ")[1:]:
        head, _, body = entry.partition("\n\n")
        name, _, header = head.partition("\n")
        found.append((name, header, body.strip()))
    return found


def sources():
    for folder in ("common", "auth", "daemon", "http"):
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in (".cc", ".h") and path.name not in ("log.h", "log_messages.h"):
                yield path.read_text(encoding="utf-8")


def calls():
    """{message: [fields of each call]} of all calls of log()."""
    found = {}
    for text in sources():
        for match in re.finditer(r"\blog\(messages::(k\w+)", text):
            depth, end = 1, match.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            arguments = text[match.end():end - 1]
            fields = {f"PATD_{name}" for name in re.findall(r'\{"([A-Z]+)",', arguments)}
            # Fields that are named before the call.
            for variable in re.findall(r"\{(\w+), (\w+)\}$", arguments):
                fields |= {"PATD_" + re.search(rf'LogField {name}\{{"([A-Z]+)"', text)[1]
                           for name in variable}
            if re.search(r"error\(\)|\berror\b|Error\{", arguments.split("{{")[0]):
                fields |= ERROR_FIELDS
            found.setdefault(match[1], []).append(fields)
    return found


class CatalogTest(unittest.TestCase):
    def test_every_message_has_one_entry_and_every_entry_a_message(self):
        self.assertEqual(TABLE.count("inline constexpr LogMessage "), len(messages()))
        self.assertGreater(len(messages()), 10)
        self.assertEqual(sorted(entry[0] for entry in entries()),
                         sorted(message[1] for message in messages()))

    def test_ids_and_events_are_used_once(self):
        for column in (0, 1, 2):
            values = [message[column] for message in messages()]
            self.assertEqual(len(values), len(set(values)))

    def test_every_message_is_logged_somewhere_and_nothing_else_is(self):
        self.assertEqual(sorted(calls()), sorted(message[0] for message in messages()))
        for text in sources():
            self.assertNotRegex(text, r"LogMessage \w+\{|\blog\((?!messages::)[A-Za-z]*[lL]evel")

    def test_every_entry_explains_itself(self):
        for name, header, body in entries():
            with self.subTest(name):
                self.assertRegex(header, r"^Subject: \S.{5,70}\n")
                self.assertIn("\nDefined-By: patd\n", header)
                self.assertGreater(len(body), 80)

    def test_an_entry_names_only_fields_that_every_such_message_has(self):
        names = {message[1]: message[0] for message in messages()}
        for name, header, body in entries():
            used = set(re.findall(r"@(\w+)@", header + body))
            for fields in calls()[names[name]]:
                with self.subTest(names[name]):
                    self.assertLessEqual(used, fields | {"PATD_EVENT"})

    def test_journalctl_takes_the_catalogue_and_shows_every_entry(self):
        with tempfile.TemporaryDirectory() as root:
            source = pathlib.Path(root, "usr/lib/systemd/catalog")
            source.mkdir(parents=True)
            pathlib.Path(root, "var/lib/systemd/catalog").mkdir(parents=True)
            (source / "patd.catalog").write_bytes(CATALOG.read_bytes())
            environment = os.environ | {"LC_ALL": "C"}

            def journalctl(*arguments):
                return subprocess.run(["journalctl", f"--root={root}", *arguments], text=True,
                                      check=True, capture_output=True, env=environment, timeout=30)

            updated = journalctl("--update-catalog")
            self.assertEqual(updated.stderr, "")
            listed = journalctl("--list-catalog").stdout
            for name, header, _ in entries():
                subject = re.search(r"Subject: (.*)", header)[1]
                self.assertIn(f"{name} patd: {subject}\n", listed)
            self.assertEqual(len(listed.splitlines()), len(entries()))


if __name__ == "__main__":
    sys.exit(unittest.main())
