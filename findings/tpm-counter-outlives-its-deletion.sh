#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A counter in a TPM 2.0's memory (tpm2_nvdefine -a nt=1) that is deleted and made anew does not
# begin at 1, nor does one that is made after TPM2_Clear, which deletes all: each begins one above
# the highest that was deleted. It is not above those that are there: with one at 9, a new one
# begins at 7. So a counter cannot be brought down by its owner, but two that have the same value
# are not the same one. With "orderly" it moves when the power goes: 8 before, 255 after, 256 with
# the next step.
#
# Seen with swtpm 0.7.1-1.3, libtpms 0.9.2-3.1+deb12u1 and tpm2-tools 5.4-1 (Debian 12). Needs root
# and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder. Status 0: it is
# as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase \
    --include=swtpm=0.7.1-1.3,libtpms0=0.9.2-3.1+deb12u1,tpm2-tools=5.4-1 \
    --include=libtss2-tcti-swtpm0=3.2.1-3,libtss2-tctildr0=3.2.1-3 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/count" <<'EOF'
set -eu
export TPM2TOOLS_TCTI=swtpm:path=/run/tpm.sock TSS2_LOG=all+NONE
mkdir /run/tpm
switch_on() {
    swtpm socket --tpm2 --tpmstate dir=/run/tpm --server type=unixio,path=/run/tpm.sock \
        --ctrl type=unixio,path=/run/tpm.sock.ctrl --flags not-need-init,startup-clear \
        --pid file=/run/tpm.pid --daemon
}
define() { tpm2_nvdefine -Q -C o -s 8 -a "nt=1|authread|authwrite|no_da${2:-}" "$1"; }
step() { tpm2_nvincrement -Q -C "$1" "$1"; }
show() { echo "$1: $((0x$(tpm2_nvread -C "$2" "$2" | od -An -tx1 | tr -d ' ')))"; }
switch_on
define 0x1800001
for i in 1 2 3 4 5; do step 0x1800001; done
show first 0x1800001
tpm2_nvundefine -Q -C o 0x1800001
define 0x1800001
step 0x1800001
show again 0x1800001
tpm2_clear -Q -c p
define 0x1800002
step 0x1800002
show cleared 0x1800002
step 0x1800002
step 0x1800002
define 0x1800003
step 0x1800003
show higher 0x1800002
show beside 0x1800003
define 0x1800004 "|orderly"
step 0x1800004
step 0x1800004
show orderly 0x1800004
kill -KILL "$(cat /run/tpm.pid)"
while kill -0 "$(cat /run/tpm.pid)" 2>/dev/null; do :; done
switch_on
show off 0x1800004
step 0x1800004
show then 0x1800004
kill "$(cat /run/tpm.pid)"
EOF

seen=$(chroot "$tree/root" sh /run/count)
echo "$seen"
expected="first: 5 again: 6 cleared: 7 higher: 9 beside: 7 orderly: 8 off: 255 then: 256"
if [ "$(echo "$seen" | tr '\n' ' ')" != "$expected " ]; then
    echo "CHANGED: expected $expected" >&2
    exit 1
fi
echo "as described"
