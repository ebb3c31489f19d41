// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/credential_file.h"
#include "common/token/url.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

using cli::Credential;
using cli::Credentials;
using cli::FileFormat;

constexpr FileFormat kFormats[] = {FileFormat::Git,   FileFormat::Netrc,     FileFormat::Docker,
                                   FileFormat::Cargo, FileFormat::Npm,       FileFormat::Aws,
                                   FileFormat::Pip,   FileFormat::Terraform, FileFormat::Kube};
// The secrets of the seeds: in no sentence, whatever happens to the text around them.
constexpr std::string_view kSecret = "zQ7canary";

std::string all_secrets(const Credentials& credentials) {
    return {credentials.secrets().reveal().data(), credentials.secrets().size()};
}

bool is_same(const Credentials& a, const Credentials& b) {
    if (a.entries().size() != b.entries().size() || all_secrets(a) != all_secrets(b))
        return false;
    for (std::size_t i = 0; i < a.entries().size(); ++i) {
        if (a.entries()[i].target != b.entries()[i].target ||
            a.entries()[i].username != b.entries()[i].username)
            return false;
    }
    return true;
}

void check_remarks(const Credentials& credentials) {
    for (const auto* remarks : {&credentials.faults(), &credentials.passed_over()}) {
        for (const cli::Remark& remark : *remarks)
            require(remark.text.find(kSecret) == std::string::npos, "no remark tells a secret");
    }
}

// The same as a file of git's, which must hold the same.
void check_as_git_file(const Credentials& credentials) {
    std::string secrets = all_secrets(credentials);
    std::string text;
    Input lines(secrets);
    for (const Credential& entry : credentials.entries()) {
        const std::string_view secret = lines.part();
        // Git's file has no place for these.
        if (entry.kind != SecretKind::Text || entry.target.scheme() != AuthScheme::Basic)
            return;
        text += std::string(entry.target.origin().protocol()) + "://" +
                encode_url_username(entry.username) + ":" + encode_url_username(secret) + "@" +
                std::string(entry.target.origin().host_and_port()) + "/" +
                encode_url_username(entry.target.path()) + "\n";
    }
    const Result<Credentials> again = cli::parse_credentials(text, FileFormat::Git);
    require(again.has_value(), "what can be kept can be written");
    require(again->faults().empty() && is_same(credentials, *again),
            "each reader finds what git's file would hold");
}

}  // namespace

// The first byte is the format, then the file; what follows a NUL is the file beside it.
void import_files(std::string_view bytes) {
    Input input(bytes);
    const FileFormat format = kFormats[input.byte() % std::size(kFormats)];
    const std::string_view text = input.part('\0');
    const std::string_view beside = input.rest();
    (void)cli::guess_format(text);
    const Result<Credentials> read = cli::parse_credentials(text, format, beside);
    if (!read)
        return require(read.error().context.find(kSecret) == std::string::npos,
                       "no fault tells a secret");
    check_remarks(*read);
    const std::string secrets = all_secrets(*read);
    require(static_cast<std::size_t>(std::count(secrets.begin(), secrets.end(), '\n')) ==
                read->entries().size(),
            "each entry has one secret");
    for (const Credential& entry : read->entries()) {
        const Result<Target> target = Target::parse(entry.target.text());
        require(target && *target == entry.target, "a place is printed as itself");
        require(entry.line >= 1, "an entry has a line");
    }
    const Result<Credentials> again = cli::parse_credentials(text, format, beside);
    require(again && is_same(*read, *again), "a file is read as the same twice");
    check_as_git_file(*read);
}

}  // namespace patd::fuzz
