#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/test-tpm.sh [--kvm]
#
# Boots Debian 12 and 13 in virtual machines with UEFI and a TPM (qemu, swtpm), installs the package
# there and checks the claims about the master key: sealed by the TPM, and what happens on a reboot,
# another kernel, new firmware, a cleared TPM, another machine, power cuts, an upgrade. By hand and
# nightly. The processor is emulated, unless --kvm is given, which is faster if the host's KVM can
# run the firmware. As root. Changes nothing outside build/, except that it installs missing
# packages; the trees that it boots from are kept, in build/vm.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tools/packages.sh
. tools/packages.sh

if [[ ${1:-} == --kvm && $# == 1 ]]; then
    export PATD_VM_KVM=1
elif (($# > 0)); then
    sed -n '3,10s/^# \?//p' "$0" >&2
    exit 2
fi
if ((EUID != 0)); then
    echo "test-tpm: must be run as root: it mounts disks" >&2
    exit 1
fi
install_packages "${build_packages[@]}" "${system_packages[@]}" "${vm_packages[@]}"
mkdir -p build/vm
work=$(mktemp -d "$PWD/build/vm/run.XXXXXX")
trap 'rm -rf "$work"' EXIT
package=$(tools/package.sh 2>build/package.log) || { tail -n 40 build/package.log >&2; exit 1; }
PYTHONPATH=tools/lib /usr/bin/python3 -B tests/vm/tpm_test.py "$package" "$work"
