// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"

#include "cli/import/git_credentials.h"
#include "cli/import/netrc.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"
#include "common/token/imported_secret.h"
#include "common/token/token.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace patd::cli {
namespace {

// GitHub's old form has the token in the place of the user name, which is shown everywhere.
constexpr std::string_view kNoSecret = "x-oauth-basic";

Result<Target> place_of(const Credentials::Parts& parts) {
    return Target::create(TRY(Origin::parse(parts.protocol, parts.host)), parts.path);
}

Result<void> check(const Credentials::Parts& parts) {
    const std::string_view secret(parts.secret.data(), parts.secret.size());
    if (secret == kNoSecret)
        return Error{Errc::InvalidUsername, "the secret stands where the user name does"};
    TRY(parse_username(parts.username));
    return check_imported_secret(parts.secret);
}

}  // namespace

Error at_line(std::size_t line, Errc code, const std::string& reason) {
    return {code, "line " + std::to_string(line) + (reason.empty() ? "" : ": " + reason)};
}

Result<void> Credentials::add(std::size_t line, const Parts& parts) {
    const Result<Target> target = place_of(parts);
    if (!target)
        return at_line(line, target.error().code);
    if (const Result<void> checked = check(parts); !checked)
        return at_line(line, checked.error().code, checked.error().context);
    const std::string username(parts.username);
    const auto [known, fresh] = lines_.emplace(std::pair(target->text(), username), line);
    if (!fresh)
        return at_line(
            line, Errc::Ambiguous,
            "line " + std::to_string(known->second) + " is for this place and user name too");
    entries_.push_back({line, *target, username});
    TRY(secrets_.append(parts.secret));
    TRY(secrets_.append(std::string_view("\n")));
    if (entries_.size() > limits::kTokensPerUser || secrets_.size() > limits::kImportSecretsBytes)
        return at_line(line, Errc::LimitExceeded, "the file holds too much; divide it");
    return {};
}

Result<FileFormat> guess_format(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos)
        return Error{Errc::MalformedRequest, "the file is empty"};
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(kBlank));
    if (word.starts_with('#') || is_netrc_word(word))
        return FileFormat::Netrc;
    if (word.find("://") != std::string_view::npos)
        return FileFormat::Git;
    return Error{Errc::MalformedRequest, "neither git's format nor netrc; see --format"};
}

Result<Credentials> parse_credentials(std::string_view text, FileFormat format) {
    Credentials credentials(text.size());
    TRY(format == FileFormat::Git ? parse_git_credentials(text, credentials)
                                  : parse_netrc(text, credentials));
    if (credentials.entries().empty())
        return Error{Errc::MalformedRequest, "the file holds no secret"};
    return credentials;
}

Result<SecretBuffer> read_credential_file(const std::string& path, int input) {
    const Error unreadable{Errc::InvalidSecret, "the file cannot be read"};
    UniqueFd file;
    if (path != "-")
        file.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (path != "-" && !file)
        return unreadable;
    SecretBuffer text(limits::kImportFileBytes + 1);
    while (text.size() <= limits::kImportFileBytes) {
        const std::span<char> free = text.expose_free();
        const ssize_t count = read(file ? file.get() : input, free.data(), free.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return unreadable;
        if (count == 0)
            return text;
        text.grow(static_cast<std::size_t>(count));
    }
    return Error{Errc::LimitExceeded, "the file is longer than an import may be; divide it"};
}

}  // namespace patd::cli
