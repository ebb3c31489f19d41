// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/identity.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patd::support {

// Answers who sent a message as the test says: at once, or, after hold, when released.
class ScriptedIdentity final : public bus::IdentitySource {
  public:
    void look_up(sd_bus_message* message, Callback callback) override {
        ++look_ups_;
        const char* sender = sd_bus_message_get_sender(message);
        const std::string name = sender == nullptr ? "" : sender;
        if (held_)
            waiting_.emplace_back(name, std::move(callback));
        else
            callback(answer(name));
    }

    void set(const std::string& sender, Result<Uid> uid) {
        answers_.insert_or_assign(sender, std::move(uid));
    }
    void set_default(Result<Uid> uid) { default_ = std::move(uid); }
    void hold() { held_ = true; }
    void release() {
        held_ = false;
        for (auto& [name, callback] : std::exchange(waiting_, {}))
            callback(answer(name));
    }
    std::size_t look_ups() const { return look_ups_; }
    std::size_t waiting() const { return waiting_.size(); }

  private:
    Result<Uid> answer(const std::string& name) const {
        const auto found = answers_.find(name);
        return found == answers_.end() ? default_ : found->second;
    }

    std::map<std::string, Result<Uid>> answers_;
    Result<Uid> default_ = Errc::AccessDenied;
    bool held_ = false;
    std::size_t look_ups_ = 0;
    std::vector<std::pair<std::string, Callback>> waiting_;
};

}  // namespace patd::support
