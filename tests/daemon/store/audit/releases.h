// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/audit/event.h"
#include "tests/daemon/store/store_fixture.h"

#include <string>
#include <vector>

namespace patd::store::test {

inline Event make_release(Uid owner, std::string where) {
    return {kNow, owner, std::nullopt, owner, "release", "ok", std::move(where)};
}

// "0", "1", ... as releases are told apart in these tests.
inline std::vector<std::string> numbers(std::size_t end) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < end; ++i)
        texts.push_back(std::to_string(i));
    return texts;
}

}  // namespace patd::store::test
