// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/stored_by.h"

#include "common/base/limits.h"
#include "common/base/tool_limits.h"
#include "common/token/visible_text.h"

#include <string_view>

namespace patd {
namespace {

constexpr std::string_view kGit = "git";
// git asks through it, and stores nothing through it.
constexpr std::string_view kAskpass = "askpass";
constexpr std::string_view kSeparator = ": ";

std::string_view asker_of(const ReleaseRequest& request) {
    return request.tool.empty() || request.tool == kAskpass ? kGit : request.tool;
}

std::string describe(std::string_view by, const std::string& place) {
    return std::string(
        cut_text(std::string(by).append(kSeparator).append(place), limits::kDescriptionBytes));
}

std::string_view storer_of(const Token& token) {
    const std::string_view description = token.description;
    const std::size_t end = description.find(kSeparator);
    if (end > limits::kToolNameBytes || token.targets.size() != 1)
        return kGit;
    const std::string_view by = description.substr(0, end);
    return description == describe(by, token.targets.front().url()) ? by : kGit;
}

}  // namespace

std::string describe_stored(const ReleaseRequest& request, const std::string& place) {
    return describe(asker_of(request), place);
}

bool is_stored_by_asker(const Token& token, const ReleaseRequest& request) {
    return storer_of(token) == asker_of(request);
}

}  // namespace patd
