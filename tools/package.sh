#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/package.sh [--suite SUITE] [--version VERSION]
#
# Builds the Debian packages from the release build and prints the path of patd's, its only line on
# standard output; those of patd-desktop, patd-http and patd-gateway are beside it, and
# patd-cockpit's if PATD_WITH_PAGE is set, which needs npm's registry the first time. They are for
# this machine's release; --suite makes those of another (bookworm, trixie, sid), in a tree of it.
# --version gives them another number than the source has. Needs what tools/packages.sh lists, and
# --suite needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

suite=$machine_suite
if [[ ${1:-} == --suite && ${2:-} =~ ^(bookworm|trixie|sid)$ ]]; then
    suite=$2
    shift 2
fi
version=()
if [[ ${1:-} == --version && $# == 2 ]]; then
    version=(-D "CPACK_PACKAGE_VERSION=$2")
elif (($# > 0)); then
    sed -n '3,10s/^# \?//p' "$0" >&2
    exit 2
fi
if [[ $suite != "$machine_suite" ]]; then
    # shellcheck disable=SC2016  # for the shell in the tree
    package=$(/usr/bin/python3 -B tools/lib/in_suite.py "$suite" bash -c '. tools/packages.sh &&
        install_packages "${build_packages[@]}" "${package_packages[@]}" >&2 &&
        tools/package.sh "$@"' package "$@")
    echo "$PWD/build/$suite/${package#"$PWD/build/"}"
    exit
fi

build=build/release
page=()
with_page=OFF
if [[ -n ${PATD_WITH_PAGE:-} ]]; then
    page=(page)
    with_page=ON
    # node may come from elsewhere than Debian.
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        install_packages "${page_packages[@]}" >&2
    fi
fi
# Each time: what an earlier build was told is in the cache.
cmake --preset release -D PATD_PAGE=$with_page >&2
cmake --build --preset release --target patd patd-auth patd-counter patd-enroll pam_pat patctl \
    git-credential-pat patd-http patd-user patd-user-auth manual "${page[@]}" >&2
output=$PWD/$build/package/${2:-plain}
rm -rf "$output"
(cd "$build" && cpack -B "$output" "${version[@]}" >&2)
rm -rf "$output/_CPack_Packages"
packages=("$output"/patd_*.deb)
[[ ${#packages[@]} == 1 && -f ${packages[0]} ]] || { echo "package: cpack made none" >&2; exit 1; }
echo "${packages[0]}"
