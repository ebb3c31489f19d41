// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/token_names.h"

#include "common/token/foreign_token.h"

namespace patd::cli {
namespace {

using std::string_view;

// GitHub's, and Gitea's after it: https://TOKEN:x-oauth-basic@HOST. The password says nothing, so
// that the token is the user name whatever it looks like.
constexpr string_view kBasic = "x-oauth-basic";
// What GitHub documents as the user name beside a token, and GitLab: people turn the two round.
constexpr string_view kGitHubName = "x-access-token";
constexpr string_view kGitLabName = "oauth2";

}  // namespace

Result<NamedSecret> put_right(string_view username, std::span<const char> secret) {
    const string_view password(secret.data(), secret.size());
    const std::span<const char> name(username.data(), username.size());
    if (password == kBasic && !username.empty())
        return NamedSecret{kGitHubName, name, true};
    if (!looks_like_token(username))
        return NamedSecret{username, secret};
    if (password == kGitHubName)
        return NamedSecret{kGitHubName, name, true};
    if (password == kGitLabName)
        return NamedSecret{kGitLabName, name, true};
    return Error{Errc::InvalidUsername,
                 "its user name looks like a token; write the token as the password, and your "
                 "account's name (or x-access-token, oauth2) as the user name"};
}

}  // namespace patd::cli
