#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# KeePassXC 2.7.4 (Debian 12) and 2.7.10 (Debian 13) as the Secret Service, the database locked:
# SearchItems is not answered. KeePassXC shows its own prompt, and answers when somebody unlocked or
# dismissed it, although the specification has prompts for Unlock and the like, not for a search.
# With UnlockBeforeSearch=false in [FdoSecrets], not the default, it answers at once. While the
# prompt is shown, openDatabase of its own interface opens the database in 2.7.4, and nothing in
# 2.7.10. A program that must not disturb anybody looks at the collection's Locked first.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

cat >"$tree/ask.py" <<'EOT'
import os
import subprocess
import sys
import time

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

MAIN = DBusAddress("/keepassxc", "org.keepassxc.KeePassXC.MainWindow",
                   "org.keepassxc.KeePassXC.MainWindow")
SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets",
                      "org.freedesktop.Secret.Service")
XML = """<?xml version="1.0" encoding="utf-8"?>
<KeePassFile><Meta><DatabaseName>d</DatabaseName><CustomData><Item>
<Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{11111111-1111-4111-8111-111111111111}</Value></Item>
</CustomData></Meta><Root><Group><UUID>ERERERERQRGBEREREREREQ==</UUID><Name>Root</Name></Group>
</Root></KeePassFile>"""
WAIT = 4


def call(address, member, signature=None, *body):
    message = new_method_call(address, member, signature, body)
    return unwrap_msg(bus.send_and_get_reply(message, timeout=WAIT))


def reaches(goal):
    """Whether the database becomes locked or unlocked."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            alias = call(SERVICE, "ReadAlias", "s", "default")[0]
            where = DBusAddress(alias, SERVICE.bus_name, "org.freedesktop.DBus.Properties")
            if alias != "/" and call(where, "Get", "ss", "org.freedesktop.Secret.Collection",
                                     "Locked")[0][1] == goal:
                return True
        except (DBusErrorResponse, TimeoutError):
            pass
        time.sleep(0.1)
    return False


version, option = sys.argv[1:]
os.makedirs("/tmp/home", exist_ok=True)
os.environ |= {"HOME": "/tmp/home", "XDG_RUNTIME_DIR": "/tmp/home", "QT_QPA_PLATFORM": "offscreen"}
with open("/tmp/home/xml", "w", encoding="utf-8") as file:
    file.write(XML)
with open("/tmp/home/ini", "w", encoding="utf-8") as file:
    file.write(f"[General]\nConfigVersion=2\nSingleInstance=false\nUpdateCheckMessageShown=true\n"
               f"[GUI]\nCheckForUpdates=false\n[FdoSecrets]\nEnabled=true\n{option}\n")
subprocess.run(["rm", "-f", "/tmp/home/d.kdbx"], check=True)
subprocess.run(["keepassxc-cli", "import", "-q", "-p", "/tmp/home/xml", "/tmp/home/d.kdbx"],
               input="word\nword\n", text=True, check=True, stdout=subprocess.DEVNULL)
program = subprocess.Popen(["keepassxc", "--config", "/tmp/home/ini", "--localconfig",
                            "/tmp/home/local"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
bus = open_dbus_connection()
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        call(MAIN, "openDatabase", "ss", "/tmp/home/d.kdbx", "word")
        break
    except (DBusErrorResponse, TimeoutError):
        time.sleep(0.1)
assert reaches(False), "it does not open"
call(MAIN, "lockAllDatabases")
assert reaches(True), "it does not lock"
try:
    call(SERVICE, "SearchItems", "a{ss}", {"a": "b"})
    answer = "an answer"
except TimeoutError:
    answer = f"no answer in {WAIT} s"
try:
    call(MAIN, "openDatabase", "ss", "/tmp/home/d.kdbx", "word")
except TimeoutError:
    pass
print(f"{version} {option}: {answer}; {'opened' if reaches(False) else 'not opened'}")
program.kill()
program.wait()
EOT

# in_tree SUITE PACKAGE VERSION OPTION: what is printed with that version.
in_tree() {
    root=$tree/$1
    packages=$2,dbus,python3-jeepney
    [ -d "$root" ] || mmdebstrap --quiet --variant=minbase --include="$packages" "$1" "$root" \
        ${MIRROR:-} </dev/null >&2
    cp "$tree/ask.py" "$root/ask.py"
    unshare --mount --pid --fork --kill-child sh -c \
        'mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" &&
         chroot "$1" dbus-run-session -- python3 /ask.py "$2" "$3"' - "$root" "$3" "$4"
}
seen=$(for option in UnlockBeforeSearch=true UnlockBeforeSearch=false; do
    in_tree bookworm keepassxc=2.7.4+dfsg.1-2 2.7.4 "$option"
    in_tree trixie keepassxc-full=2.7.10+dfsg1-1 2.7.10 "$option"
done)
printf '%s\n' "$seen"
wanted='2.7.4 UnlockBeforeSearch=true: no answer in 4 s; opened
2.7.10 UnlockBeforeSearch=true: no answer in 4 s; not opened
2.7.4 UnlockBeforeSearch=false: an answer; opened
2.7.10 UnlockBeforeSearch=false: an answer; opened'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
