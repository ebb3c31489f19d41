#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# KWallet 5.103.0 (5.103.0-1, Debian 12): OpenSession of the Secret Service API takes a
# Diffie-Hellman public key of 128 bytes only. A key that begins with a zero byte, one of 256, is
# 127 bytes long as a number, and is refused with InvalidArgs: "Client public key size is invalid".
# libsecret 0.20.5 sends keys without such zeros, so one session of 256 is not opened. gnome-keyring
# 42.1 (42.1-1+b2) takes both lengths. A client either puts the zero back or tries another key.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

packages=libkf5wallet-bin=5.103.0-1,libqca-qt5-2-plugins=2.3.5-2,gnome-keyring=42.1-1+b2
mmdebstrap --quiet --variant=minbase --include="$packages,dbus,python3-jeepney,libglib2.0-bin" \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/ask.py" <<'EOT'
import secrets
import sys

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

# The second Oakley group (RFC 2409, section 6.2), whose generator is 2.
PRIME = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
            "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"
            "F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381"
            "FFFFFFFFFFFFFFFF", 16)
SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets",
                      "org.freedesktop.Secret.Service")


def make_key(size):
    """A public key that is this many bytes long as a number."""
    while True:
        key = pow(2, secrets.randbelow(PRIME - 3) + 2, PRIME)
        if (key.bit_length() + 7) // 8 == size:
            return key


def open_session(bus, key):
    arguments = ("dh-ietf1024-sha256-aes128-cbc-pkcs7", ("ay", key))
    try:
        unwrap_msg(bus.send_and_get_reply(
            new_method_call(SERVICE, "OpenSession", "sv", arguments)))
        return "a session"
    except DBusErrorResponse as error:
        return f"{error.name.rsplit('.', 1)[-1]}: {error.data[0]}"


bus = open_dbus_connection()
short = make_key(127)
for text, key in (("128 bytes", make_key(128).to_bytes(128, "big")),
                  ("127 bytes", short.to_bytes(127, "big")),
                  ("the same with its zero", short.to_bytes(128, "big"))):
    print(f"{sys.argv[1]}, {text}: {open_session(bus, key)}")
EOT
cat >"$tree/root/run/try" <<'EOT'
set -eu
export QT_QPA_PLATFORM=offscreen HOME=/run/home XDG_RUNTIME_DIR=/run/home LANG=C.UTF-8
mkdir -m 700 /run/home
for program in kwalletd5 "gnome-keyring-daemon --foreground --components=secrets"; do
    $program >/dev/null 2>&1 &
    gdbus wait --session --timeout 60 org.freedesktop.secrets
    python3 /run/ask.py "${program%% *}"
    kill $!
    wait $! || true
done
EOT
mount -t proc proc "$tree/root/proc"
trap 'umount "$tree/root/proc"; rm -rf "$tree"' EXIT
seen=$(chroot "$tree/root" dbus-run-session -- sh /run/try 2>/dev/null)
printf '%s\n' "$seen"
wanted='kwalletd5, 128 bytes: a session
kwalletd5, 127 bytes: InvalidArgs: Client public key size is invalid
kwalletd5, the same with its zero: a session
gnome-keyring-daemon, 128 bytes: a session
gnome-keyring-daemon, 127 bytes: a session
gnome-keyring-daemon, the same with its zero: a session'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
