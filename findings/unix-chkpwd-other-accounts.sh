#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# pam_unix asks unix_chkpwd (Linux-PAM 1.5.2-6+deb12u3 of Debian 12 and 1.7.0-8 of sid), which is
# setgid shadow, whether an account has expired. Asked about another account than the caller's it
# drops the group before it looks, and ends with 9, PAM_AUTHINFO_UNAVAIL, "could not obtain user
# info". So `@include common-account` refuses everybody in a service that runs PAM as a user of its
# own (nginx, Apache, PostgreSQL, Squid, exim), whatever said yes before it, unless that is in the
# group shadow (FreeRADIUS). A try with root or nobody hides it where nss-systemd is in
# nsswitch.conf: that gives their entries to everybody.
#
# Needs root and setpriv, and changes nothing. Status 0: it is as described; 1: it is not any more.
set -eu

# What it says about daemon to nobody, in these groups.
ask() {
    status=0
    setpriv --reuid=nobody --regid=nogroup "$1" /usr/sbin/unix_chkpwd daemon chkexpiry \
        >/dev/null || status=$?
    echo "$status"
}

alone=$(ask --clear-groups)
member=$(ask --groups=shadow)
echo "in no group: $alone; in the group shadow: $member"
[ "$alone $member" = "9 0" ] || { echo "CHANGED: whom unix_chkpwd tells" >&2; exit 1; }
echo "as described"
