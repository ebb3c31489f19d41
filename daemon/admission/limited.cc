// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/limited.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"

#include <algorithm>
#include <string>

namespace patd {
namespace {

constexpr std::chrono::minutes kTellEvery{1};
constexpr std::chrono::minutes kKeep{10};

}  // namespace

std::string_view limited_name(Limited::What what) {
    switch (what) {
        case Limited::What::Connections:
            return "connections";
        case Limited::What::Calls:
            return "calls";
        case Limited::What::Checks:
            return "checks";
        case Limited::What::Descriptors:
            return "descriptors";
        case Limited::What::Operations:
            return "operations";
    }
    return "";
}

void Limited::make_room() {
    if (known_.size() < limits::kLimitedKnown)
        return;
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
    }));
}

void Limited::note(Uid lot, What what) {
    const auto now = clock_.since_boot();
    auto found = known_.find({lot, what});
    if (found != known_.end() && now - found->second.last > kKeep) {
        known_.erase(found);
        found = known_.end();
    }
    if (found == known_.end()) {
        make_room();
        found = known_.emplace(Key{lot, what}, Known{0, now, now - kTellEvery}).first;
    }
    Known& known = found->second;
    ++known.count;
    ++known.untold;
    known.last = now;
    if (now - known.told < kTellEvery)
        return;
    log(messages::kLimited, {{"UID", std::to_string(lot.value())},
                             {"LIMIT", std::string(limited_name(what))},
                             {"COUNT", std::to_string(known.untold)}});
    known.told = now;
    known.untold = 0;
}

std::vector<Limited::Entry> Limited::recent() const {
    const auto now = clock_.since_boot();
    std::vector<Entry> entries;
    for (const auto& [key, known] : known_) {
        if (now - known.last <= kKeep)
            entries.push_back({key.first, key.second, known.count,
                               std::chrono::duration_cast<std::chrono::seconds>(now - known.last)});
    }
    return entries;
}

}  // namespace patd
