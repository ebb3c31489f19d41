// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/forges_text.h"
#include "daemon/release/forge_request.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <algorithm>
#include <string>
#include <vector>

namespace patd::fuzz {
namespace {

// Whatever a server makes of it, a dot segment or an empty one is none of it.
void check_let_through(std::string_view target, const ForgeRequest& judged) {
    const std::string_view path = target.substr(0, target.find('?'));
    for (const std::string_view wrong : {"//", "/./", "/../", "\\", "#", ";"})
        require((std::string(path) + "/").find(wrong) == std::string_view::npos,
                "what is let through has one reading");
    require(path.starts_with('/') && !path.ends_with('/'), "it is a path");
    for (const char c : target)
        require(c > ' ' && c <= '~', "it is printable ASCII");
    const Result<std::string> place = parse_path(judged.place);
    require(place && *place == judged.place && !judged.place.empty(), "its place is one");
    require(!judged.is_git || judged.permission.text().starts_with("vcs:repository:"),
            "git reads or writes repositories");
}

}  // namespace

// A method, a blank, a raw request target and a line end; then a file of gateway.d, whose forge
// "mine" is asked.
void gateway(std::string_view input) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const std::string_view method = line.substr(0, line.find(' '));
    const std::string_view target = line.substr(std::min(method.size() + 1, line.size()));
    Forges forges;
    std::vector<ConfigFault> faults;
    read_forges({"x.conf", std::string(input)}, forges, faults);
    if (const auto judged = judge_forge_request(nullptr, method, target)) {
        require(judged->is_git, "without a table only git is let through");
        check_let_through(target, *judged);
    }
    if (const auto judged = judge_forge_request(&forges.at("mine"), method, target))
        check_let_through(target, *judged);
}

}  // namespace patd::fuzz
