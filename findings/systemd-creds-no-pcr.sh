#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd-creds of systemd 252 (252.39-1~deb12u2, Debian 12), asked to seal to a TPM and to no PCR
# at all (--tpm2-pcrs=, which systemd-creds(1) allows), does so with status 0. It can never open
# what it made: "TPM2 PCR bank invalid or not supported", status 1. Sealed to PCR 23, which nothing
# extends, the same secret comes back. So a secret whose plain copy was dropped after "encrypt" is
# lost: open once what was sealed, and name a PCR.
#
# Seen with swtpm 0.7.1-1.3 and libtss2 3.2.1-3. Needs root and mmdebstrap ($MIRROR:
# instead of its own mirror); works in a temporary folder. Status 0: it is as described; 1: it is
# not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase \
    --include=systemd=252.39-1~deb12u2,swtpm=0.7.1-1.3,libtss2-esys-3.0.2-0=3.2.1-3 \
    --include=libtss2-rc0=3.2.1-3,libtss2-tcti-swtpm0=3.2.1-3 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/seal" <<'EOF'
# $1: the PCRs. A TPM of its own each time.
set -eu
mkdir "/run/tpm$1"
swtpm socket --tpm2 --tpmstate "dir=/run/tpm$1" --server type=tcp,port=24321 \
    --ctrl type=tcp,port=24322 --flags not-need-init,startup-clear --pid "file=/run/pid$1" --daemon
trap 'kill "$(cat "/run/pid$1")"' EXIT
export SYSTEMD_TPM2_DEVICE=swtpm:host=127.0.0.1,port=24321
printf 'a secret' >/run/plain
systemd-creds encrypt --name=example --with-key=tpm2 "--tpm2-pcrs=$1" \
    /run/plain "/run/sealed$1" 2>&1
echo "sealed: $?"
opened=0
systemd-creds decrypt --name=example "/run/sealed$1" - 2>&1 || opened=$?
echo
echo "opened: $opened"
EOF

none=$(chroot "$tree/root" sh /run/seal "")
one=$(chroot "$tree/root" sh /run/seal 23)
printf 'no PCR:\n%s\n\nPCR 23:\n%s\n' "$none" "$one"
case $none in
    *"sealed: 0"*"TPM2 PCR bank invalid or not supported"*"opened: 1"*) ;;
    *) echo "CHANGED: sealing to no PCR" >&2; exit 1 ;;
esac
case $one in
    *"sealed: 0"*"a secret"*"opened: 0"*) ;;
    *) echo "CHANGED: sealing to PCR 23" >&2; exit 1 ;;
esac
echo "as described"
