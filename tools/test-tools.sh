#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Plays the real docker, skopeo, pip, cargo, aws, kubectl and restic with the helper under its other
# names (pat-tools(7)), each with a token, without one, and with one that is locked. What is not
# installed is named and left out. Builds in build/dev; some seconds, and not in CI, where most of
# the tools have no package.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset dev >/dev/null
cmake --build --preset dev --target git-credential-pat-test
exec python3 -B tests/tools/real_tools.py build/dev/tests/credential_helper/git-credential-pat-test
