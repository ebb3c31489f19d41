// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/netrc.h"

#include "common/token/foreign_token.h"

#include <strings.h>

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";
// Of other readers of the file, each with a value; curl passes them over.
constexpr std::array kOthers = {std::string_view("account"), std::string_view("protocol"),
                                std::string_view("port"), std::string_view("method")};

bool is_word(std::string_view word, std::string_view keyword) {
    return word.size() == keyword.size() &&
           strncasecmp(word.data(), keyword.data(), word.size()) == 0;
}

// `user` is Python's and `passwd` is that of ftp(1) of the BSDs.
bool is_login_word(std::string_view word) {
    return is_word(word, "login") || is_word(word, "user");
}
bool is_password_word(std::string_view word) {
    return is_word(word, "password") || is_word(word, "passwd");
}

class Words {
  public:
    explicit Words(std::string_view text) : rest_(text) {}

    // Of what was read last.
    std::size_t line() const { return line_; }
    // Empty at the end.
    std::string_view keyword() {
        skip_blank();
        while (rest_.starts_with('#')) {
            skip_line();
            skip_blank();
        }
        const std::string_view word = take(word_size());
        const bool quoted = word.size() > 2 && word.starts_with('"') && word.ends_with('"');
        return quoted ? word.substr(1, word.size() - 2) : word;
    }
    // What keyword() would give without a quote or a comment between.
    std::string_view next() {
        skip_blank();
        return rest_.substr(0, word_size());
    }
    // MalformedRequest: why there is none; it is passed over then.
    Result<void> value(SecretBuffer& into) {
        into.wipe();
        const std::size_t keyword_line = line_;
        const std::string_view word = next();
        if (word.starts_with('"'))
            return quoted(into);
        if (word.starts_with('#')) {
            skip_line();
            return Error{Errc::MalformedRequest,
                         "curl takes a value that begins with # as a comment; put it in double "
                         "quotes"};
        }
        if (word.empty() || (line_ != keyword_line && is_netrc_word(word)))
            return Error{Errc::MalformedRequest, "a value is missing"};
        take(word.size());
        return into.append(word);
    }
    // The name of a macro, and its lines up to one that is empty.
    void skip_macro() {
        skip_line();
        while (!rest_.empty()) {
            drop(1);
            if (rest_.starts_with('\n') || rest_.starts_with('\r'))
                return;
            skip_line();
        }
    }

