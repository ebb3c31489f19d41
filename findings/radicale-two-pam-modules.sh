#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# radicale 3.5.3-1 (Debian 13) with `type = pam` wants the Python module `pam`. Debian's python3-pam
# (0.4.2-19+b3), which one would install for that, has another program's module, `PAM` in capital
# letters; radicale then ends at its start and says that it requires "the Python pam module". The
# module that it means is in python3-pampy (2.0.2-3). radicale's package recommends and suggests
# neither.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=radicale=3.5.3-1,python3-pam=0.4.2-19+b3 \
    trixie "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try" <<'EOT'
cat >/run/config <<'END'
[server]
hosts = 127.0.0.1:24381
[auth]
type = pam
[storage]
filesystem_folder = /run/collections
END
modules() {
    for module in PAM pam; do
        state=there
        python3 -c "import $module" 2>/dev/null || state="not there"
        echo "module $module: $state"
    done
}
start() {
    timeout --preserve-status 20 radicale --config /run/config >/run/said 2>&1 &
    server=$!
    while kill -0 $server 2>/dev/null && ! grep -q 'server ready' /run/said; do :; done
    grep -o -e 'Radicale server ready' -e 'PAM authentication requires.*' /run/said
    kill $server 2>/dev/null || :
    wait $server || :
}
echo "with python3-pam"; modules; start
dpkg --install /run/python3-pampy_2.0.2-3_all.deb >/dev/null 2>&1
echo "with python3-pampy too"; modules; start
EOT
chroot "$tree/root" sh -c 'cd /run && apt-get update -qq &&
    apt-get download -qq python3-pampy=2.0.2-3' >/dev/null 2>&1
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted='with python3-pam
module PAM: there
module pam: not there
PAM authentication requires the Python pam module
with python3-pampy too
module PAM: there
module pam: there
Radicale server ready'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
