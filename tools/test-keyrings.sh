#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-keyrings.sh [SUITE...]
#
# Runs patd-user on the real keyrings of this machine (Debian 12), of Debian 13 and of sid, the
# latter two from trees that are made once, in build/keyrings; then writes docs/keyrings.md and its
# part of patd-user(8). By hand, before a release; CI runs those of Debian 12. As root. Changes
# nothing outside build/ and docs/, except that it installs missing packages.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

if ((EUID != 0)); then
    echo "test-keyrings: must be run as root: it changes its root directory" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" \
    "${system_packages[@]}"
cmake --preset release >/dev/null
cmake --build --preset release --target patd-user patctl patd-user-auth >build/package.log
export PATD_BUILD_DIR=$PWD/build/release
results=$PWD/build/keyrings/results
suites=("$@")
((${#suites[@]} > 0)) || suites=(bookworm trixie sid)
failed=0
for suite in "${suites[@]}"; do
    echo "== $suite"
    rm -rf "${results:?}/$suite"
    mkdir -p "$results/$suite"
    if [[ $suite == bookworm ]]; then
        for keyring in gnome-keyring kwallet keepassxc keepassxc-asking; do
            /usr/bin/python3 -B tests/keyrings/keyring_test.py "$keyring" \
                "$results/$suite/$keyring.json" || failed=1
        done
    else
        /usr/bin/python3 -B tests/keyrings/in_tree.py "$suite" build/keyrings "$PATD_BUILD_DIR" \
            "$results/$suite" || failed=1
    fi
done
# What was left out must not be taken for passed.
[[ -n ${PATD_KEYRING_ONLY:-} ]] || python3 tools/keyrings.py "$results"
exit "$failed"
