# shellcheck shell=bash disable=SC2034  # the lists are for who sources this
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Debian packages that patd is built, tested and demonstrated with, depending on this machine's
# release; tools/test.sh, tools/play.sh, tools/demo.sh and others source it.

# This machine's suite; sid for a release in the making; "" if patd was never tried on such a
# machine.
suite_of_machine() (
    # shellcheck disable=SC1091
    [[ ! -r /etc/os-release ]] || . /etc/os-release
    case "${ID:-} ${VERSION_CODENAME:-} ${PRETTY_NAME:-}" in
        "debian bookworm "* | "debian trixie "*) echo "$VERSION_CODENAME" ;;
        "debian "*/sid) echo sid ;;
    esac
)
machine_suite=$(suite_of_machine)
lists_of=${machine_suite:-sid}

build_packages=(
    g++ cmake ninja-build pkg-config musl-dev
    libsystemd-dev libpam0g-dev libcrypt-dev libssl-dev libsqlite3-dev libsecret-1-dev
    libgtest-dev libcmocka-dev libpamtest0-dev libpam-wrapper nlohmann-json3-dev libcli11-dev
    rapidjson-dev libtomlplusplus-dev libyaml-dev libboost-dev
    python3 valgrind
)
# What the demonstration and the tests start: real parts, not fakes of them.
run_packages=(
    dbus git nginx-light libnginx-mod-http-auth-pam fcgiwrap openssl ca-certificates
    systemd util-linux procps gnome-keyring libsecret-tools
)
# What only the tests start.
test_packages=(
    strace linux-perf
    git-lfs git-annex git-email libmailtools-perl libauthen-sasl-perl libio-socket-ssl-perl
    python3-aiosmtpd tinyproxy-bin
    skopeo restic python3-pip
    # the servers of docs/examples/http, beside nginx
    curl caddy apache2 libapache2-mod-auth-openidc docker-registry
    python3-pyte python3-jsonschema less jq
    zsh fish pandoc man-db python3-jeepney pamtester openssh-server dovecot-core dbus-broker
    # beside gnome-keyring, and the others below
    keepassxc
    # a software TPM, and below what systemd-creds loads to reach one
    swtpm
)
# What makes the package, and the machine that it is tested on.
package_packages=(dpkg-dev file pandoc gzip)
system_packages=(
    "${package_packages[@]}" mmdebstrap debian-archive-keyring systemd-container util-linux
    python3-jeepney
)
# What builds the token page, where there is no node from elsewhere.
page_packages=(nodejs npm)
# What only tools/test-tpm.sh starts.
vm_packages=(qemu-system-x86 ovmf swtpm e2fsprogs mount)

case $lists_of in
    bookworm)
        test_packages+=(libkf5wallet-bin libqca-qt5-2-plugins
            libtss2-esys-3.0.2-0 libtss2-rc0 libtss2-tcti-swtpm0)
        lint_clang=16
        lint_format=14
        ;;
    trixie)
        build_packages+=(libaudit-dev)  # pam.pc asks for it, libpam0g-dev does not bring it
        test_packages+=(kwallet6 libqca-qt6-plugins
            libtss2-esys-3.0.2-0t64 libtss2-rc0t64 libtss2-tcti-swtpm0t64)
        lint_clang=19
        ;;
    sid)
        build_packages+=(libaudit-dev)
        test_packages+=(kwallet6 libqca-qt6-plugins
            libtss2-esys-3.0.2-0t64 libtss2-rc0t64 libtss2-tcti-swtpm0t64)
        lint_clang=21
        ;;
esac
fuzz_packages=("clang-$lint_clang" "libclang-rt-$lint_clang-dev")
# The sources are formatted with exactly this version.
lint_packages=("${fuzz_packages[@]}" "clang-tidy-$lint_clang"
    ${lint_format:+"clang-format-$lint_format"})

# Installs the named packages that are missing, as root, without questions, without starting any
# service that they bring, and without replacing the machine's bus program.
install_packages() {
    local missing=() package
    if [[ -z $machine_suite && -z ${PATD_SAID_UNKNOWN:-} ]]; then
        export PATD_SAID_UNKNOWN=1  # once is enough
        echo "patd was never tried on this release; the names of its packages in Debian $lists_of" \
            "are taken." >&2
    fi
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    if ((EUID != 0)); then
        echo "These packages are missing; install them, or run this as root: ${missing[*]}" >&2
        return 1
    fi
    if ! command -v apt-get >/dev/null; then
        echo "There is no apt-get; install what is called here: ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${#missing[@]} missing packages: ${missing[*]}"
    (
        policy=/usr/sbin/policy-rc.d
        if [[ ! -e $policy ]]; then
            trap 'rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' >"$policy"
            chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq update &&
            apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
                -o APT::Keep-Downloaded-Packages=false \
                install --no-install-recommends "${missing[@]}" >/dev/null || exit
        if [[ " ${missing[*]} " == *" dbus-broker "* ]]; then
            systemctl --quiet disable dbus-broker.service &&
                systemctl --quiet --global disable dbus-broker.service
        fi
    )
}
