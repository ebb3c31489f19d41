#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-tools.sh [--suite bookworm|trixie] [TOOL]...
#
# Plays the real tools of pat-tools(7) with a real patd, at servers that ask it whom they let in:
# found, none, a public server, locked, expired in the middle, wrong, two accounts, eight at once,
# in a container with an exposure, and set up by `patctl setup`. What is not installed is named and
# left out. With --suite those of that Debian, in a tree that is made once (1.5 GB). CI does the few
# that are cheap (CTest real-tools); docs/tools.md has what was seen. Some ten minutes; as root.
set -euo pipefail
cd "$(dirname "$0")/.."
tree=()
if [[ ${1:-} == --suite ]]; then
    suite=${2:?a suite}
    shift 2
    mkdir -p build/trees
    made=$(python3 -B tests/tools/tree.py build/trees "$suite")
    tree=(--tree "$made")
fi
exec tools/play.sh -- /usr/bin/python3 -B "$PWD/tests/tools/tool_test.py" --absent-is-fine \
    "${tree[@]}" "$@"
