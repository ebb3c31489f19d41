// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/pam_stack.h"

#include "common/base/pam_line.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <vector>

namespace patd::auth {
namespace {

constexpr int kDepthMax = 8;

// They ask for nothing, and let nobody in by themselves as Debian's stacks use them.
constexpr std::array<std::string_view, 8> kNeutral = {
    "pam_cap.so",      "pam_deny.so",    "pam_env.so",    "pam_faildelay.so",
    "pam_faillock.so", "pam_nologin.so", "pam_permit.so", "pam_shells.so"};

struct Stack {
    std::string directory;
    std::string_view module;
    bool has_module = false;

    bool read_file(const std::string& name, int depth);
    bool follow(const PamLine& line, int depth);
};

bool Stack::follow(const PamLine& line, int depth) {
    if (line.is_include())
        return read_file(line.module, depth + 1);
    if (line.type != "auth")
        return true;
    if (line.includes_type())
        return read_file(line.module, depth + 1);
    has_module = has_module || line.is_for(module);
    return line.is_for(module) ||
           std::any_of(kNeutral.begin(), kNeutral.end(),
                       [&](std::string_view neutral) { return line.is_for(neutral); });
}

bool Stack::read_file(const std::string& name, int depth) {
    if (depth > kDepthMax || name.empty() || name.find('/') != std::string::npos)
        return false;
    std::ifstream file(directory + "/" + name);
    if (!file)
        return false;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::vector<PamLine> lines = parse_pam_lines(text);
    return !file.bad() && std::all_of(lines.begin(), lines.end(),
                                      [&](const PamLine& line) { return follow(line, depth); });
}

}  // namespace

bool asks_only(const std::string& service, std::string_view module,
               const std::optional<std::string>& confdir) {
    Stack stack{confdir.value_or("/etc/pam.d"), module};
    return stack.read_file(service, 0) && stack.has_module;
}

}  // namespace patd::auth
