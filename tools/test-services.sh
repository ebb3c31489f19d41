#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-services.sh [--all]
#
# Installs the files of docs/examples/pam unchanged, each with its real service, in a Debian 12 that
# systemd-nspawn boots, and checks each against the same list: a token, a child, wrong ones, another
# user's, deleted, patd restarted meanwhile, eight at once. By default the ten that CI runs; with
# --all the others too, in a second machine, since some cannot be installed together. As root.
# Changes nothing outside build/, except that it installs missing packages; the trees that it boots
# are kept.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

sets=(ten)
if [[ ${1:-} == --all && $# == 1 ]]; then
    sets=(ten others)
elif (($# > 0)); then
    sed -n '3,12s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-services: must be run as root: it boots a machine" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${system_packages[@]}"
if [[ ! -w /sys/fs/cgroup ]]; then
    echo "test-services: /sys/fs/cgroup cannot be written, so systemd-nspawn cannot boot anything" \
        "here; run this on a machine, or in a container with its own control groups" >&2
    exit 1
fi

package=$(tools/package.sh 2>build/package.log) || { tail -n 40 build/package.log >&2; exit 1; }
run=(/usr/bin/python3 -B tests/services/services_test.py "$package" "$PWD/build/services")
if [[ -d /run/systemd/system ]]; then
    # A separate group, which nobody else manages.
    run=(systemd-run --quiet --scope --collect --property=Delegate=yes -- "${run[@]}")
fi
status=0
for set in "${sets[@]}"; do
    "${run[@]}" "$set" || status=1
done
exit "$status"
