#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-page.sh [--suite SUITE] [--speed]
#
# Builds the Debian packages, installs patd and patd-cockpit on a fresh Debian that systemd-nspawn
# boots with Cockpit, and uses the token page there with a real Chromium: one line for each check,
# and the screenshots in build/page-shots. SUITE is bookworm or trixie, by default this machine's
# own. The machine is gone afterwards; only the trees are kept, in build/. --speed only measures, on
# the same machine: the page beside Cockpit's own, a new token beside patctl's. As root. Needs npm's
# registry the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

suite=$machine_suite
if [[ ${1:-} == --suite && ${2:-} =~ ^(bookworm|trixie)$ ]]; then
    suite=$2
    shift 2
fi
if [[ $# == 1 && $1 == --speed ]]; then
    export PATD_PAGE_SPEED=1
elif (($# > 0)); then
    sed -n '3,11s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-page: must be run as root: it boots a machine" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${system_packages[@]}"

mkdir -p build
# package ...: as tools/package.sh prints it.
package() {
    tools/package.sh "$@" 2>build/package.log || { tail -n 40 build/package.log >&2; exit 1; }
}
# The page is the same for every release: this machine's node builds it.
own=$(PATD_WITH_PAGE=1 package)
package=$own
if [[ $suite != "$machine_suite" ]]; then
    package=$(package --suite "$suite")
fi
pages=("${own%/*}"/patd-cockpit_*.deb)
[[ -f ${pages[0]} ]] || { echo "test-page: patd-cockpit was not built" >&2; exit 1; }
(cd page && npm test)
run=(/usr/bin/python3 -B tests/page/page_test.py "${suite:-$lists_of}" "$package" "${pages[0]}"
    "$PWD/page/node_modules" "$PWD/build/page")
if [[ -d /run/systemd/system ]]; then
    # A separate group, which nobody else manages.
    run=(systemd-run --quiet --scope --collect --property=Delegate=yes -- "${run[@]}")
fi
exec "${run[@]}"
