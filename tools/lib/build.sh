# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# For sourcing. Builds what is installed (no tests) with the preset release, quietly.

# patd_build CHECKOUT: prints the build directory. PATD_BUILD_DIR names an existing one to use.
patd_build() {
    local checkout=$1 build=${PATD_BUILD_DIR:-$1/build/release} log=$1/build/play-build.log
    if [[ -z ${PATD_BUILD_DIR:-} ]]; then
        mkdir -p "$checkout/build"
        if ! patd_build_release "$checkout" "$build" > "$log" 2>&1; then
            tail -n 40 "$log" >&2
            echo "play: the build failed; the whole of it is in $log" >&2
            return 1
        fi
    fi
    echo "$build"
}

patd_build_release() (
    cd "$1" || exit
    exec 9> build/.lock
    flock 9
    [[ -f $2/build.ninja ]] || cmake --preset release || exit
    cmake --build --preset release --target patd patd-auth patd-counter patd-enroll pam_pat patctl \
        git-credential-pat patd-http patd-user patd-user-auth
)
