// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"

#include "cli/import/git_credentials.h"
#include "cli/import/netrc.h"
#include "cli/import/token_names.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"
#include "common/token/imported_secret.h"
#include "common/token/token.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace patd::cli {
namespace {

// The byte order mark of UTF-8, which editors of Windows put before a text.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view without_mark(std::string_view text) {
    return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

// OpenPGP: in letters, or by the packets that such a file begins with.
bool is_encrypted(std::string_view text) {
    constexpr std::string_view kPackets = "\x84\x85\x8c\xc1";
    return text.starts_with("-----BEGIN PGP MESSAGE-----") ||
           (!text.empty() && kPackets.find(text.front()) != std::string_view::npos);
}

Result<Target> place_of(const Credentials::Parts& parts) {
    return Target::create(TRY(Origin::parse(parts.protocol, parts.host)), parts.path);
}

std::string cause_of_secret(std::span<const char> secret) {
    if (secret.size() > limits::kTokenSecretBytes)
        return "its password is longer than " + std::to_string(limits::kTokenSecretBytes) +
               " bytes";
    return "its password contains a control character, or is one of patd's own tokens";
}

}  // namespace

std::span<const char> Credentials::secret_of(std::size_t entry) const {
    const std::size_t begin = entry == 0 ? 0 : ends_[entry - 1];
    return secrets_.reveal().subspan(begin, ends_[entry] - begin - 1);
}

void Credentials::add(std::size_t line, const Parts& given) {
    const Result<NamedSecret> named = put_right(given.username, given.secret);
    if (!named)
        return fault(line, named.error().code, named.error().context);
    Parts parts = given;
    parts.username = named->username;
    parts.secret = named->secret;
    const Result<Target> target = place_of(parts);
    if (!target)
        return fault(line, target.error().code, target.error().context);
    if (!parse_username(parts.username))
        return fault(line, Errc::InvalidUsername,
                     "its user name is empty, too long, or contains a control character");
    if (!check_imported_secret(parts.secret))
        return fault(line, Errc::InvalidSecret, cause_of_secret(parts.secret));
    const std::string username(parts.username);
    const auto [known, fresh] =
        known_.emplace(std::pair(target->text(), username), entries_.size());
    if (!fresh) {
        const std::string earlier = "line " + std::to_string(entries_[known->second].line);
        if (constant_time_equal(secret_of(known->second), parts.secret))
            return pass_over_for_good(line, "the same as " + earlier);
        return fault(line, Errc::Ambiguous,
                     earlier + " has another password for this place and user name");
    }
    if (named->was_username)
        note(line,
             "the user name was a token; it is kept as the secret, and the user name "
             "is " +
                 username);
    entries_.push_back({line, *target, username});
    // The buffer has the size of the whole file.
    (void)secrets_.append(parts.secret);
    (void)secrets_.append(std::string_view("\n"));
    ends_.push_back(secrets_.size());
}

void Credentials::sort_remarks() {
    for (std::vector<Remark>* remarks : {&faults_, &passed_over_, &notes_})
        std::stable_sort(remarks->begin(), remarks->end(),
                         [](const Remark& a, const Remark& b) { return a.line < b.line; });
}

void Credentials::remove_if(const std::function<bool(const Credential&)>& known) {
    SecretBuffer secrets(secrets_.capacity());
    std::vector<Credential> entries;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (known(entries_[i]))
            continue;
        entries.push_back(entries_[i]);
        (void)secrets.append(secret_of(i));
        (void)secrets.append(std::string_view("\n"));
        ends.push_back(secrets.size());
    }
    entries_ = std::move(entries);
    ends_ = std::move(ends);
    secrets_ = std::move(secrets);
    known_.clear();
}

Result<FileFormat> guess_format(std::string_view text) {
    text = without_mark(text);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return Error{
            Errc::MalformedRequest,
            "the file is UTF-16; run: iconv -f UTF-16 -t UTF-8 FILE | patctl import --from -"};
    if (is_encrypted(text))
        return Error{Errc::MalformedRequest,
                     "the file is encrypted; run: gpg -d FILE | patctl import --from -"};
    constexpr std::string_view kBlank = " \t\r\n\f\v";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos)
        return Error{Errc::MalformedRequest, "the file is empty"};
    text.remove_prefix(begin);
    // Both formats know comments, so that the first line without one decides.
    while (text.starts_with('#')) {
        text.remove_prefix(std::min(text.find('\n'), text.size()));
        text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    }
    const std::string_view word = text.substr(0, text.find_first_of(kBlank));
    if (word.find("://") != std::string_view::npos)
        return FileFormat::Git;
    if (word.empty() || is_netrc_word(word))
        return FileFormat::Netrc;
    return Error{Errc::MalformedRequest,
                 "the file is neither a .git-credentials (https://USER:SECRET@HOST) nor a .netrc "
                 "(machine HOST login USER password SECRET); import the secrets of other "
                 "programs one by one:" +
                     own_line("patctl import DESCRIPTION -t https://HOST -u USER")};
}

Result<Credentials> parse_credentials(std::string_view text, FileFormat format) {
    Credentials credentials(text.size());
    if (format == FileFormat::Git)
        parse_git_credentials(without_mark(text), credentials);
    else
        parse_netrc(without_mark(text), credentials);
    credentials.sort_remarks();
    if (credentials.entries().size() > limits::kTokensPerUser ||
        credentials.secrets().size() > limits::kImportSecretsBytes)
        return Error{Errc::LimitExceeded, "the file holds too many secrets; split it"};
    return credentials;
}

Result<SecretBuffer> read_credential_file(const std::string& path, int input) {
    const auto unreadable = [&] {
        return Error{Errc::BadFile,
                     (path == "-" ? "standard input" : shown_file(path)) +
                         " cannot be read: " + std::generic_category().message(errno)};
    };
    UniqueFd file;
    if (path != "-")
        file.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (path != "-" && !file)
        return unreadable();
    SecretBuffer text(limits::kImportFileBytes + 1);
    while (text.size() <= limits::kImportFileBytes) {
        const std::span<char> free = text.free_space();
        const ssize_t count = read(file ? file.get() : input, free.data(), free.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return unreadable();
        if (count == 0)
            return text;
        text.grow(static_cast<std::size_t>(count));
    }
    return Error{Errc::LimitExceeded, "the file is too long for one import; split it"};
}

}  // namespace patd::cli
