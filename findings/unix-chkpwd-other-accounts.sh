#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# pam_unix asks unix_chkpwd (Linux-PAM 1.5.2-6+deb12u3, Debian 12), which is setgid shadow, whether
# an account has expired. Asked about another account than the caller's it drops the group before it
# looks, and ends with 9, PAM_AUTHINFO_UNAVAIL. So `@include common-account` refuses everybody in a
# service that runs PAM as a user of its own (nginx, Apache, PostgreSQL, Squid, exim), whatever said
# yes before it, unless that is in the group shadow (FreeRADIUS). A try as root hides it, and as any
# user where nss-systemd is in nsswitch.conf and the account is root or nobody.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=libpam-modules-bin=1.5.2-6+deb12u3 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

# What it says about daemon to nobody, in these groups. Its input is no terminal, as a service's.
ask() {
    status=0
    chroot "$tree/root" setpriv --reuid=nobody --regid=nogroup "$1" \
        /usr/sbin/unix_chkpwd daemon chkexpiry </dev/null >/dev/null || status=$?
    echo "$status"
}

alone=$(ask --clear-groups)
member=$(ask --groups=shadow)
echo "in no group: $alone; in the group shadow: $member"
[ "$alone $member" = "9 0" ] || { echo "CHANGED: whom unix_chkpwd tells" >&2; exit 1; }
echo "as described"
