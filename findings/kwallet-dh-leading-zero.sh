#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# kwalletd5 5.103.0 (5.103.0-1, Debian 12): one encrypted session of the Secret Service in some 256
# gives nothing that decodes. Both ends agree on a number of 1024 bits
# (dh-ietf1024-sha256-aes128-cbc-pkcs7) and derive the key from its bytes. libsecret and
# gnome-keyring take 128 bytes; KWallet takes as many as the number has, so that the keys differ
# when it begins with a zero. In another session of 256 it is the client's public key that begins
# with a zero: libsecret sends 127 bytes then, and KWallet refuses them. So whoever speaks to it
# makes another session when OpenSession fails or a secret does not decode, and trusts none before
# something came through it as it was: of what does not decode, one in 256 has a right padding.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=libkf5wallet-bin=5.103.0-1,libqca-qt5-2-plugins \
    --include=dbus-daemon,python3-jeepney,python3-cryptography \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try" <<'EOT'
import hashlib, hmac, os, secrets, socket, subprocess, time
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

PRIME = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
            "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"
            "F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381"
            "FFFFFFFFFFFFFFFF", 16)
ALGORITHM, SECRET = "dh-ietf1024-sha256-aes128-cbc-pkcs7", b"a secret of some length"
NAME, WHERE = "org.freedesktop.secrets", "/org/freedesktop/secrets"

def call(path, interface, member, types, *body):
    address = DBusAddress(path, NAME, "org.freedesktop.Secret." + interface)
    return unwrap_msg(bus.send_and_get_reply(new_method_call(address, member, types, body)))

def wait_for(condition):
    for _ in range(600):
        try:
            if condition():
                return
        except (DBusErrorResponse, OSError):
            pass
        time.sleep(0.05)
    raise SystemExit("it does not start")

def login():  # as pam_kwallet does it
    path = home + "/login"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen(1)
        reader, writer = os.pipe()
        os.write(writer, b"k" * 56)
        os.close(writer)
        child = subprocess.Popen(["kwalletd5", "--pam-login", str(reader), str(listener.fileno())],
                                 pass_fds=(reader, listener.fileno()), stderr=subprocess.DEVNULL,
                                 env={**os.environ, "PAM_KWALLET5_LOGIN": path})
        client.connect(path)
        client.sendall("".join(f"{k}={v}\n" for k, v in os.environ.items()).encode())
    os.close(reader)
    os.unlink(path)
    return child

def collection():
    path = call(WHERE, "Service", "ReadAlias", "s", "default")[0]
    return path if path != "/" else None

def hkdf(secret):
    first = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(first, b"\1", hashlib.sha256).digest()[:16]

def shortest(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")

def session(public, private):
    ((_, theirs), path) = call(WHERE, "Service", "OpenSession", "sv", ALGORITHM, ("ay", public))
    return path, pow(int.from_bytes(theirs, "big"), private, PRIME)

def decodes(item, path, key):
    _, vector, value, _ = call(item, "Item", "GetSecret", "o", path)[0]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(value).startswith(SECRET)

def begins_with_zero(number):
    return len(shortest(number)) < 128

home = os.environ["HOME"]
os.makedirs(home + "/.local/share/kwalletd")
os.makedirs(home + "/.config")
with open(home + "/.local/share/kwalletd/kdewallet.salt", "wb") as file:
    file.write(bytes(56))
with open(home + "/.config/kwalletrc", "w") as file:
    file.write("[Wallet]\nFirst Use=false\nPrompt on Open=false\nClose When Idle=false\n")
bus = open_dbus_connection(os.environ["DBUS_SESSION_BUS_ADDRESS"])
child = login()  # it makes the wallet, which its next start shows
wait_for(lambda: os.path.exists(home + "/.local/share/kwalletd/kdewallet.kwl"))
child.terminate()
child.wait()
child = login()
wait_for(collection)
prompt = call(WHERE, "Service", "Unlock", "ao", [collection()])[1]
if prompt != "/":
    call(prompt, "Prompt", "Prompt", "s", "")
plain = call(WHERE, "Service", "OpenSession", "sv", "plain", ("s", ""))[1]
item = None
def make():
    global item
    item = call(collection(), "Collection", "CreateItem", "a{sv}(oayays)b",
                {"org.freedesktop.Secret.Item.Label": ("s", "tried")},
                (plain, b"", SECRET, "text/plain"), True)[0]
    return item != "/"
wait_for(make)

seen = {}
while len(seen) < 2:
    private = secrets.randbits(1023)
    public = pow(2, private, PRIME)
    if begins_with_zero(public):
        continue
    path, shared = session(public.to_bytes(128, "big"), private)
    kind = "begins with a zero" if begins_with_zero(shared) else "fills 128 bytes"
    if kind not in seen:
        seen[kind] = (decodes(item, path, hkdf(shared.to_bytes(128, "big"))),
                      decodes(item, path, hkdf(shortest(shared))))
for kind in sorted(seen):
    print(f"the common number {kind}: decodes by 128 bytes: {seen[kind][0]},"
          f" by its own: {seen[kind][1]}")
while True:
    private = secrets.randbits(1023)
    public = pow(2, private, PRIME)
    if begins_with_zero(public):
        break
session(public.to_bytes(128, "big"), private)
try:
    session(shortest(public), private)
    print("a public key of 127 bytes: taken")
except DBusErrorResponse as error:
    print(f"a public key of 127 bytes: {error.data[0]}")
child.kill()
EOT
seen=$(chroot "$tree/root" env -i PATH="$PATH" HOME=/run/home XDG_RUNTIME_DIR=/run \
    QT_QPA_PLATFORM=offscreen LANG=C.UTF-8 dbus-run-session -- python3 /run/try)
printf '%s\n' "$seen"
wanted='the common number begins with a zero: decodes by 128 bytes: False, by its own: True
the common number fills 128 bytes: decodes by 128 bytes: True, by its own: True
a public key of 127 bytes: Client public key size is invalid'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
