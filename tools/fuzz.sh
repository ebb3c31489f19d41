#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the fuzz targets of tests/fuzz with libFuzzer, and reports each one's executions, edges and
# corpus. Needs clang (tools/packages.sh, fuzz_packages); builds the preset fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

usage() {
    cat <<'END'
Usage: tools/fuzz.sh [--seconds N | --hours N] [--jobs N] [TARGET]...
  --seconds N, --hours N   of each target (default 60 seconds)
  --jobs N                 so many targets at once (default: the processors)
  TARGET                   as in tests/fuzz/targets.h; all of them unless told
What libFuzzer finds on its way is kept in build/fuzz/TARGET/corpus, for the next time; inputs that
break a promise, crash or hang in build/fuzz/TARGET/found.
Exit status: 0 when nothing was found.
END
}

seconds=60
jobs=$(nproc)
targets=()
while (($# > 0)); do
    case $1 in
        --seconds | --hours | --jobs)
            [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || { usage >&2; exit 2; }
            case $1 in
                --seconds) seconds=$2 ;;
                --hours) seconds=$(($2 * 3600)) ;;
                --jobs) jobs=$2 ;;
            esac
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *)
            [[ -d tests/fuzz/corpus/$1 ]] || { echo "tools/fuzz.sh: no target $1" >&2; exit 2; }
            targets+=("$1")
            ;;
    esac
    shift
done
if ((${#targets[@]} == 0)); then
    for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi

cmake --preset fuzz -D "CMAKE_C_COMPILER=clang-$lint_clang" \
    -D "CMAKE_CXX_COMPILER=clang++-$lint_clang" >/dev/null
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}" >build/fuzz/build.log ||
    { tail -n 20 build/fuzz/build.log >&2; exit 1; }

# One target's run; its log stays in its folder.
run_target() {
    local target=$1 folder=build/fuzz/$1
    mkdir -p "$folder/corpus" "$folder/found"
    build/fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -print_final_stats=1 -artifact_prefix="$folder/found/" \
        -dict="tests/fuzz/dictionaries/$target.dict" \
        "$folder/corpus" "tests/fuzz/corpus/$target" >"$folder/log" 2>&1
}

report() {
    local target=$1 status=$2 folder=build/fuzz/$1 runs edges
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
    edges=$(grep -o ' cov: [0-9]*' "$folder/log" | tail -n 1 | tr -dc 0-9) || true
    printf '%-16s %12s %8s %8s  %s\n' "$target" "${runs:-?}" "${edges:-?}" \
        "$(find "$folder/corpus" -type f | wc -l)" "$([[ $status == 0 ]] && echo ok || echo FOUND)"
}

printf '%-16s %12s %8s %8s\n' target executions edges corpus
status=0
for ((first = 0; first < ${#targets[@]}; first += jobs)); do
    names=("${targets[@]:first:jobs}")
    pids=()
    for target in "${names[@]}"; do
        run_target "$target" &
        pids+=($!)
    done
    for i in "${!names[@]}"; do
        ended=0
        wait "${pids[$i]}" || ended=$?
        report "${names[$i]}" "$ended"
        if ((ended)); then
            status=1
            grep -E 'broken promise|ERROR:|runtime error|SUMMARY|Base64:' \
                "build/fuzz/${names[$i]}/log" | head -n 6 >&2 || true
        fi
    done
done
exit "$status"
