#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-upgrade.sh
#
# Boots Debian 12 with the packages that it builds, has people use patd, upgrades it to Debian 13 as
# Debian's release notes say, boots that, and checks that everything is there: tokens, the sealed
# key, service passwords, PAM files, a user's own store. Then it installs the packages that Debian
# 13 builds, and checks again. By hand, some minutes besides both builds. As root, with Debian's
# mirror within reach. Changes nothing outside build/, except that it installs missing packages.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

if (($# > 0)); then
    sed -n '3,9s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-upgrade: must be run as root: it boots a machine" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${system_packages[@]}"
mkdir -p build
packages=()
for arguments in "--suite bookworm" "--suite trixie --version $(tools/version.sh)+next"; do
    # shellcheck disable=SC2086  # words
    packages+=("$(tools/package.sh $arguments 2>build/package.log)") ||
        { tail -n 40 build/package.log >&2; exit 1; }
done
run=(/usr/bin/python3 -B tests/system/dist_upgrade.py "${packages[@]}" "$PWD/build/system")
if [[ -d /run/systemd/system ]]; then
    # A separate group, which nobody else manages.
    run=(systemd-run --quiet --scope --collect --property=Delegate=yes -- "${run[@]}")
fi
exec "${run[@]}"
