// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/text_lines.h"
#include "cli/import/tool_files.h"
#include "common/base/limits.h"

#include <algorithm>
#include <vector>

namespace patd::cli {
namespace {

struct NpmValue {
    std::size_t line = 0;
    std::string_view text = {};
};

// What the lines of one registry say together.
struct NpmRegistry {
    std::string_view place;  // //HOST[:PORT]/PATH/
    NpmValue token = {};
    NpmValue auth = {};
    NpmValue username = {};
    NpmValue password = {};

    NpmValue* find(std::string_view key) {
        if (key == "_authToken")
            return &token;
        if (key == "_auth")
            return &auth;
        if (key == "username")
            return &username;
        return key == "_password" ? &password : nullptr;
    }
};

class NpmrcReader {
  public:
    explicit NpmrcReader(Credentials& credentials) : credentials_(credentials) {}

    void read(std::string_view text) {
        for (std::size_t number = 1; !text.empty() && !is_too_much(); ++number) {
            const std::size_t end = text.find('\n');
            const std::string_view line = without_blanks(text.substr(0, end));
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            if (!line.empty() && line.front() != '#' && line.front() != ';')
                take(number, line);
        }
        for (const NpmRegistry& registry : registries_)
            add(registry);
    }
    bool is_too_much() const { return registries_.size() > limits::kTokensPerUser; }

  private:
    void take(std::size_t line, std::string_view text) {
        const std::size_t sign = text.find('=');
        const std::string_view key = without_blanks(text.substr(0, sign));
        const std::size_t colon = key.rfind(':');
        const std::string_view name = colon == std::string_view::npos ? key : key.substr(colon + 1);
        NpmRegistry none{""};
        if (none.find(name) == nullptr || sign == std::string_view::npos)
            return;
        if (!key.starts_with("//") || colon == std::string_view::npos) {
            // npm 9 and later refuses those.
            if (name.starts_with('_'))
                credentials_.fault(line, Errc::InvalidTarget,
                                   "it does not say for which registry; write //HOST/ and a : "
                                   "before its name");
            return;
        }
        std::string_view value = without_blanks(text.substr(sign + 1));
        if (value.find("${") != std::string_view::npos)
            return credentials_.pass_over_for_good(line, "it names a variable of the environment");
        if (!unquote(value))
            return credentials_.fault(line, Errc::InvalidSecret,
                                      "npm reads ; # and \\ there as comments and escapes; write "
                                      "the value in double quotes");
        NpmValue* const field = registry(key.substr(0, colon)).find(name);
        if (field->line != 0)
            return credentials_.fault(line, Errc::Ambiguous,
                                      "line " + std::to_string(field->line) + " has the same name");
        *field = {line, value};
    }

    static bool unquote(std::string_view& value) {
        const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                               (value.front() == '"' || value.front() == '\'');
        if (!is_quoted)
            return value.find_first_of(";#\\\"'") == std::string_view::npos;
        value = value.substr(1, value.size() - 2);
        return value.find_first_of("\\\"'") == std::string_view::npos;
    }

    NpmRegistry& registry(std::string_view place) {
        const auto found = std::find_if(registries_.begin(), registries_.end(),
                                        [&](const NpmRegistry& one) { return one.place == place; });
        if (found != registries_.end())
            return *found;
        return registries_.emplace_back(NpmRegistry{place});
    }

    void add(const NpmRegistry& registry) {
        if (!registry.token.text.empty())
            add(registry, registry.token.line, kNpmUsername, registry.token.text, "_authToken");
        if (!registry.auth.text.empty())
            add_auth(registry);
        if (registry.password.text.empty())
            return;
        const Result<SecretBuffer> password = decode_base64(registry.password.text);
        if (!password)
            return credentials_.fault(registry.password.line, Errc::InvalidSecret,
                                      "it is not base64, as npm has it");
        add(registry, registry.password.line, registry.username.text,
            {password->reveal().data(), password->size()}, "_password");
    }
    void add_auth(const NpmRegistry& registry) {
        std::string_view username;
        std::string_view password;
        const Result<SecretBuffer> both = decode_base64(registry.auth.text);
        if (!both || !divide_basic(*both, username, password))
            return credentials_.fault(registry.auth.line, Errc::InvalidSecret,
                                      "it is not the base64 of USER:SECRET");
        add(registry, registry.auth.line, username, password, "_auth");
    }
    void add(const NpmRegistry& registry, std::size_t line, std::string_view username,
             std::string_view secret, const char* name) {
        const std::string_view place = registry.place.substr(2);
        const std::size_t slash = std::min(place.find('/'), place.size());
        if (place.find('@') != std::string_view::npos)
            return credentials_.fault(line, Errc::InvalidTarget,
                                      "its registry is not //HOST[:PORT]/PATH/");
        const std::string key = std::string(registry.place) + ":" + name;
        credentials_.add(line, {.protocol = "https",
                                .host = place.substr(0, slash),
                                .path = place.substr(slash),
                                .username = username,
                                .secret = secret,
                                .removal = "npm config delete " + quote_for_shell(key)});
    }

    Credentials& credentials_;
    std::vector<NpmRegistry> registries_;
};

}  // namespace

Result<void> parse_npmrc(std::span<char> text, Credentials& credentials) {
    NpmrcReader reader(credentials);
    reader.read({text.data(), text.size()});
    if (reader.is_too_much())
        return Error{Errc::LimitExceeded, "the file holds too many registries; split it"};
    return {};
}

}  // namespace patd::cli
