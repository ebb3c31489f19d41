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
Usage: tools/bench.sh [--quick] [--against DIRECTORY] [--json DIRECTORY] [BENCH]...
  BENCH                helper, tools, verify, child, scale, memory, store, desktop, activation,
                       pam, storm, http (default: all)
  --quick              a few short rounds of each: shows that all of them run, for less than three
                       minutes; its ratios are rough
  --against DIRECTORY  helper, child and storm also measure the build in DIRECTORY, in turn with
                       this one: DIRECTORY/daemon/patd and DIRECTORY/bench/git-credential-pat-bench
  --json DIRECTORY     also write DIRECTORY/BENCH.json
END
}

# The session bus and keyring for git-credential-libsecret, ended with this process group.
if [[ ${1:-} == --inside-session ]]; then
    shift
    printf 'bench' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
    exec "$@"
fi

json=
quick=
against=()
all=(helper tools verify child scale memory store desktop activation pam storm http)
benches=()
while (($# > 0)); do
    case $1 in
        --json)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            json=$2
            shift
            ;;
        --quick) quick=1 ;;
        --against)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            against=(--against "$(realpath -e -- "$2")")
            shift
            ;;
        helper | tools | verify | child | scale | memory | store | desktop | activation | pam | \
            storm | http)
            benches+=("$1")
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
((${#benches[@]})) || benches=("${all[@]}")
if ((EUID != 0)); then
    echo "tools/bench.sh: run as root: it starts services and reads their memory maps" >&2
    exit 1
fi

install_packages "${build_packages[@]}" git dbus redis-server gnome-keyring libsecret-1-dev \
    libsecret-tools musl-tools nginx-light fcgiwrap openssl systemd pamtester
cmake --preset release >/dev/null
programs=("${benches[@]/%/_bench}")
# patctl fills the store of another build.
((${#against[@]})) && programs+=(patctl)
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

# What --quick adds to the command line of a bench.
short_rounds() {
    case $1 in
        helper | tools) echo --rounds 20 ;;
        verify | child) echo --rounds 3 ;;
        scale | store) echo --rounds 5 --largest 20000 ;;
        memory) echo --rounds 1 --idle-seconds 10 ;;
        desktop) echo --rounds 5 --stores 50 ;;
        activation) echo --rounds 10 ;;
        http) echo --rounds 2 --calls 500 --memory 20000 --megabytes 20 --clones 1 ;;
        pam) echo --rounds 5 ;;
        storm) echo --rounds 1 --seconds 0.1 --only close half finds Lock ;;
    esac
}

for bench in "${benches[@]}"; do
    options=()
    [[ -z $quick ]] || read -ra options < <(short_rounds "$bench")
    case $bench in
        helper | child | storm) options+=("${against[@]}") ;;
    esac
    case $bench in
        helper)
            run_on_desktop helper --musl-floor "$private/peers/do_nothing_musl" "${options[@]}"
            ;;
        desktop) run_on_desktop desktop "${options[@]}" ;;
        # With accounts, a patd, a gateway and a forge of its own.
        http)
            run http env PATD_BUILD_DIR="$PWD/build/release" tools/play.sh -- \
                env PATD_BUILD_DIR="$PWD/build/release" \
                /usr/bin/python3 -B bench/http_bench.py "${options[@]}"
            ;;
        verify | child | scale)
            run "$bench" "$bin/${bench}_bench" --two-cpus "${options[@]}"
            run "$bench-one-cpu" "$bin/${bench}_bench" --one-cpu "${options[@]}"
            ;;
        *) run "$bench" "$bin/${bench}_bench" "${options[@]}" ;;
    esac
done
