#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/manual_page.sh PAGE OUTPUT: renders a page of docs/man for man(1), with the source's version
# at its foot.
set -euo pipefail
[[ $# == 2 ]] || { sed -n '3,4s/^# \?//p' "$0" >&2; exit 2; }
version=$("$(dirname "$0")/version.sh")
exec pandoc --fail-if-warnings -f markdown-smart -s -t man -M "footer=patd $version" \
    -o "$2" "$1"
