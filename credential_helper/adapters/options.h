// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/tool_limits.h"
#include "credential_helper/adapters/question.h"

#include <array>
#include <span>
#include <string_view>

namespace patd::credential_helper {

// Takes the value of --permission or --ttl into `narrowing`. The sentence about a value that the
// option does not take; "" when it is fine.
std::string_view take_narrowing(std::string_view option, std::string_view value,
                                Narrowing& narrowing);

// A command line that is options and words: --permission LIST, --ttl TIME, --show, and, where
// `write_permissions` is there to take it, --write-permission LIST. Views the arguments.
class Options {
  public:
    explicit Options(std::span<const std::string_view> arguments,
                     std::string_view* write_permissions = nullptr);

    // The sentence about what is wrong; "" when all is fine.
    std::string_view fault() const { return fault_; }
    const Narrowing& narrowing() const { return narrowing_; }
    bool show() const { return show_; }
    // What is no option, in order.
    std::span<const std::string_view> words() const { return {words_.data(), count_}; }

  private:
    std::string_view fault_;
    Narrowing narrowing_;
    bool show_ = false;
    std::array<std::string_view, limits::kToolArguments> words_;
    std::size_t count_ = 0;
};

}  // namespace patd::credential_helper
