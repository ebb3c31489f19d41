#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds into DIRECTORY what the benches compare with and nobody ships ready-made: git's libsecret
# helper (Debian has only its source), and a program that does nothing on musl's libc.
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# != 1)); then
    echo "Usage: bench/build_peers.sh DIRECTORY" >&2
    exit 2
fi
mkdir -p "$1"
out=$(realpath "$1")

read -ra libsecret < <(pkg-config --cflags --libs libsecret-1 glib-2.0)
gcc -O2 -o "$out/git-credential-libsecret" \
    /usr/share/doc/git/contrib/credential/libsecret/git-credential-libsecret.c "${libsecret[@]}"

musl-gcc -O2 -static -o "$out/do_nothing_musl" bench/do_nothing.c
