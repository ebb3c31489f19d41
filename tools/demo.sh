#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/demo.sh [--suite SUITE] [--session]
#
# The README's first command. On Debian, as root: installs what is missing, builds patd, and plays
# its main job with real parts in separate namespaces. Leaves the packages and build/. --session
# plays it in per-user mode, with a real gnome-keyring; --suite in a tree of another Debian
# (bookworm, trixie, sid), whose build is in build/SUITE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh
# shellcheck source=tools/lib/build.sh
. tools/lib/build.sh

if [[ $(id -u) != 0 ]]; then
    echo "demo: must be run as root: it makes a mount namespace and starts daemons" >&2
    exit 1
fi
if [[ ${1:-} == --suite && ${2:-} =~ ^(bookworm|trixie|sid)$ ]]; then
    suite=$2
    shift 2
    if [[ $suite != "$machine_suite" ]]; then
        install_packages "${system_packages[@]}"
        exec /usr/bin/python3 -B tools/lib/in_suite.py "$suite" tools/demo.sh "$@"
    fi
fi
if (($# > 0)) && [[ $* != --session ]]; then
    sed -n '3,9s/^# \?//p' tools/demo.sh >&2
    exit 2
fi
echo "patd, the personal-access-token service: its main job, from nothing, with real parts."
echo
began=$SECONDS
install_packages "${build_packages[@]}" "${run_packages[@]}" || {
    echo "demo: the packages could not be installed; see above" >&2
    exit 1
}
echo "  ✓ the packages are there ($((SECONDS - began)) s)"
began=$SECONDS
[[ -n ${PATD_BUILD_DIR:-} || -f build/release/daemon/patd ]] || echo "  . building; a few minutes"
PATD_BUILD_DIR=$(patd_build "$PWD")
export PATD_BUILD_DIR
echo "  ✓ patd is built ($((SECONDS - began)) s)"
if [[ ${1:-} == --session ]]; then
    exec tools/play.sh -- dbus-run-session -- /usr/bin/python3 -B tools/demo/session.py
fi
exec tools/play.sh -- /usr/bin/python3 -B tools/demo/demo.py
