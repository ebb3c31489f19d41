// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/hostile/texts.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd::hostile {

// Requests of the line socket: correct ones, and damaged ones.
class LineMessages {
  public:
    // `password` is the service password of the caller; empty: none.
    LineMessages(Chance& chance, Texts& texts, std::string password)
        : chance_(chance), texts_(texts), password_(std::move(password)) {}

    // Any verb, in the right form, so that it gets one reply.
    std::string good();
    // A good one that was damaged in one or several ways.
    std::string damaged();
    // Remembers what replies give out, for later requests.
    void learn(std::string_view replies);
    // Any bytes.
    std::string bytes();

  private:
    std::string value_of(std::string_view key);
    std::string secret();
    std::string child();
    void damage(std::string& text);
    void damage_bytes(std::string& text);
    std::string long_line();

    Chance& chance_;
    Texts& texts_;
    std::string password_;
};

// What one connection returned.
struct LineReplies {
    std::size_t whole = 0;             // complete replies, with their blank line
    bool cut = false;                  // more bytes follow the last one
    std::optional<std::string> fault;  // what is wrong in them
};
// Whether `bytes` are replies as docs/line-protocol.md defines them.
LineReplies judge_replies(std::string_view bytes);

}  // namespace patd::hostile
