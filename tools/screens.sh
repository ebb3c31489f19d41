#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/screens.sh [--check]
#
# Plays patctl's main screens on terminals of 80x24 and 160x50, for a user and for root, and writes
# them to tests/terminal/screens, so that a change of what people see is seen in review. --check
# compares instead (CTest `screens`). Needs root; PATD_BUILD_DIR as in tools/play.sh.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

case "${1-}" in
    "") switch=--write ;;
    --check) switch=--check ;;
    *)
        sed -n '3,7s/^# \?//p' "$0" >&2
        exit 2
        ;;
esac
for name in zoe root; do
    "$checkout/tools/play.sh" --as "$name" -- /usr/bin/python3 -B \
        "$checkout/tests/terminal/screens.py" "$switch"
done
