#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The README's second command, and what CI runs: installs what is missing, builds patd twice, and
# runs every test under CTest: once with ASan and UBSan, once in release. As root, because the tests
# start real services under their own uids, in namespaces of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

usage() {
    cat <<'END'
Usage: tools/test.sh [--quick] [--lint] [-R REGEX]
  --quick    only the build with ASan and UBSan, not the release build
  --lint     before: check the format, then build with clang 16 and clang-tidy (slow)
  -R REGEX   only the tests whose name matches (ctest -R)
Results: build/asan/junit.xml and build/release/junit.xml. Exit status: 0 when everything passed.
END
}

presets=(asan release)
lint=
filter=()
while (($# > 0)); do
    case $1 in
        --quick) presets=(asan) ;;
        --lint) lint=yes ;;
        -R)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            filter=(-R "$2")
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

summary=()
failed=0

# phase TEXT COMMAND...: runs a step, and notes how long it took and whether it worked.
phase() {
    local text=$1 began=$SECONDS outcome=passed
    shift
    printf '\n== %s\n' "$text"
    "$@" || { outcome=FAILED; failed=1; }
    summary+=("$(printf '%-8s %4d s  %s' "$outcome" "$((SECONDS - began))" "$text")")
    [[ $outcome == passed ]]
}

finish() {
    printf '\n== Summary\n'
    printf '%s\n' "${summary[@]}"
    if ((failed)); then
        echo "patd: something failed; see above."
    else
        echo "patd: everything passed in $SECONDS s."
    fi
    exit "$failed"
}

check_format() {
    git -c safe.directory='*' ls-files -z -c -o --exclude-standard '*.cc' '*.h' '*.c' |
        xargs -0 clang-format-14 --dry-run -Werror
}

configure() {
    local launcher=()
    if command -v ccache >/dev/null; then
        export CCACHE_SLOPPINESS=pch_defines,time_macros  # what precompiled headers need
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    cmake --preset "$1" "${launcher[@]}" >/dev/null
}

build() {
    configure "$1" && cmake --build --preset "$1" -j "$(nproc)"
}

run_tests() {
    UBSAN_OPTIONS=print_stacktrace=1 ctest --preset "$1" -j2 --no-tests=error \
        --output-junit "$PWD/build/$1/junit.xml" "${filter[@]}"
}

packages=("${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" "${system_packages[@]}")
[[ -z $lint ]] || packages+=("${lint_packages[@]}")
phase "Install what is missing" install_packages "${packages[@]}" || finish

if [[ -n $lint ]]; then
    phase "Check the format of every source with clang-format 14" check_format || true
    phase "Build with clang 16 and check with clang-tidy" build tidy || true
fi
for preset in "${presets[@]}"; do
    phase "Build ($preset)" build "$preset" || finish
    phase "Test ($preset)" run_tests "$preset" || true
done
if [[ -z ${filter[*]} && " ${presets[*]} " == *" release "* ]]; then
    phase "Test the package on a machine of its own" tools/test-system.sh || true
    phase "Test the examples of PAM with their services" tools/test-services.sh || true
fi
finish
