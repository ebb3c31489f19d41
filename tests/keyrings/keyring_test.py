#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""keyring_test.py KEYRING [RESULTS]: patd-user on a real keyring (providers.py). One line for each
check; RESULTS becomes a JSON file from which tools/keyrings.py makes its tables. A fault that is
known is in KNOWN_FAULTS with what is seen: when it is gone, the check fails until the entry is."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import traceback

from patd_user import PatdUser
from providers import PROVIDERS, make
from session import PlayError, Session, expect, wait_until

OPEN_TO_ALL = ("gnome-keyring", "kwallet", "keepassxc")
MANY = 60
STARTS = 150
MOMENTS = 20
BUNDLES = {"xdg:schema": "org.patd.Tokens1.Bundle"}


class Desk:
    """A session with a keyring that is open, and a patd-user that knows it."""

    def __init__(self, name, **options):
        self.session = Session(**options)
        self.keyring = make(name, self.session)
        self.patd = None

    def open(self):
        self.keyring.start()
        self.patd = PatdUser(self.session)
        for name in ("anna", "ben", "carl"):
            expect(self.patd.keep(name, f"the secret of {name}"), f"{name} is not kept")
        self.patd.expect_released()
        return self

    def lock(self):
        """Nothing is asked meanwhile: that would put a prompt up."""
        self.keyring.lock()
        wait_until(lambda: "the store is closed" in self.session.log("patd-user"),
                   "the store is closed", self.patd.process)

    def expect_locked(self):
        refused = self.patd.get("anna")
        expect(refused and refused.get("error") == "StoreLocked", refused)

    def renew_keyring(self, number):
        """What KeePassXC has answered it saves a moment later, which is no loss of patd's."""
        if self.keyring.saves_later:
            wait_until(self.is_saved, "it is saved", self.keyring.process)
        self.keyring.end(number)
        self.keyring.start()

    def is_saved(self):
        stored = self.keyring.export()
        return all(text in stored for text in self.keyring.secrets(**BUNDLES))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for line in self.session.log("patd-user").splitlines()[-8:]:
                print(f"        {line}")
        self.session.close()


def it_keeps_and_releases_through_restarts_of_patd_user(name):
    with Desk(name).open() as desk:
        for number in (signal.SIGTERM, signal.SIGKILL):
            desk.patd.restart(number)
            desk.patd.expect_released()


def it_changes_what_it_kept_before_a_restart_of_patd_user(name):
    with Desk(name).open() as desk:
        desk.patd.restart()
        expect(desk.patd.keep("anna", "another secret"), "it is not kept")
        desk.patd.expect_released()


def each_of_many_starts_finds_what_was_kept(name):
    """A session with KWallet decodes nothing once in a hundred times; the next one does."""
    with Desk(name).open() as desk:
        for _ in range(STARTS):
            desk.patd.restart(signal.SIGKILL)
            desk.patd.expect_released()


def an_item_that_is_shown_to_its_maker_alone_is_named(name):
    """KeePassXC, as it comes, takes a patd-user that was started anew for somebody else."""
    with Desk(name).open() as desk:
        desk.patd.restart()
        expect_told(desk.patd.get("anna"), "allow")


def many_are_kept_one_after_the_other(name):
    with Desk(name).open() as desk:
        for i in range(MANY):
            expect(desk.patd.keep(f"user{i}", f"secret {i}"),
                   f"number {i} is not kept; the keyring "
                   f"{'lives' if desk.keyring.is_alive() else 'ended by itself'}")
        desk.patd.restart()
        desk.patd.expect_released()


def it_may_be_killed_and_come_back(name):
    with Desk(name).open() as desk:
        for _ in range(3):
            desk.renew_keyring(signal.SIGKILL)
            desk.patd.expect_released()


def what_was_answered_as_kept_outlives_a_kill_of_the_keyring(name):
    with Desk(name).open() as desk:
        expect(desk.patd.keep("dora", "the last one"), "it is not kept")
        desk.renew_keyring(signal.SIGKILL)
        desk.patd.expect_released()


def what_was_answered_as_kept_outlives_an_end_of_the_session(name):
    with Desk(name).open() as desk:
        expect(desk.patd.keep("dora", "the last one"), "it is not kept")
        desk.renew_keyring(signal.SIGTERM)
        desk.patd.restart()
        desk.patd.expect_released()


def what_was_saved_outlives_a_kill_of_the_keyring(name):
    with Desk(name).open() as desk:
        for number in range(MOMENTS):
            expect(desk.patd.keep("dora", f"number {number}"), "it is not kept")
            desk.renew_keyring(signal.SIGKILL)
            desk.patd.expect_released()


def it_is_locked_and_unlocked_by_its_user(name):
    with Desk(name).open() as desk:
        desk.lock()
        desk.keyring.unlock()
        desk.patd.expect_released()


