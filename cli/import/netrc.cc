// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/netrc.h"

namespace patd::cli {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

class Words {
  public:
    explicit Words(std::string_view text) : rest_(text) {}

    // Of what was read last.
    std::size_t line() const { return line_; }
    // Empty at the end.
    std::string_view keyword() {
        skip_blank();
        while (rest_.starts_with('#')) {
            rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
            skip_blank();
        }
        return take(std::min(rest_.find_first_of(kBlank), rest_.size()));
    }
    // MalformedRequest: there is none, or a quote without its end.
    Result<void> value(SecretBuffer& into) {
        into.wipe();
        skip_blank();
        if (rest_.starts_with('"'))
            return quoted(into);
        const std::string_view word = take(std::min(rest_.find_first_of(kBlank), rest_.size()));
        if (word.empty())
            return at_line(line_, Errc::MalformedRequest, "a value is missing");
        return into.append(word);
    }

  private:
    void skip_blank() {
        while (!rest_.empty() && kBlank.find(rest_.front()) != std::string_view::npos) {
            line_ += rest_.front() == '\n' ? 1 : 0;
            rest_.remove_prefix(1);
        }
    }
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    Result<void> quoted(SecretBuffer& into) {
        for (std::size_t i = 1; i < rest_.size() && rest_[i] != '\n'; ++i) {
            if (rest_[i] == '"') {
                take(i + 1);
                return {};
            }
            if (rest_[i] == '\\' && i + 1 < rest_.size())
                ++i;
            TRY(into.append(rest_.substr(i, 1)));
        }
        return at_line(line_, Errc::MalformedRequest, "a quote has no end");
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

// One machine, as far as it was read.
struct Machine {
    explicit Machine(std::size_t bytes) : secret(bytes) {}

    std::size_t line = 0;  // 0: none yet
    std::string host;
    std::optional<std::string> username;
    SecretBuffer secret;
    bool has_secret = false;
};

Result<void> finish(const Machine& machine, Credentials& credentials) {
    if (machine.line == 0)
        return {};
    if (!machine.username || !machine.has_secret)
        return at_line(machine.line, Errc::MalformedRequest, "a machine needs login and password");
    return credentials.add(machine.line,
                           {"https", machine.host, "", *machine.username, machine.secret.expose()});
}

}  // namespace

bool is_netrc_word(std::string_view word) {
    return word == "machine" || word == "default" || word == "macdef";
}

Result<void> parse_netrc(std::string_view text, Credentials& credentials) {
    Words words(text);
    Machine machine(text.size());
    SecretBuffer value(text.size());
    const auto value_text = [&]() -> Result<std::string> {
        TRY(words.value(value));
        return std::string(value.expose().data(), value.size());
    };
    while (true) {
        const std::string_view word = words.keyword();
        if (word.empty())
            return finish(machine, credentials);
        if (word == "machine") {
            TRY(finish(machine, credentials));
            machine.line = words.line();
            machine.username.reset();
            machine.has_secret = false;
            machine.host = TRY(value_text());
        } else if (word == "login" && machine.line != 0 && !machine.username) {
            machine.username = TRY(value_text());
        } else if (word == "password" && machine.line != 0 && !machine.has_secret) {
            TRY(words.value(machine.secret));
            machine.has_secret = true;
        } else {
            return at_line(words.line(), Errc::MalformedRequest,
                           "a word that is not for one machine's login and password");
        }
    }
}

}  // namespace patd::cli
