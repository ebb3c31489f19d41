#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What is claimed of keyrings, from what tests/keyrings/keyring_test.py saw: docs/keyrings.md and
parts of patd-user(8) and README.md, all from docs/keyrings.json. `tools/keyrings.py RESULTS` puts a
folder of results (SUITE/KEYRING.json) into that file first; --check only says whether they are up
to date."""
import json
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "docs/keyrings.json"
TABLE = ROOT / "docs/keyrings.md"
PAGE = ROOT / "docs/man/patd-user.8.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- made by tools/keyrings.py -->\n", "<!-- until here -->\n"
SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13", "sid": "sid"}
NAMES = {"gnome-keyring": "gnome-keyring", "kwallet": "KWallet", "ksecretd": "KWallet (ksecretd)",
         "keepassxc": "KeePassXC", "keepassxc-asking": "KeePassXC as it comes"}
INTRODUCTION = """# Keyrings that were tried

`tools/test-keyrings.sh` runs patd-user on the real keyrings of Debian 12, Debian 13 and sid,
without a screen: gnome-keyring and KWallet are opened as PAM does it, KeePassXC is told over D-Bus
to open a database with an exposed group, and asks nobody ("as it comes": it asks before it shows an
item). CI runs the same on Debian 12, and there also the contract tests of the store, and
`killed_test`: in a start and three writes patd-user is killed, and stopped, at each of some 100
messages of the bus (gnome-keyring) or at twenty of some 250 (KWallet, KeePassXC); in three writes
the keyring is, at each of 60 (gnome-keyring) or at twenty of some 190 (KWallet). Each test prints
its count, and each moment must come. Twenty moments of KeePassXC and ksecretd are rows below. This
page is made from the results by `tools/keyrings.py`.

"""
END_NOTES = """
## What could not be tried

- Whether ksecretd opens again at its user's password: only its own window takes one. PAM opens it
  when it is started; it has nothing of the interface by which older KWallets are opened.
- KeePassXC 2.7.10 (Debian 13) as it is started with a database and `--pw-stdin`: it ends by itself
  (SIGSEGV in Qt, as it shows its window) within a second; with its Secret Service off too, with the
  settings that it comes with, on Qt's platforms offscreen, minimal and vnc, and when nobody speaks
  to it. Opened after its start, in the same session, it stays; so the tests open every KeePassXC.
"""
# Beside what the settings are; and why something was not tried.
NEEDS = {
    "gnome-keyring": "nothing",
    "kwallet": "`libqca-qt5-2-plugins` or `libqca-qt6-plugins`, for encryption",
    "ksecretd": "five seconds after a change, before which it has not written",
    "keepassxc": "its Secret Service on, a database that exposes a group; and to be told that patd "
                 "may read its items, at each start, unless that is switched off",
}
NEVER_TRIED = {"ksecretd": "That it is unlocked by its user could not be tried."}
PASSED = "passed"
NOT_TRIED = "not tried: "  # and why: the check did not come to its question


def read_results(folder):
    """What is in the folder, and in the record of what is not, in the order of the columns."""
    results = {(result["suite"], result["keyring"]): result
               for result in json.loads(RECORD.read_text(encoding="utf-8"))}
    columns = [(suite, keyring) for suite in SUITES for keyring in NAMES]
    for suite, keyring in columns:
        path = pathlib.Path(folder) / suite / f"{keyring}.json"
        if path.exists():
            results[suite, keyring] = {"suite": suite,
                                       **json.loads(path.read_text(encoding="utf-8"))}
    return [results[column] for column in columns if column in results]


def upstream(version):
    """Of a version of Debian's: 2:5.103.0-1+b2 is 5.103.0."""
    return re.sub(r"^\d+:|[-+~].*$", "", version)


def sentence(check):
    return check.replace("_", " ").replace("patd user", "patd-user")


