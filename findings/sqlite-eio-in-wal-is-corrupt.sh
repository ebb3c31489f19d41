#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# SQLite 3.40.1 (Debian 12) and 3.46.1 (Debian 13): when a read(2) of the write-ahead log fails with
# EIO, the query ends with SQLITE_CORRUPT, "database disk image is malformed"; with EACCES it ends
# with SQLITE_IOERR. A program that gives up a damaged record takes a disk that did not answer once
# for damage; the next query, with a disk that answers, has the row.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

cat >"$tree/try.c" <<'EOT'
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static int failure;
static ssize_t perhaps_read(int fd, void* page, size_t size, off_t offset) {
    if (failure == 0)
        return pread(fd, page, size, offset);
    errno = failure;
    return -1;
}
static int look(sqlite3* database) {
    return sqlite3_exec(database, "SELECT count(*) FROM entry", 0, 0, 0);
}
int main(void) {
    sqlite3 *reader, *writer;
    sqlite3_initialize();
    sqlite3_vfs* files = sqlite3_vfs_find(0);
    files->xSetSystemCall(files, "pread", (sqlite3_syscall_ptr)perhaps_read);
    files->xSetSystemCall(files, "pread64", (sqlite3_syscall_ptr)perhaps_read);
    sqlite3_open("/try.db", &writer);
    sqlite3_exec(writer, "PRAGMA journal_mode = WAL; CREATE TABLE entry(name)", 0, 0, 0);
    sqlite3_open("/try.db", &reader);
    const int failures[] = {EIO, EACCES};
    for (int i = 0; i < 2; i++) {
        look(reader);
        sqlite3_exec(writer, "INSERT INTO entry VALUES('a')", 0, 0, 0);
        failure = failures[i];
        const int failed = look(reader);
        failure = 0;
        printf("%s: %s: %s, then %s\n", sqlite3_libversion(), i == 0 ? "EIO" : "EACCES",
               sqlite3_errstr(failed), sqlite3_errstr(look(reader)));
    }
    return 0;
}
EOT

# in_tree SUITE VERSION: what the program prints with that version of SQLite.
in_tree() {
    root=$tree/$1
    packages=gcc,libc6-dev,libsqlite3-0=$2,libsqlite3-dev=$2
    mmdebstrap --quiet --variant=minbase --include="$packages" "$1" "$root" ${MIRROR:-} \
        </dev/null >&2
    cp "$tree/try.c" "$root/try.c"
    chroot "$root" sh -c 'gcc -o /try /try.c -lsqlite3 && /try'
}
seen=$(in_tree bookworm '3.40.1-2+deb12u2'
    in_tree trixie '3.46.1-7+deb13u2')
printf '%s\n' "$seen"
wanted='3.40.1: EIO: database disk image is malformed, then not an error
3.40.1: EACCES: disk I/O error, then not an error
3.46.1: EIO: database disk image is malformed, then not an error
3.46.1: EACCES: disk I/O error, then not an error'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
