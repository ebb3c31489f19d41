#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks a private patd over the bus and the line socket for as long as you like, and prints what
# it found and how to repeat it. As root, because the attackers are separate users.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
Usage: tools/hostile.sh [--seconds N] [--seed N] [--as root|ordinary] [OPTION]... [bus|line]...
  --seconds N      of each attack (default 60)
  --seed N         the same number makes the same choices (default 1)
  --as WHO         root, or ordinary users; both unless told
  --first ROUND, --rounds N   only these rounds of each fuzzer
  --tell           print how often each outcome was seen
  bus, line        what is attacked; both unless told
The build with ASan and UBSan is attacked; PATD_BUILD_DIR=DIR names another one.
Exit status: 0 when nothing was found.
END
}

options=()
kinds=()
whos=(root ordinary)
while (($# > 0)); do
    case $1 in
        --seconds | --seed | --first | --rounds | --as)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            if [[ $1 == --as ]]; then whos=("$2"); else options+=("$1" "$2"); fi
            shift
            ;;
        --tell) options+=("$1") ;;
        bus | line) kinds+=("$1") ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
((${#kinds[@]})) || kinds=(bus line)
if ((EUID != 0)); then
    echo "tools/hostile.sh: run as root: it starts services and attacks them as several users" >&2
    exit 1
fi

if [[ -z ${PATD_BUILD_DIR:-} ]]; then
    cmake --preset asan >/dev/null
    cmake --build --preset asan --target patd patd-auth patd-counter patd-enroll pam_pat patctl \
        git-credential-pat bus_fuzzer line_fuzzer >/dev/null
    PATD_BUILD_DIR=$PWD/build/asan
fi
status=0
for kind in "${kinds[@]}"; do
    for who in "${whos[@]}"; do
        echo "== $kind, as $who"
        /usr/bin/python3 -B tests/hostile/hostile.py --build "$PATD_BUILD_DIR" --as "$who" \
            "${options[@]}" "$kind" || status=1
    done
done
exit "$status"
