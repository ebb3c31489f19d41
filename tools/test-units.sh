#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-units.sh [SUITE]...
#
# Asks newer systemds what tests/systemd asks the machine's own: whether they accept every line of
# the units, and how exposed those leave each service; and boots each, with the package, to check
# that patd gets its key and its filters there, and what doctor says if it does not. In trees of
# Debian's suites, by default trixie and sid; by hand, some two minutes each besides the release
# build. As root. Changes nothing outside build/, except that it installs missing packages.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

if [[ ${1:-} == -* ]]; then
    sed -n '3,9s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-units: must be run as root: it makes trees of Debian" >&2
    exit 1
fi
(($# > 0)) || set -- trixie sid
install_packages "${build_packages[@]}" "${system_packages[@]}"
[[ -f build/dev/build.ninja ]] || cmake --preset dev >&2
mkdir -p build/units
package=$(tools/package.sh 2>build/package.log) || { tail -n 40 build/package.log >&2; exit 1; }
boot=(/usr/bin/python3 -B tests/system/newer_systemd.py "$package")
if [[ -d /run/systemd/system ]]; then
    # A separate group, which nobody else manages.
    boot=(systemd-run --quiet --scope --collect --property=Delegate=yes -- "${boot[@]}")
fi
for suite; do
    tree=$(mktemp -d "$PWD/build/units/$suite.XXXXXX")
    trap 'rm -rf "$tree"' EXIT
    chmod 755 "$tree"
    PYTHONPATH=tools/lib /usr/bin/python3 -B -c 'import debian, sys
debian.bootstrap(sys.argv[1], sys.argv[2], sys.argv[3:])' "$suite" "$tree" \
        systemd systemd-sysv libseccomp2 dbus dbus-user-session libpam-systemd procps python3 \
        libcrypt1 libpam0g libsqlite3-0 libssl3 libstdc++6 libsystemd0 libyaml-0-2
    mkdir -p "$tree/src/tests"
    cp -r systemd "$tree/src/"
    cp -r tests/systemd "$tree/src/tests/"
    cp -r build/dev/systemd "$tree/src/units"
    rm -rf "$tree/src/units/CMakeFiles"
    unshare --mount --pid --fork --mount-proc="$tree/proc" chroot "$tree" sh -c '
        echo "== $(systemctl --version | head -n 1)"
        python3 -B /src/tests/systemd/units_test.py /src/units
        for unit in patd patd-auth@ patd-counter@ patd-enroll@ patd-key patd-refuse patd-http \
            patd-http-gateway patd-gateway; do
            systemd-analyze security --offline=yes --no-pager "/src/units/$unit.service" | tail -n 1
        done'
    "${boot[@]}" "$tree"
    rm -rf "$tree"
done
