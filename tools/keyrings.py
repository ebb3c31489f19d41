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
         "keepassxc": "KeePassXC", "keepassxc-asking": "KeePassXC with its defaults"}
INTRODUCTION = """# Keyrings that were tried

`tools/test-keyrings.sh` runs patd-user without a screen on the real keyrings of Debian 12, Debian
13 and sid. It opens gnome-keyring and KWallet as PAM does. It tells KeePassXC over D-Bus to open
a database that exposes a group, and KeePassXC then asks nobody. ("With its defaults", KeePassXC
asks before it shows an item.)

CI runs the same on Debian 12, together with the contract tests of the store and `killed_test`.
That test kills and stops patd-user during a start and three writes: at each of some 100 messages
of the bus with gnome-keyring, and at twenty of some 250 with KWallet and KeePassXC. It does the
same to the keyring during three writes: at each of 60 messages with gnome-keyring, and at twenty
of some 190 with KWallet. Each test prints its count and must reach every one of these moments.
Twenty moments with KeePassXC and ksecretd are rows below. `tools/keyrings.py` makes this page
from the results.

"""
END_NOTES = """
## What could not be tried

- Whether ksecretd opens again with its user's password, because only its own window accepts one.
  PAM opens it when it is started; it does not have the interface that opens older KWallets.
- KeePassXC 2.7.10 (Debian 13) when it is started with a database and `--pw-stdin`: it crashes
  within a second (SIGSEGV in Qt, while it shows its window). It does so with its Secret Service
  off too, with its default settings, on Qt's platforms offscreen, minimal and vnc, and when
  nobody talks to it. It keeps running if the database is opened after its start, in the same
  session, so the tests open every KeePassXC that way.
"""
# What is needed besides the settings; and why something was not tried.
NEEDS = {
    "gnome-keyring": "nothing",
    "kwallet": "`libqca-qt5-2-plugins` or `libqca-qt6-plugins`, for encryption",
    "ksecretd": "five seconds after a change until it is written",
    "keepassxc": "its Secret Service switched on, a database that exposes a group, and permission "
                 "for patd to read its items at each start, unless you switch that question off",
}
NEVER_TRIED = {"ksecretd": "Not tried: its user unlocks it."}
# The checks of tests/keyrings/keyring_test.py, in the reader's words.
SENTENCES = {
    "it_keeps_and_releases_through_restarts_of_patd_user":
        "tokens are kept and released across restarts of patd-user",
    "it_changes_what_it_kept_before_a_restart_of_patd_user":
        "patd-user can change tokens from before its restart",
    "many_are_kept_one_after_the_other": "many tokens can be kept one after the other",
    "it_may_be_killed_and_come_back": "the keyring may be killed and started again",
    "what_was_answered_as_kept_outlives_a_kill_of_the_keyring":
        "no confirmed token is lost when the keyring is killed",
    "what_was_answered_as_kept_outlives_an_end_of_the_session":
        "no confirmed token is lost when the session ends",
    "it_is_locked_and_unlocked_by_its_user": "its user can lock and unlock it",
    "without_a_keyring_that_is_said": "a missing keyring is reported",
    "each_of_many_starts_finds_what_was_kept": "the tokens are found at each of many starts",
    "a_prompt_ends_with_the_keyring_that_shows_it": "a prompt ends with the keyring that shows it",
    "no_keyring_is_started_that_nobody_asked_for": "no keyring is started unasked",
    "without_encryption_the_package_that_brings_it_is_named":
        "without encryption, the missing package is named",
    "what_was_answered_as_kept_is_saved_by_itself": "it saves confirmed tokens by itself",
    "what_was_saved_outlives_a_kill_at_any_of_twenty_messages":
        "no saved token is lost when it is killed at any of twenty messages",
    "what_was_answered_as_kept_outlives_a_stop_at_any_of_twenty_messages":
        "no confirmed token is lost when it is stopped at any of twenty messages",
    "an_old_copy_of_what_was_replaced_or_deleted_opens_nothing":
        "an old copy of replaced or deleted items opens nothing",
    "it_is_unlocked_while_its_prompt_stands": "it can be unlocked while its prompt is open",
    "without_a_default_collection_that_is_said": "a missing default collection is reported",
    "an_item_that_is_shown_to_its_maker_alone_is_named":
        "an item that the keyring withholds is reported",
}
PASSED = "passed"
NOT_TRIED = "not tried: "  # and why: the check did not get to its question


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
    return SENTENCES.get(check, check.replace("_", " "))


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
    lines.append("\nNothing is claimed where a field is empty.")
    lines += [f" {head} ended by itself." for result, head in zip(results, heads) if ended(result)]
    lines.append("\n")
    if notes["no"]:
        lines.append("\n## What failed\n")
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
            not_tried = [f"Not tried: {sentence(check)} ({first_line(seen)})."
                         for check, seen in result["checks"].items()
                         if cell(result, check) == "not tried"]
            where = f"{upstream(result['version'])} ({SUITES[result['suite']]})"
            what = "passed everything that was tried" if not_tried else "passed everything"
            if ended(result):
                said.append(f"{where} ended by itself; nothing is claimed of it.")
            elif failed:
                said.append(f"{where} {what} except: {'; '.join(failed)}.")
            else:
                said.append(f"{where} {what}.")
            said += not_tried
        said += [NEVER_TRIED[keyring]] if keyring in NEVER_TRIED else []
        lines.append(textwrap.fill(" ".join(said), 110, subsequent_indent="    ") + "\n\n")
    lines.append(textwrap.fill(
        "To pass means: the keyring keeps and releases tokens, changes what it kept, can be locked "
        "and unlocked, killed and started again, and loses no token that was confirmed as kept "
        "(gnome-keyring, KWallet) or that it had saved (ksecretd, KeePassXC). docs/keyrings.md in "
        "the sources has the list. Nothing is claimed about other keyrings.", 110) + "\n")
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