def it_is_unlocked_while_its_prompt_stands(name):
    with Desk(name).open() as desk:
        desk.lock()
        desk.expect_locked()
        desk.keyring.unlock()
        desk.patd.expect_released()


def a_prompt_ends_with_the_keyring_that_shows_it(name):
    with Desk(name).open() as desk:
        desk.lock()
        desk.expect_locked()
        desk.keyring.end(signal.SIGKILL)
        desk.keyring.start()
        desk.patd.expect_released()


def no_keyring_is_started_that_nobody_asked_for(name):
    """The bus could start gnome-keyring, which would keep the name for the rest of the session."""
    with Desk(name, activatable=True) as desk:
        desk.open()
        desk.renew_keyring(signal.SIGKILL)
        expect(desk.session.owner_pid() == desk.keyring.process.pid, "another keyring was started")
        desk.patd.expect_released()


def without_a_keyring_that_is_said(_):
    with Session() as session:
        expect_told(PatdUser(session).get("anna"), "keyring")


def without_a_default_collection_that_is_said(name):
    with Session() as session:
        keyring = make(name, session)
        keyring.start(empty=True)
        expect_told(PatdUser(session).get("anna"), "default")


def without_encryption_the_package_that_brings_it_is_named(name):
    with Session() as session:
        keyring = make(name, session)
        keyring.start(without_encryption=True)
        expect_told(PatdUser(session).get("anna"), "qca")


def expect_told(refused, *words):
    """The refusal names what lacks, and no service that has nothing to do with it."""
    text = (refused or {}).get("text", "")
    expect(text and "systemctl status patd.service" not in text, refused)
    expect(all(word in text for word in words), refused)


CHECKS = [
    (it_keeps_and_releases_through_restarts_of_patd_user, OPEN_TO_ALL),
    (it_changes_what_it_kept_before_a_restart_of_patd_user, OPEN_TO_ALL),
    (each_of_many_starts_finds_what_was_kept, ("kwallet",)),
    (an_item_that_is_shown_to_its_maker_alone_is_named, ("keepassxc-asking",)),
    (many_are_kept_one_after_the_other, OPEN_TO_ALL),
    (it_may_be_killed_and_come_back, OPEN_TO_ALL),
    (what_was_answered_as_kept_outlives_a_kill_of_the_keyring, ("gnome-keyring", "kwallet")),
    (what_was_saved_outlives_a_kill_of_the_keyring, ("keepassxc",)),
    (what_was_answered_as_kept_outlives_an_end_of_the_session, OPEN_TO_ALL),
    (it_is_locked_and_unlocked_by_its_user, OPEN_TO_ALL),
    (it_is_unlocked_while_its_prompt_stands, ("keepassxc",)),
    (a_prompt_ends_with_the_keyring_that_shows_it, ("kwallet", "keepassxc")),
    (no_keyring_is_started_that_nobody_asked_for, ("kwallet", "keepassxc")),
    (without_a_default_collection_that_is_said, ("keepassxc",)),
    (without_encryption_the_package_that_brings_it_is_named, ("kwallet",)),
    (without_a_keyring_that_is_said, ("gnome-keyring",)),
]
# (program, check): what is seen instead, a regular expression.
KNOWN_FAULTS = {  # it saves when it pleases, and later where much is going on
    ("keepassxc", "what_was_saved_outlives_a_kill_of_the_keyring"):
        "passed|not within .* it is saved",
}


def run_check(check, name):
    """What was seen: `passed`, or what went wrong; and whether that is as expected."""
    program = PROVIDERS[name].program()
    known = KNOWN_FAULTS.get((program, check.__name__))
    try:
        check(name)
        seen = "passed"
    except PlayError as error:
        seen = str(error)
    except Exception:  # of the test, whatever it is
        seen = traceback.format_exc()
    return seen, re.fullmatch(known or "passed", seen, re.DOTALL) is not None


def version_of(name):
    """Of the package that the program is from."""
    program = shutil.which(PROVIDERS[name].program())
    package = ask_dpkg("--search", program).split(":")[0]
    return ask_dpkg("--show", "--showformat=${Version}", package)


def ask_dpkg(*argv):
    return subprocess.run(["dpkg-query", *argv], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def main(name, results=None):
    seen = {}
    failed = 0
    for check, keyrings in CHECKS:
        if name not in keyrings or not re.search(os.environ.get("PATD_KEYRING_ONLY", ""),
                                                 check.__name__):
            continue
        outcome, as_expected = run_check(check, name)
        seen[check.__name__] = outcome
        failed += not as_expected
        print(f"{'ok' if as_expected else 'FAILED'}  {check.__name__}", flush=True)
        if outcome != "passed":
            print("        " + outcome.replace("\n", "\n        "), flush=True)
    if results is not None:
        with open(results, "w", encoding="utf-8") as file:
            json.dump({"keyring": name, "version": version_of(name), "checks": seen}, file)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
