// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/cli/support.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <string>

namespace patd::cli {

inline constexpr char kReleased[] = "username=alice\npassword=patc1_the-secret\n\n";

// A line socket that answers every request with `reply`, for a patctl that asks there.
class ScriptedRelease {
  public:
    explicit ScriptedRelease(std::string reply = kReleased)
        : server_(path_, support::ScriptedLineServer::reply(std::move(reply))) {}

    std::vector<std::string> requests() const { return server_.requests(); }
    const std::string& path() const { return path_; }

  private:
    support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("socket");
    support::ScriptedLineServer server_;
};

}  // namespace patd::cli
