#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# OpenVPN 2.6.14 (2.6.14-0+deb12u2, Debian 12) takes a password of 200 characters, but through its
# own plugin PAM gets only the first 127, and neither end logs a word about it: to the administrator
# it is a mistyped password. Of 127 characters and less PAM gets all. So what is meant to pass as a
# VPN password must have at most 127 characters.
#
# Needs root, unshare(1) and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary
# folder and a network of its own. Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=openvpn=2.6.14-0+deb12u2,openssl,libpam-modules \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try" <<'EOT'
set -eu
cd /run
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=peer \
    2>/dev/null
printf '%s\n' '#!/bin/sh' 'wc -c >/run/counts && mv /run/counts /run/count' >counter
chmod +x counter
printf '%s\n' 'auth required pam_exec.so expose_authtok /run/counter' \
    'account required pam_permit.so' >/etc/pam.d/vpn
common="--dev null --proto udp --ca cert.pem --cert cert.pem --key key.pem"
for length in 126 127 128 200; do
    rm -f count
    printf "alice\n%0${length}d\n" 0 >pass
    chmod 600 pass
    openvpn $common --tls-server --dh none --local 127.0.0.1 --lport 24382 \
        --plugin /usr/lib/openvpn/openvpn-plugin-auth-pam.so \
        "vpn login USERNAME password PASSWORD" >server.log 2>&1 &
    server=$!
    openvpn $common --tls-client --pull --remote 127.0.0.1 24382 --lport 24383 \
        --auth-user-pass pass >client.log 2>&1 &
    client=$!
    while ! [ -e count ]; do kill -0 $server && kill -0 $client; done
    kill $server $client
    wait $server $client || :
    echo "of $length: $(cat count)"
    grep -il 'truncat\|too long\|cut ' server.log client.log || :
done
EOT
seen=$(unshare --net sh -c 'ip link set lo up && exec chroot "$0" sh /run/try' "$tree/root")
printf '%s\n' "$seen"
wanted='of 126: 126
of 127: 127
of 128: 127
of 200: 127'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
