// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/credential_file.h"

#include <span>
#include <string>
#include <string_view>

namespace patd::cli {

// The files in which other tools keep their secrets (pat-tools(7)). Each reads the whole `text`,
// which may be decoded in place, and remembers what it finds, and by line what cannot be kept; a
// place and a user name are those that the tool's own program of patd asks for. MalformedRequest:
// nothing of it can be told apart; the context says why, and shows none of it.

// docker's config.json, and the auth.json of podman, skopeo and buildah.
Result<void> parse_docker_auths(std::span<char> text, Credentials& credentials);
// cargo's credentials.toml. Where a registry's index is, says `config`, the config.toml beside it.
Result<void> parse_cargo_credentials(std::span<char> text, std::span<char> config,
                                     Credentials& credentials);
// npm's and pnpm's .npmrc.
Result<void> parse_npmrc(std::span<char> text, Credentials& credentials);
// aws's credentials: a section for each profile.
Result<void> parse_aws_credentials(std::span<char> text, Credentials& credentials);
// pip.conf: indexes with a user name and a password in their URL.
Result<void> parse_pip_conf(std::span<char> text, Credentials& credentials);
// terraform's credentials.tfrc.json.
Result<void> parse_terraform_credentials(std::span<char> text, Credentials& credentials);
// A kubeconfig: the tokens of its users, for the clusters that its contexts pair them with.
Result<void> parse_kubeconfig(std::span<char> text, Credentials& credentials);

// The user names of what has none (credential_helper/adapters).
inline constexpr std::string_view kCargoUsername = "cargo";
inline constexpr std::string_view kTerraformUsername = "terraform";
inline constexpr std::string_view kNpmUsername = "npm";

}  // namespace patd::cli