def table(results):
    checks = list(dict.fromkeys(check for result in results for check in result["checks"]))
    heads = [f"{NAMES[result['keyring']]} {upstream(result['version'])}, {SUITES[result['suite']]}"
             for result in results]
    lines = [INTRODUCTION, f"| | {' | '.join(heads)} |\n", f"|---|{'---|' * len(heads)}\n"]
    notes = {"no": [], "not tried": []}
    for check in checks:
        cells = []
        for result, head in zip(results, heads):
            cells.append(cell(result, check))
            if cells[-1] in notes:
                notes[cells[-1]].append(f"{head}: {sentence(check)}.\n"
                                        f"  `{first_line(result['checks'][check])}`\n")
        lines.append(f"| {sentence(check)} | {' | '.join(cells)} |\n")
    lines.append("\nNothing is claimed of an empty field.")
    lines += [f" {head} ended by itself." for result, head in zip(results, heads) if ended(result)]
    lines.append("\n")
    if notes["no"]:
        lines.append("\n## What was seen instead\n")
    lines += [f"\n- {note}" for note in notes["no"]]
    return "".join([*lines, END_NOTES, *(f"- {note}" for note in notes["not tried"])])


def cell(result, check):
    seen = result["checks"].get(check)
    if seen is None or ended(result):
        return ""
    if seen.startswith(NOT_TRIED):
        return "not tried"
    return "yes" if seen == PASSED else "no"


def ended(result):
    """Whether the program did not stay up, whatever was done."""
    return any(seen.startswith("it ended by itself") for seen in result["checks"].values())


def first_line(seen):
    last = seen.removeprefix(NOT_TRIED).strip().splitlines()[-1]
    return textwrap.shorten(last.replace("`", "'"), 160)


def section(results):
    """The part of patd-user(8): each keyring, what was tried, and what did not work."""
    lines = ["## Keyrings that were tried\n\n"]
    for keyring, name in NAMES.items():
        of_it = [result for result in results if result["keyring"] == keyring]
        if not of_it or keyring == "keepassxc-asking":  # of which one thing is tried
            continue
        lines.append(f"{name}\n:   ")
        said = []
        for result in of_it:
            failed = [sentence(check) for check in result["checks"] if cell(result, check) == "no"]
            not_tried = [f"Not tried: that {sentence(check)} ({first_line(seen)})."
                         for check, seen in result["checks"].items()
                         if cell(result, check) == "not tried"]
            where = f"{upstream(result['version'])} ({SUITES[result['suite']]})"
            what = "all that was tried" if not_tried else "all of it"
            if ended(result):
                said.append(f"{where} ended by itself; nothing is claimed of it.")
            elif failed:
                said.append(f"{where}: {what}, but not that {'; nor that '.join(failed)}.")
            else:
                said.append(f"{where}: {what}.")
            said += not_tried
        said += [NEVER_TRIED[keyring]] if keyring in NEVER_TRIED else []
        lines.append(textwrap.fill(" ".join(said), 110, subsequent_indent="    ") + "\n\n")
    lines.append(textwrap.fill(
        "That is: it keeps and releases, changes what it kept, is locked and unlocked, is killed "
        "and comes back, and loses nothing that was answered as kept (gnome-keyring, KWallet) or "
        "that it had saved (ksecretd, KeePassXC); docs/keyrings.md of the sources has the list. "
        "Nothing is claimed of other keyrings.", 110) + "\n")
    return "".join(lines)


def short_table(results):
    """The README's: each keyring and what it needs."""
    lines = ["| keyring | tried | what it needs |\n", "|---|---|---|\n"]
    for keyring, needs in NEEDS.items():
        tried = ", ".join(upstream(result["version"]) for result in results
                          if result["keyring"] == keyring and not ended(result))
        lines.append(f"| {NAMES[keyring]} | {tried} | {needs} |\n")
    return "".join(lines)


def with_section(path, text):
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1]


def main(arguments):
    if arguments not in ([], ["--check"]):
        record = json.dumps(read_results(arguments[0]), indent=1) + "\n"
        RECORD.write_text(record, encoding="utf-8")
    results = json.loads(RECORD.read_text(encoding="utf-8"))
    outdated = 0
    for path, text in ((TABLE, table(results)), (PAGE, with_section(PAGE, section(results))),
                       (README, with_section(README, short_table(results)))):
        if arguments != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not what tools/keyrings.py makes")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
