// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/client/unit_state.h"

#include <map>
#include <string>
#include <thread>
#include <vector>

struct sd_bus;

namespace patd::cli {

// A stand-in for systemd on a bus: the units that it was given, and those alone. It is asked what
// the real one would be asked, with the real names and types.
class FakeSystemd {
  public:
    FakeSystemd(const std::string& address, std::vector<client::UnitState> units);
    FakeSystemd(const FakeSystemd&) = delete;
    FakeSystemd& operator=(const FakeSystemd&) = delete;
    ~FakeSystemd();

    // Called by the handlers, in the service's thread.
    std::string path_of(const std::string& name) const;
    const client::UnitState* find(const std::string& path) const;

  private:
    std::map<std::string, client::UnitState> units_;  // by object path
    UniqueFd stop_;
    std::thread thread_;
};

}  // namespace patd::cli
