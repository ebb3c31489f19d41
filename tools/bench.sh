#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing, builds the release, and runs the benches of bench/ one after the other.
# Only the ratios count, not the times: each is a median over rounds in which everything that it
# compares ran in turn. Keep the machine idle meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

usage() {
    cat <<'END'
Usage: tools/bench.sh [--json DIRECTORY] [BENCH]...
  BENCH             helper, tools, verify, child, scale, memory, store, desktop, storm (default:
                    all)
  --json DIRECTORY  also write DIRECTORY/BENCH.json
END
}

# The session bus and keyring for git-credential-libsecret, ended with this process group.
if [[ ${1:-} == --inside-session ]]; then
    shift
    printf 'bench' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
    exec "$@"
fi

json=
benches=()
while (($# > 0)); do
    case $1 in
        --json)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            json=$2
            shift
            ;;
        helper | tools | verify | child | scale | memory | store | desktop | storm)
            benches+=("$1")
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
((${#benches[@]})) || benches=(helper tools verify child scale memory store desktop storm)
if ((EUID != 0)); then
    echo "tools/bench.sh: run as root: it starts services and reads their memory maps" >&2
    exit 1
fi

install_packages "${build_packages[@]}" git dbus redis-server gnome-keyring libsecret-1-dev \
    libsecret-tools musl-tools systemd
cmake --preset release >/dev/null
programs=("${benches[@]/%/_bench}")
cmake --build --preset release --target "${programs[@]}" >/dev/null
bin=build/release/bench

private=$(mktemp -d /dev/shm/patd-bench-home-XXXXXX)
trap 'rm -rf "$private"' EXIT

# run NAME COMMAND...: prints the tables, or writes them as JSON too.
run() {
    local name=$1
    shift
    echo
    if [[ -n $json ]]; then
        mkdir -p "$json"
        "$@" --json >"$json/$name.json"
        echo "$json/$name.json"
    else
        "$@"
    fi
}

# run_on_desktop NAME ARGUMENT...: NAME_bench with a separate keyring.
run_on_desktop() {
    local name=$1 home
    shift
    home=$(mktemp -d "$private/$name-XXXXXX")
    bench/build_peers.sh "$private/peers"
    run "$name" env -u DISPLAY HOME="$home" XDG_RUNTIME_DIR="$home" XDG_DATA_HOME="$home/data" \
        dbus-run-session -- "$0" --inside-session "$bin/${name}_bench" \
        --libsecret "$private/peers/git-credential-libsecret" "$@"
}

for bench in "${benches[@]}"; do
    case $bench in
        helper) run_on_desktop helper --musl-floor "$private/peers/do_nothing_musl" ;;
        desktop) run_on_desktop desktop ;;
        verify | child | scale)
            run "$bench" "$bin/${bench}_bench" --two-cpus
            run "$bench-one-cpu" "$bin/${bench}_bench" --one-cpu
            ;;
        *) run "$bench" "$bin/${bench}_bench" ;;
    esac
done
