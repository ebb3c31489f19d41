#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-system.sh [--suite SUITE]
#
# Builds the Debian packages, installs them on a fresh Debian that systemd-nspawn boots with systemd
# as PID 1, and puts them through their paces: people, services, faults, bad input, a user's own
# service, removal. One line for each check. SUITE is bookworm, trixie or sid, by default this
# machine's own; for another the packages are built in a tree of it. The machine is gone afterwards,
# however this ends; only the trees are kept, in build/. As root. Changes nothing outside build/,
# except that it installs missing packages.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

suite=$machine_suite
if [[ $# == 2 && $1 == --suite && $2 =~ ^(bookworm|trixie|sid)$ ]]; then
    suite=$2
elif (($# > 0)); then
    sed -n '3,11s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-system: must be run as root: it boots a machine" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${system_packages[@]}"
if [[ ! -w /sys/fs/cgroup ]]; then
    echo "test-system: /sys/fs/cgroup cannot be written, so systemd-nspawn cannot boot anything" \
        "here; run this on a machine, or in a container with its own control groups" >&2
    exit 1
fi

mkdir -p build
# The same program with three version numbers, for an upgrade and a downgrade.
packages=()
for version in "" "$(tools/version.sh)+next" 0.0.9; do
    packages+=("$(tools/package.sh ${suite:+--suite "$suite"} ${version:+--version "$version"} \
        2>build/package.log)") || { tail -n 40 build/package.log >&2; exit 1; }
done
shim=(cmake --build --preset release --target clock_shim)
build=build/release
if [[ $suite != "$machine_suite" ]]; then
    shim=(/usr/bin/python3 -B tools/lib/in_suite.py "$suite" "${shim[@]}")
    build=build/$suite/release
fi
"${shim[@]}" >build/package.log
run=(/usr/bin/python3 -B tests/system/system_test.py "${suite:-$lists_of}" "${packages[@]}"
    "$PWD/$build/tests/system/clock_shim.so" "$PWD/build/system")
if [[ -d /run/systemd/system ]]; then
    # A separate group, which nobody else manages.
    run=(systemd-run --quiet --scope --collect --property=Delegate=yes -- "${run[@]}")
fi
exec "${run[@]}"
