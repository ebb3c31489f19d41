#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# skopeo 1.9.3 (1.9.3+ds1-1+b10, Debian 12): `skopeo logout --all` asks each credential helper of
# auth.json to erase its login, and then takes the whole `credHelpers` section out of the file: no
# helper is configured any more, and nothing says so. `skopeo logout HOST` leaves the section. So
# whoever sets such a helper up looks for the section again after a logout.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=skopeo=1.9.3+ds1-1+b10 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try" <<'EOT'
set -eu
mkdir /run/bin
export HOME=/run PATH="/run/bin:$PATH"
printf '%s\n' '#!/bin/sh' 'echo "$1 $(cat)" >>/run/asked' >/run/bin/docker-credential-some
chmod +x /run/bin/docker-credential-some
echo '{"credHelpers": {"one.example": "some", "two.example": "some"}}' >/run/auth.json
for whom in one.example --all; do
    : >/run/asked
    skopeo logout --authfile /run/auth.json $whom >/dev/null
    echo "logout $whom: asked: $(sort /run/asked | tr '\n' ',')" \
        "hosts with a helper: $(grep -o '"[a-z]*\.example": *"some"' /run/auth.json | wc -l)"
done
EOT
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted='logout one.example: asked: erase one.example, hosts with a helper: 2
logout --all: asked: erase one.example,erase two.example, hosts with a helper: 0'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
