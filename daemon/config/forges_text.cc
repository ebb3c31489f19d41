// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/forges_text.h"

#include "common/base/limits.h"
#include "common/token/token.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace patd {
namespace {

bool is_forge_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::kForgeNameBytes &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

constexpr ConfigForm kForgeForm{
    is_forge_name, "not a section of gateway.d; a section is the [name] of a forge",
    "an option outside of a section; put a line [NAME] above it",
    "neither KEY=VALUE, nor [NAME], nor a comment; put # before a comment"};

constexpr std::array kSchemes = {ForgeScheme::Basic, ForgeScheme::Bearer, ForgeScheme::Token,
                                 ForgeScheme::PrivateToken};

// Takes the first word, and the blanks behind it.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.find_first_not_of(" \t", end), text.size()));
    return word;
}

// "basic", "basic USER", "bearer", ...
std::optional<ForgeAuth> parse_auth(std::string_view text) {
    const std::string_view name = take_word(text);
    const auto scheme = std::find_if(kSchemes.begin(), kSchemes.end(), [&](ForgeScheme each) {
        return forge_scheme_name(each) == name;
    });
    if (scheme == kSchemes.end() || (*scheme != ForgeScheme::Basic && !text.empty()) ||
        text.find(':') != std::string_view::npos)
        return std::nullopt;
    if (text.empty())
        return ForgeAuth{*scheme, {}};
    const Result<std::string> username = parse_username(text);
    return username ? std::optional(ForgeAuth{*scheme, *username}) : std::nullopt;
}

bool is_method(std::string_view text) {
    constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return std::find(kMethods.begin(), kMethods.end(), text) != kMethods.end();
}

// "/repos/*/*/commits": whole segments, of which "*" is any one.
std::optional<std::vector<std::string>> parse_pattern(std::string_view text) {
    std::vector<std::string> segments;
    while (!text.empty()) {
        if (text.front() != '/')
            return std::nullopt;
        text.remove_prefix(1);
        const std::string_view segment = text.substr(0, text.find('/'));
        const bool is_plain = std::all_of(segment.begin(), segment.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_' || c == '.';
        });
        if (segment.empty() || segment == "." || segment == ".." || (segment != "*" && !is_plain))
            return std::nullopt;
        segments.emplace_back(segment);
        text.remove_prefix(segment.size());
    }
    return segments.empty() ? std::nullopt : std::optional(segments);
}

// "PERMISSION METHOD PATH"
std::optional<RestRule> parse_rule(std::string_view text) {
    const Result<Permission> permission = Permission::parse(take_word(text));
    const std::string_view method = take_word(text);
    std::optional<std::vector<std::string>> path = parse_pattern(text);
    if (!permission || !is_method(method) || !path)
        return std::nullopt;
    return RestRule{*permission, std::string(method), std::move(*path)};
}

// Reads one file line by line.
class ForgeReader {
  public:
    ForgeReader(const std::string& path, Forges& forges, std::vector<ConfigFault>& faults)
        : path_(path), forges_(forges), faults_(faults) {}

    void read(const ConfigLine& line) {
        if (!line.fault.empty())
            return refuse(line, std::string(line.fault));
        if (line.begins_section) {
            name_ = line.section;
            forges_.at(name_);
            if (forges_.size() > limits::kForges)
                refuse(line, "more than 32 forges; there are no more");
        } else if (line.key == "Hosts") {
            read_hosts(line);
        } else if (line.key == "Git") {
            read_auth(line, forges_.at(name_).git);
        } else if (line.key == "Rest") {
            read_auth(line, forges_.at(name_).rest);
        } else if (line.key == "Allow") {
            read_rule(line);
        } else {
            refuse(line, "an unknown option; there are Hosts=, Git=, Rest= and Allow=");
        }
    }

  private:
    void read_hosts(const ConfigLine& line) {
        std::string_view rest = line.value;
        while (!rest.empty()) {
            const Result<Origin> host = Origin::parse("https", take_word(rest));
            if (!host)
                return refuse(line, "Hosts= takes hosts such as git.example or git.example:8443");
            if (!forges_.add_host(*host, name_))
                return refuse(line, "a host that another forge has already");
        }
        if (forges_.hosts() > limits::kForgeHosts)
            refuse(line, "more than 64 hosts; there are no more");
    }
    void read_auth(const ConfigLine& line, ForgeAuth& auth) {
        const std::optional<ForgeAuth> read = parse_auth(line.value);
        if (!read)
            return refuse(line, std::string(line.key) +
                                    "= takes basic, basic USER, bearer, token or private-token");
        auth = *read;
    }
    void read_rule(const ConfigLine& line) {
        std::optional<RestRule> rule = parse_rule(line.value);
        if (!rule)
            return refuse(line,
                          "Allow= takes PERMISSION METHOD PATH, for example "
                          "vcs:repository:ro GET /repos/*/*/commits");
        if (forges_.rules() == limits::kRestRules)
            return refuse(line, "more than 512 lines Allow=; there are no more");
        forges_.at(name_).rules.push_back(std::move(*rule));
    }
    void refuse(const ConfigLine& line, std::string text) {
        faults_.push_back({path_, line.number, std::move(text)});
    }

    const std::string& path_;
    Forges& forges_;
    std::vector<ConfigFault>& faults_;
    std::string name_;
};

}  // namespace

void read_forges(const ConfigFile& file, Forges& forges, std::vector<ConfigFault>& faults) {
    ForgeReader reader(file.path, forges, faults);
    for (const ConfigLine& line : parse_config_text(file.text, kForgeForm))
        reader.read(line);
}

}  // namespace patd
