// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/permissions.h"

#include <sys/stat.h>

#include <array>

namespace patd::cli::doctor {
namespace {

enum class Owner { Root, Daemon, Auth, RootOrDaemon };

struct Row {
    const char* path;
    mode_t kind;
    Owner owner;
    mode_t mode;       // what it should have
    mode_t forbidden;  // bits that let somebody in who must stay out
    mode_t needed;     // bits without which somebody who must get in cannot
};

constexpr mode_t kOthersWrite = 0022;
constexpr mode_t kOthersAny = 0077;

constexpr std::array kRows = {
    Row{"/etc/patd", S_IFDIR, Owner::Root, 0755, kOthersWrite, 0},
    Row{"/etc/patd/patd.conf", S_IFREG, Owner::Root, 0644, kOthersWrite, 0},
    Row{"/etc/patd/patd.conf.d", S_IFDIR, Owner::Root, 0755, kOthersWrite, 0},
    Row{"/etc/patd/master-key.cred", S_IFREG, Owner::Root, 0600, kOthersAny, 0},
    Row{"/etc/patd/master.key", S_IFREG, Owner::RootOrDaemon, 0400, kOthersAny, 0},
    Row{"/var/lib/patd", S_IFDIR, Owner::Daemon, 0700, kOthersAny, 0},
    Row{"/var/lib/patd/store.db", S_IFREG, Owner::Daemon, 0600, kOthersAny, 0},
    Row{"/var/lib/patd/audit.db", S_IFREG, Owner::Daemon, 0600, kOthersAny, 0},
    Row{"/var/lib/patd/audit.journal", S_IFREG, Owner::Daemon, 0600, kOthersAny, 0},
    Row{"/var/lib/patd-auth", S_IFDIR, Owner::Auth, 0700, kOthersAny, 0},
    Row{"/run/patd", S_IFDIR, Owner::RootOrDaemon, 0755, kOthersWrite, 0055},
    Row{"/run/patd/socket", S_IFSOCK, Owner::RootOrDaemon, 0666, 0, 0066},
    Row{"/run/patd-auth", S_IFDIR, Owner::RootOrDaemon, 0755, kOthersWrite, 0},
    Row{"/run/patd-auth/auth.sock", S_IFSOCK, Owner::RootOrDaemon, 0600, kOthersAny, 0},
    Row{"/run/patd-auth/enroll.sock", S_IFSOCK, Owner::RootOrDaemon, 0600, kOthersAny, 0},
    Row{"/run/patd-auth/counter.sock", S_IFSOCK, Owner::RootOrDaemon, 0600, kOthersAny, 0},
};

bool is_owner(const Machine& machine, Owner owner, Uid uid) {
    switch (owner) {
        case Owner::Root:
            return uid.is_root();
        case Owner::Daemon:
            return uid == machine.daemon;
        case Owner::Auth:
            return uid == machine.auth;
        case Owner::RootOrDaemon:
            return uid.is_root() || uid == machine.daemon;
    }
    return false;
}

// The first word of the account that should own it.
const char* owner_name(Owner owner) {
    if (owner == Owner::Auth)
        return "patd-auth";
    return owner == Owner::Daemon ? "patd" : "root";
}

std::string format_mode(mode_t mode) {
    std::string text = "0000";
    for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>('0' + ((mode >> (9 - 3 * i)) & 7U));
    return text;
}

void check_row(const Machine& machine, const Row& row, Findings& findings) {
    const std::string path = row.path;
    const FileFacts file = look_at(machine, path);
    if (file.presence == Presence::Hidden)
        return findings.hide(path);
    if (!file.is_there())
        return;
    if ((file.mode & S_IFMT) != row.kind)
        return findings.error(path + " is of the wrong kind, for example a symbolic link",
                              "sudo mv " + path + " " + path + ".wrong");
    if (!is_owner(machine, row.owner, file.owner)) {
        const std::string name = owner_name(row.owner);
        findings.error(
            path + " belongs to uid " + std::to_string(file.owner.value()) + " instead of " + name,
            "sudo chown " + name + ":" + name + " " + path);
    }
    const std::string mode = format_mode(row.mode);
    const std::string fix = "sudo chmod " + mode + " " + path;
    if ((file.mode & row.forbidden) != 0)
        findings.error(path + " is open to others: mode " + format_mode(file.mode) +
                           ", which should be " + mode,
                       fix);
    else if ((file.mode & row.needed) != row.needed)
        findings.error(path + " is closed to those who need it: mode " + format_mode(file.mode) +
                           ", which should be " + mode,
                       fix);
}

}  // namespace

void check_permissions(const Machine& machine, Findings& findings) {
    if (!machine.daemon || !machine.auth)
        return findings.error("the accounts patd and patd-auth do not exist",
                              "sudo systemd-sysusers patd.conf");
    for (const Row& row : kRows)
        check_row(machine, row, findings);
}

}  // namespace patd::cli::doctor
