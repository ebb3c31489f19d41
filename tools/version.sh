#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the source's version, from its only place.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^project(patd VERSION \([0-9.]\+\) .*/\1/p' CMakeLists.txt)
[[ -n $version ]] || { echo "version: CMakeLists.txt names none" >&2; exit 1; }
echo "$version"
