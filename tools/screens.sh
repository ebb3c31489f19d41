#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/screens.sh [--check]
#
# Plays patctl's main screens on terminals of 80x24 and 160x50, for a user and for root, and writes
# them to tests/terminal/screens, so that a change of what people see is seen in review. --check
# compares instead (CTest `screens`). Needs root; PATD_BUILD_DIR as in tools/play.sh.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

if (($# > 1)) || [[ ${1---check} != --check ]]; then
    sed -n '3,7s/^# \?//p' "$0" >&2
    exit 2
fi
kept=$checkout/tests/terminal/screens
seen=$(mktemp -d)
chmod 755 "$seen"
trap 'rm -rf "$seen"' EXIT
for name in zoe root; do
    install -d -m 1777 "$seen/$name"
    "$checkout/tools/play.sh" --as "$name" -- /usr/bin/python3 -B \
        "$checkout/tests/terminal/screens.py" "$seen/$name"
done
if (($# == 0)); then
    rm -rf "$kept"
    cp -r "$seen" "$kept"
    chown -R --reference="$checkout" "$kept"
elif ! diff -ru "$kept" "$seen"; then
    echo "If that is what people should see: sudo tools/screens.sh" >&2
    exit 1
fi
