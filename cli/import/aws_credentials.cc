// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/aws_key.h"
#include "cli/import/text_lines.h"
#include "cli/import/tool_files.h"
#include "common/base/limits.h"

#include <algorithm>
#include <vector>

namespace patd::cli {
namespace {

struct AwsProfile {
    std::size_t line;
    std::string_view name;
    std::string_view id = {};
    std::string_view secret = {};
    std::string_view session_token = {};
    std::string_view program = {};  // that gives the key instead
    bool is_twice = false;

    std::string_view* find(const IniEntry& entry) {
        if (is_key(entry, "aws_access_key_id"))
            return &id;
        if (is_key(entry, "aws_secret_access_key"))
            return &secret;
        if (is_key(entry, "aws_session_token") || is_key(entry, "aws_security_token"))
            return &session_token;
        return is_key(entry, "credential_process") ? &program : nullptr;
    }
};

void add(const AwsProfile& profile, Credentials& credentials) {
    const std::size_t line = profile.line;
    if (profile.is_twice)
        return credentials.fault(line, Errc::Ambiguous, "its section has a name twice");
    if (profile.id.empty() && profile.secret.empty())
        return profile.session_token.empty()
                   ? credentials.pass_over_for_good(line, "its section has no key")
                   : credentials.pass_over(line, "its section has a session token and no key");
    if (profile.id.empty() || profile.secret.empty())
        return credentials.fault(line, Errc::InvalidSecret,
                                 "its section has one of key id and secret key, and not the other");
    const Result<SecretBuffer> parts = join_aws_parts(profile.secret, profile.session_token);
    if (!parts)
        return credentials.fault(line, Errc::InvalidSecret,
                                 "its key or session token is too long, or no text");
    credentials.add(line, {.protocol = "aws",
                           .host = profile.name,
                           .path = "",
                           .username = profile.id,
                           .secret = parts->reveal(),
                           .kind = SecretKind::Aws});
    if (!profile.session_token.empty())
        credentials.note(line,
                         "the file does not say when this key ends; if you know, say so with "
                         "'patctl edit ID --expires'");
}

}  // namespace

Result<void> parse_aws_credentials(std::span<char> text, Credentials& credentials) {
    const std::vector<IniEntry> entries = TRY(read_ini({text.data(), text.size()}));
    std::vector<AwsProfile> profiles;
    for (const IniEntry& entry : entries) {
        if (profiles.empty() || profiles.back().name.data() != entry.section.data()) {
            const bool is_there = std::any_of(
                profiles.begin(), profiles.end(),
                [&](const AwsProfile& profile) { return profile.name == entry.section; });
            if (profiles.size() > limits::kTokensPerUser)
                return Error{Errc::LimitExceeded, "the file holds too many profiles; split it"};
            profiles.push_back({entry.line, entry.section});
            profiles.back().is_twice = is_there;
        }
        AwsProfile& profile = profiles.back();
        std::string_view* const field = profile.find(entry);
        if (field == nullptr)
            continue;
        profile.is_twice = profile.is_twice || entry.continues || !field->empty();
        *field = entry.value;
    }
    for (const AwsProfile& profile : profiles)
        add(profile, credentials);
    return {};
}

}  // namespace patd::cli
