// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace patd::cli::doctor {

// The machine that is looked at. Everything is only read.
struct Machine {
    std::string root;  // stands before every path; empty on the real machine
    Uid user;          // who looks
    std::optional<Uid> daemon;
    std::optional<Uid> auth;
    UnixTime now = 0;
    bool clock_synchronized = true;
    bool own_service = false;  // the user's own service is looked at, and not the machine's

    // This machine, seen by this process; `now` as given.
    static Machine look(std::string root, UnixTime now);

    std::string at(const std::string& path) const { return root + path; }
};

enum class Presence { Missing, Hidden, There };

struct FileFacts {
    Presence presence = Presence::Missing;
    mode_t mode = 0;
    Uid owner{0xffffffff};
    UnixTime changed = 0;

    bool is_there() const { return presence == Presence::There; }
};

// The entry itself, no symbolic link is followed. Hidden: the user may not see it.
FileFacts look_at(const Machine& machine, const std::string& path);

// The text of a file up to 1 MiB (Debian's squid.conf has 340 KiB); nothing when it cannot be read.
std::optional<std::string> read_text(const Machine& machine, const std::string& path);

// The names in a directory, sorted; nothing when it cannot be read.
std::optional<std::vector<std::string>> list_names(const Machine& machine, const std::string& path);

}  // namespace patd::cli::doctor
