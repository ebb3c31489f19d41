// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"

#include "cli/import/git_credentials.h"
#include "cli/import/netrc.h"
#include "cli/import/token_names.h"
#include "cli/import/tool_files.h"
#include "cli/io/descriptor_io.h"
#include "cli/text/shown_value.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"
#include "common/token/imported_secret.h"
#include "common/token/token.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace patd::cli {
namespace {

constexpr char kTooMany[] = "the file holds too many secrets; split it";

Result<Target> place_of(const Credentials::Parts& parts) {
    return Target::create(TRY(Origin::parse(parts.protocol, parts.host)), parts.path);
}

// In a copy, as it is decoded in place.
Result<void> parse_tool_file(std::string_view text, FileFormat format, std::string_view beside,
                             Credentials& credentials) {
    SecretBuffer copy(text.size() + beside.size());
    const std::span<char> room = copy.free_space();
    TRY(copy.append(text));
    TRY(copy.append(beside));
    const std::span<char> file = room.first(text.size());
    switch (format) {
        case FileFormat::Docker:
            return parse_docker_auths(file, credentials);
        case FileFormat::Cargo:
            return parse_cargo_credentials(file, room.subspan(text.size()), credentials);
        case FileFormat::Npm:
            return parse_npmrc(file, credentials);
        case FileFormat::Aws:
            return parse_aws_credentials(file, credentials);
        case FileFormat::Pip:
            return parse_pip_conf(file, credentials);
        case FileFormat::Terraform:
            return parse_terraform_credentials(file, credentials);
        case FileFormat::Kube:
            return parse_kubeconfig(file, credentials);
        default:
            return Errc::Internal;
    }
}

std::string cause_of_secret(std::span<const char> secret) {
    if (secret.size() > limits::kTokenSecretBytes)
        return "its password is longer than " + std::to_string(limits::kTokenSecretBytes) +
               " bytes";
    return "its password contains a control character, or is one of patd's own tokens";
}

Error unreadable(const std::string& path, const std::string& why) {
    return {Errc::BadFile,
            (path == "-" ? "standard input" : shown_file(path)) + " cannot be read: " + why};
}

Result<UniqueFd> open_file(const std::string& path, int more) {
    UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | more));
    if (!file)
        return unreadable(path, std::generic_category().message(errno));
    return file;
}

Result<SecretBuffer> read_whole(int fd, const std::string& path) {
    SecretBuffer text(limits::kImportFileBytes + 1);
    if (const auto read = read_to_end(fd, text); !read)
        return unreadable(path, read.error().context);
    if (text.size() > limits::kImportFileBytes)
        return Error{Errc::LimitExceeded, "the file is too long for one import; split it"};
    return text;
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
    if (!check_imported_secret(parts.secret, parts.kind))
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
    if (secrets_.capacity() - secrets_.size() < parts.secret.size() + 1)
        return fault(line, Errc::LimitExceeded, kTooMany);
    // A command would show what stood in the place of the user name.
    entries_.push_back(
        {line, *target, username, parts.kind, named->was_username ? "" : parts.removal});
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

Result<Credentials> parse_credentials(std::string_view text, FileFormat format,
                                      std::string_view beside) {
    text = without_mark(text);
    // A kubeconfig may have one token for many clusters; every other file has each secret once.
    Credentials credentials(format == FileFormat::Kube ? limits::kImportSecretsBytes : text.size());
    if (format == FileFormat::Git)
        parse_git_credentials(text, credentials);
    else if (format == FileFormat::Netrc)
        parse_netrc(text, credentials);
    else
        TRY(parse_tool_file(text, format, beside, credentials));
    credentials.sort_remarks();
    if (credentials.entries().size() > limits::kTokensPerUser ||
        credentials.secrets().size() > limits::kImportSecretsBytes)
        return Error{Errc::LimitExceeded, kTooMany};
    return credentials;
}

Result<SecretBuffer> read_credential_file(const std::string& path, int input) {
    if (path == "-")
        return read_whole(input, path);
    const UniqueFd file = TRY(open_file(path, 0));
    return read_whole(file.get(), path);
}

Result<SecretBuffer> read_regular_credential_file(const std::string& path) {
    // Opening a pipe would wait for its other end.
    const UniqueFd file = TRY(open_file(path, O_NONBLOCK));
    struct stat status {};
    if (fstat(file.get(), &status) < 0)
        return unreadable(path, std::generic_category().message(errno));
    if (!S_ISREG(status.st_mode))
        return unreadable(path, "it is no regular file");
    return read_whole(file.get(), path);
}

}  // namespace patd::cli
