#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Dovecot: with `auth_cache_size = 10M` and PAM as the only passdb, 2.3.19 (Debian 12) asks PAM at
# every login, because it caches only a passdb that has a cache_key in its args. 2.4.1 (Debian 13)
# has no cache_key: the same setting caches what PAM answered, so that a password goes on being
# accepted after PAM refuses it, for auth_cache_ttl, unless the passdb says `use_cache = no`.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

cat >"$tree/try" <<'EOT'
set -eu
# dovecot's own folder and PAM's rule for it are in a mount namespace's /run and file.
mkdir -p /run/dovecot
rule() { printf 'auth required %s\naccount required pam_permit.so\n' "$1" >/etc/pam.d/dovecot; }
settings="base_dir = /run/dovecot
log_path = /run/dovecot.log
protocols =
ssl = no
auth_cache_size = 10M"
newer="dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0"
attempt() {
    text=$1
    printf '%s\n' "$2" >/run/dovecot.conf
    rule pam_permit.so
    dovecot -c /run/dovecot.conf -F >/dev/null 2>&1 &
    pid=$!
    first=$(doveadm -c /run/dovecot.conf auth test root word 2>&1 | head -n 1)
    while [ "${first#*passdb}" = "$first" ]; do
        first=$(doveadm -c /run/dovecot.conf auth test root word 2>&1 | head -n 1)
    done
    rule pam_deny.so
    second=$(doveadm -c /run/dovecot.conf auth test root word 2>&1 | head -n 1)
    kill "$pid"
    wait "$pid" || true
    echo "$text: ${first##* }, then ${second##* }"
}
case $(dovecot --version) in
    2.3.*)
        attempt "2.3.19" "$settings
passdb {
  driver = pam
}
userdb {
  driver = passwd
}"
        ;;
    *)
        attempt "2.4.1" "$newer
$settings
passdb pam {
}
userdb passwd {
}"
        attempt "2.4.1, use_cache = no" "$newer
$settings
passdb pam {
  use_cache = no
}
userdb passwd {
}"
        ;;
esac
EOT

# in_tree SUITE VERSION: what the attempts print with that version of Dovecot.
in_tree() {
    root=$tree/$1
    mmdebstrap --quiet --variant=minbase --include="dovecot-core=1:$2" "$1" "$root" ${MIRROR:-} \
        </dev/null >&2
    cp "$tree/try" "$root/try"
    unshare --mount --pid --fork --kill-child sh -c \
        'mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/run" && chroot "$1" sh /try' \
        - "$root"
}
seen=$(in_tree bookworm '2.3.19.1+dfsg1-2.1+deb12u7'
    in_tree trixie '2.4.1+dfsg1-6+deb13u7')
printf '%s\n' "$seen"
wanted='2.3.19: succeeded, then failed
2.4.1: succeeded, then succeeded
2.4.1, use_cache = no: succeeded, then failed'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
