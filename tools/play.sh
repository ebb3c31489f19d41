#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/play.sh [--as NAME] -- COMMAND...
#
# Runs COMMAND as NAME (default root) on a private machine with a running patd: private /run/patd,
# /var/lib/patd*, /etc and system bus. NAME has a service password, PATD_PLAY_PASSWORD; patctl and
# git-credential-pat are on PATH; the daemons' logs are in $PATD_PLAY_DIR/log (for root). A NAME
# that the machine does not know is created for the occasion. Returns COMMAND's exit status (125:
# play.sh itself failed). Nothing is left afterwards, however it ends. Needs root, and what
# tools/packages.sh installs. PATD_BUILD_DIR=DIR uses another build than build/release.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/lib/build.sh
. "$checkout/tools/lib/build.sh"

if [[ $(id -u) != 0 ]]; then
    echo "play: must be run as root: it makes a mount namespace and starts daemons" >&2
    exit 125
fi
build=$(patd_build "$checkout") || exit 125
exec /usr/bin/python3 -B "$checkout/tools/lib/play.py" "$checkout" "$build" "$@"
