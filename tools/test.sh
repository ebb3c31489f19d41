#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The README's second command, which CI runs too: installs what is missing, builds patd twice, and
# runs every test under CTest: once with ASan and UBSan, once in release. As root, because the tests
# start real services under their own uids, in separate namespaces. With --suite, the same in a tree
# of another Debian, on the machine of that Debian that test-system.sh boots.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

usage() {
    cat <<'END'
Usage: tools/test.sh [--suite SUITE] [--quick | --release | --fuzz] [--lint]
                     [--no-machine] [--no-page] [-R REGEX]
  --suite SUITE  with the compiler, the libraries and the programs of another Debian: bookworm,
                 trixie or sid. What is in build/ otherwise is in build/SUITE then
  --quick        only the build with ASan and UBSan, not the release build
  --release      only the release build
  --fuzz         neither: libFuzzer on each parser for 30 seconds (tools/fuzz.sh)
  --lint         before: check the format, then build with clang and clang-tidy (slow)
  --no-machine   do not boot machines: for the package, for the services, for the token page
  --no-page      do not use the token page in a browser; that needs npm's registry the first time
  -R REGEX       only the tests whose name matches (ctest -R)
Results: build/asan/junit.xml and build/release/junit.xml. Exit status: 0 when everything passed.
END
}

fuzz_seconds=30
presets=(asan release)
lint=
fuzz=
machine=yes
page=yes
suite=$machine_suite
filter=()
passed_on=()
while (($# > 0)); do
    arguments=("$1")
    case $1 in
        --suite)
            [[ ${2:-} =~ ^(bookworm|trixie|sid)$ ]] || { usage >&2; exit 2; }
            suite=$2
            arguments=()
            shift
            ;;
        --quick) presets=(asan) ;;
        --release) presets=(release) ;;
        --fuzz) presets=() fuzz=yes ;;
        --lint) lint=yes ;;
        --no-machine) machine= ;;
        --no-page) page= ;;
        -R)
            [[ $# -ge 2 ]] || { usage >&2; exit 2; }
            filter=(-R "$2")
            arguments+=("$2")
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    passed_on+=("${arguments[@]}")
    shift
done

summary=()
failed_tests=()
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
    printf '%s\n' "${summary[@]}" "${failed_tests[@]}"
    if ((failed)); then
        echo "patd: something failed; see above."
    else
        echo "patd: everything passed in $SECONDS s."
    fi
    exit "$failed"
}

check_format() {
    git -c safe.directory='*' ls-files -z -c -o --exclude-standard '*.cc' '*.h' '*.c' '*.def' |
        xargs -0 "clang-format-$lint_format" --dry-run -Werror
}

configure() {
    local settings=()
    if [[ $1 == tidy ]]; then
        settings=(-D "CMAKE_C_COMPILER=clang-$lint_clang"
            -D "CMAKE_CXX_COMPILER=clang++-$lint_clang"
            -D "CMAKE_CXX_CLANG_TIDY=clang-tidy-$lint_clang")
    fi
    if command -v ccache >/dev/null; then
        export CCACHE_SLOPPINESS=pch_defines,time_macros  # what precompiled headers need
        settings+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    cmake --preset "$1" "${settings[@]}" >/dev/null
}

build() {
    configure "$1" && cmake --build --preset "$1" -j "$(nproc)"
}

# A few that fail beside others run once more, alone: those that pass then are named all the same.
run_tests() {
    local results=$PWD/build/$1/junit.xml outcome="Failed ($1):" status=1 again
    rm -f "$results"  # of an earlier run
    # More than there are processors: the long tests mostly wait.
    UBSAN_OPTIONS=print_stacktrace=1 ctest --preset "$1" -j "$(($(nproc) * 3))" --no-tests=error \
        --output-junit "$results" "${filter[@]}" && return
    if again=$(/usr/bin/python3 -B tools/lib/failed_tests.py --again "$results") &&
        ctest --preset "$1" -j 1 --no-tests=error --output-junit "${results%.xml}-again.xml" \
            -R "$again"; then
        outcome="Failed ($1) beside other tests, passed alone:" status=0
    fi
    failed_tests+=("$outcome" "$(/usr/bin/python3 -B tools/lib/failed_tests.py "$results")")
    return "$status"
}

packages=("${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" "${system_packages[@]}")
[[ -z $lint ]] || packages+=("${lint_packages[@]}")
[[ -z $fuzz ]] || packages+=("${fuzz_packages[@]}")
if [[ $suite != "$machine_suite" ]]; then
    phase "Install what is missing" install_packages "${system_packages[@]}" || finish
    phase "All of it in a tree of $suite" /usr/bin/python3 -B tools/lib/in_suite.py "$suite" \
        tools/test.sh --no-machine "${passed_on[@]}" || true
    if [[ -n $machine && -z ${filter[*]} && " ${presets[*]} " == *" release "* ]]; then
        phase "Test the package on $suite" tools/test-system.sh --suite "$suite" || true
    fi
    finish
fi
phase "Install what is missing" install_packages "${packages[@]}" || finish

if [[ -n $lint ]]; then
    if [[ -n ${lint_format:-} ]]; then
        phase "Check the format of every source with clang-format $lint_format" check_format || true
    else
        echo "The format is checked on Debian 12, whose version the sources are formatted with."
    fi
    phase "Build with clang $lint_clang and check with clang-tidy" build tidy || true
fi
for preset in "${presets[@]}"; do
    phase "Build ($preset)" build "$preset" || finish
    phase "Test ($preset)" run_tests "$preset" || true
done
if [[ -n $fuzz ]]; then
    phase "Fuzz each parser for $fuzz_seconds s" tools/fuzz.sh --seconds "$fuzz_seconds" || true
fi
if [[ -n $machine && -z ${filter[*]} && " ${presets[*]} " == *" release "* ]]; then
    phase "Test the package on a machine of its own" tools/test-system.sh || true
    if [[ $suite == bookworm ]]; then  # whose services they are, and whose browser
        phase "Test the examples of PAM with their services" tools/test-services.sh || true
        [[ -z $page ]] || phase "Use the token page in a browser" tools/test-page.sh || true
    fi
fi
finish