  private:
    std::size_t word_size() const { return std::min(rest_.find_first_of(kBlank), rest_.size()); }
    void skip_line() { drop(std::min(rest_.find('\n'), rest_.size())); }
    void skip_blank() { drop(std::min(rest_.find_first_not_of(kBlank), rest_.size())); }
    void drop(std::size_t size) { (void)take(size); }
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
        rest_.remove_prefix(size);
        return taken;
    }
    Result<void> quoted(SecretBuffer& into) {
        for (std::size_t i = 1; i < rest_.size() && rest_[i] != '\n'; ++i) {
            if (rest_[i] == '"') {
                drop(i + 1);
                return {};
            }
            char byte = rest_[i];
            if (byte == '\\' && i + 1 < rest_.size())
                byte = unescape(rest_[++i]);
            TRY(into.append(std::span<const char>(&byte, 1)));
        }
        skip_line();
        return Error{Errc::MalformedRequest, "a quote has no end"};
    }
    static char unescape(char byte) {
        switch (byte) {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                return byte;
        }
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

// One machine, as far as it was read.
struct Machine {
    explicit Machine(std::size_t bytes) : username(bytes), secret(bytes) {}

    std::size_t line = 0;  // 0: none yet
    bool is_default = false;
    std::optional<Error> wrong;  // the first that is
    std::string host;
    SecretBuffer username;  // may be a token
    bool has_username = false;
    SecretBuffer secret;
    bool has_secret = false;
};

class Reader {
  public:
    Reader(std::string_view text, Credentials& credentials)
        : words_(text), machine_(text.size()), value_(text.size()), credentials_(credentials) {}

    void read() {
        for (std::string_view word = words_.keyword(); !word.empty(); word = words_.keyword())
            read_word(word);
        finish();
    }
    const std::vector<NetrcMachine>& machines() const { return machines_; }

  private:
    void read_word(std::string_view word) {
        const bool in_machine = machine_.line != 0;
        if (is_word(word, "machine") || is_word(word, "default"))
            begin(is_word(word, "default"));
        else if (is_word(word, "macdef"))
            read_macro();
        else if (in_machine && is_login_word(word))
            read_login();
        else if (in_machine && is_password_word(word))
            read_password();
        else
            pass_over(word);
    }

    void begin(bool is_default) {
        finish();
        machine_.line = words_.line();
        machine_.is_default = is_default;
        machine_.wrong.reset();
        machine_.username.wipe();
        machine_.has_username = false;
        machine_.secret.wipe();
        machine_.has_secret = false;
        if (!is_default)
            machine_.host = read_host();
    }
    void read_macro() {
        credentials_.pass_over(words_.line(), "a macro of ftp");
        words_.skip_macro();
    }
    void read_login() {
        if (machine_.has_username)
            wrong("it has two logins; give each its own machine entry");
        read_value(machine_.username);
        machine_.has_username = true;
    }
    void read_password() {
        if (machine_.has_secret)
            wrong("it has two passwords; give each its own machine entry");
        read_value(machine_.secret);
        machine_.has_secret = true;
    }
    void pass_over(std::string_view word) {
        const std::size_t line = words_.line();
        const auto* const other = std::find_if(kOthers.begin(), kOthers.end(),
                                               [&](auto known) { return is_word(word, known); });
        if (other == kOthers.end())
            return note(line,
                        "a word that netrc does not know is skipped; a value with a blank needs "
                        "double quotes");
        note(line, "its " + std::string(*other) + " is skipped, as in curl");
        const std::string_view next = words_.next();
        if (!is_netrc_word(next) && !is_login_word(next) && !is_password_word(next))
            (void)words_.value(value_);
    }

    // Once for each line.
    void note(std::size_t line, const std::string& what) {
        if (!credentials_.notes().empty() && credentials_.notes().back().line == line &&
            credentials_.notes().back().text == what)
            return;
        credentials_.note(line, what);
    }
    void wrong(std::string cause) {
        if (!machine_.wrong)
            machine_.wrong = Error{Errc::MalformedRequest, std::move(cause)};
    }
    void read_value(SecretBuffer& into) {
        if (const Result<void> read = words_.value(into); !read)
            wrong(read.error().context);
    }
    std::string read_host() {
        read_value(value_);
        std::string host(value_.reveal().data(), value_.size());
        if (host.find("://") != std::string::npos)
            wrong("a machine is a host name only; leave out https:// and the path");
        // curl compares it with an address without its brackets.
        const bool is_address = std::count(host.begin(), host.end(), ':') > 1;
        return is_address && !host.starts_with('[') ? "[" + host + "]" : host;
    }
    void finish() {
        if (machine_.line == 0)
            return;
        if (machine_.has_username || machine_.has_secret)
            machines_.push_back({machine_.line, machine_.is_default ? "" : machine_.host});
        if (machine_.is_default)
            return credentials_.pass_over(machine_.line, "default names no machine");
        if (machine_.wrong)
            return credentials_.fault(machine_.line, machine_.wrong->code, machine_.wrong->context);
        const std::string_view username(machine_.username.reveal().data(),
                                        machine_.username.size());
        if (machine_.secret.empty() && looks_like_token(username))
            return credentials_.fault(machine_.line, Errc::InvalidUsername,
                                      "its login looks like a token, and it has no password; write "
                                      "login x-access-token password TOKEN");
        if (machine_.secret.empty())
            return credentials_.pass_over(machine_.line, "a machine without a password");
        if (!machine_.has_username)
            return credentials_.fault(machine_.line, Errc::InvalidUsername,
                                      "its machine has a password and no login");
        credentials_.add(machine_.line,
                         {"https", machine_.host, "", username, machine_.secret.reveal()});
    }

    Words words_;
    Machine machine_;
    SecretBuffer value_;
    Credentials& credentials_;
    std::vector<NetrcMachine> machines_;
};

}  // namespace

bool is_netrc_word(std::string_view word) {
    return is_word(word, "machine") || is_word(word, "default") || is_word(word, "macdef");
}

void parse_netrc(std::string_view text, Credentials& credentials) {
    Reader(text, credentials).read();
}

std::vector<NetrcMachine> list_netrc_machines(std::string_view text) {
    Credentials credentials(text.size());
    Reader reader(text, credentials);
    reader.read();
    return reader.machines();
}

}  // namespace patd::cli
