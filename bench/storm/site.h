// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/message_broker.h"
#include "bench/placement.h"
#include "bench/server.h"
#include "bench/storm/abuses.h"
#include "bench/storm/victim.h"

#include <memory>
#include <string>

namespace patd::bench {

// What every patd of a build starts with: a store, service passwords, a catalogue. Made once.
class Beginning {
  public:
    // `build`: the build directory of the patd that makes the store; "" for this one.
    Beginning(const Workspace& workspace, const Cast& cast, const std::string& build = "");

    const Cast& cast() const { return cast_; }
    const std::string& directory() const { return directory_; }
    const SeededAccount& of(const char* account) const { return seeded_.accounts.at(account); }
    const std::string& password() const { return password_; }

  private:
    Cast cast_;
    std::string directory_;
    std::string password_;  // of everybody who has one
    Seeded seeded_;
};

// patd with a separate bus and patd-auth, with the limits that Debian ships.
class Site {
  public:
    struct Parts {
        const Workspace& workspace;
        const Beginning& beginning;
        Placement placement;
        bool has_broker;  // dbus-broker instead of dbus-daemon
    };
    // `build`: the build directory of the patd to run; "" for this one.
    Site(const Parts& parts, std::string name, std::string build = "");

    // Starts everything afresh, and waits until it answers. Then moves this process to where
    // clients run. `descriptors`: how many patd may have; 0: as many as this process.
    void start(std::size_t descriptors = 0);
    void stop();
    // Waits until patd answers as before the storm; if it does not, starts everything afresh and
    // returns false.
    bool settle();

    const std::string& name() const { return name_; }
    Aim aim() const;
    Victim victim() const;

  private:
    std::string path(const char* what) const { return workspace_.disk(name_ + "." + what); }
    void make_own_directory() const;
    void start_bus();
    void start_auth();
    void start_patd();
    void start_floor();
    void await_bus() const;
    bool answers() const;

    const Workspace& workspace_;
    const Beginning& beginning_;
    Placement placement_;
    bool has_broker_;
    std::string name_;
    std::string build_;
    std::size_t descriptors_ = 0;
    std::vector<std::string> wrong_secrets_;
    std::string forged_secret_;
    std::unique_ptr<Background> bus_;
    std::unique_ptr<MessageBroker> broker_;  // instead of dbus-daemon
    std::unique_ptr<Background> auth_;
    std::unique_ptr<Background> patd_;
    std::unique_ptr<Background> floor_;  // idle, unless an abuse uses it
    std::unique_ptr<Background> line_floor_;
};

}  // namespace patd::bench
