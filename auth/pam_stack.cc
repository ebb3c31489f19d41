// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/pam_stack.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

namespace patd::auth {
namespace {

constexpr int kDepthMax = 8;

// They ask for nothing, and let nobody in by themselves as Debian's stacks use them.
constexpr std::array<std::string_view, 8> kNeutral = {
    "pam_cap.so",      "pam_deny.so",    "pam_env.so",    "pam_faildelay.so",
    "pam_faillock.so", "pam_nologin.so", "pam_permit.so", "pam_shells.so"};

// The words of a line; a control in brackets is one.
std::vector<std::string> split_line(std::string_view line) {
    std::vector<std::string> words;
    bool in_brackets = false;
    bool in_word = false;
    for (const char c : line.substr(0, line.find('#'))) {
        const bool is_blank = (c == ' ' || c == '\t' || c == '\r') && !in_brackets;
        in_brackets = c == '[' || (in_brackets && c != ']');
        if (!is_blank && !in_word)
            words.emplace_back();
        if (!is_blank)
            words.back() += c;
        in_word = !is_blank;
    }
    return words;
}

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

struct Stack {
    std::string directory;
    std::string_view module;
    bool has_module = false;

    bool read_file(const std::string& name, int depth);
    bool read_line(const std::vector<std::string>& words, int depth);
};

bool Stack::read_line(const std::vector<std::string>& words, int depth) {
    if (words.empty())
        return true;
    if (words[0] == "@include")
        return words.size() == 2 && read_file(words[1], depth + 1);
    if (words[0] != "auth" && words[0] != "-auth")
        return true;
    if (words.size() < 3)
        return false;
    if (words[1] == "include" || words[1] == "substack")
        return read_file(words[2], depth + 1);
    const std::string name = name_of(words[2]);
    has_module = has_module || name == module;
    return name == module || std::find(kNeutral.begin(), kNeutral.end(), name) != kNeutral.end();
}

bool Stack::read_file(const std::string& name, int depth) {
    if (depth > kDepthMax || name.find('/') != std::string::npos)
        return false;
    std::ifstream file(directory + "/" + name);
    if (!file)
        return false;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with('\\') || !read_line(split_line(line), depth))
            return false;
    }
    return true;
}

}  // namespace

bool asks_only(const std::string& service, std::string_view module,
               const std::optional<std::string>& confdir) {
    Stack stack{confdir.value_or("/etc/pam.d"), module};
    return stack.read_file(service, 0) && stack.has_module;
}

}  // namespace patd::auth
