// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/foreign_token.h"

#include "common/token/token_string.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

// Prefixes of well-known services' tokens; at least kRestBytes follow.
constexpr std::array<std::string_view, 33> kPrefixes = {
    "ghp_",   "gho_",    "ghu_",    "ghs_",     "ghr_",      "github_pat_",            // GitHub
    "glpat-", "gldt-",   "glrt-",   "glrtr-",   "glptt-",    "glcbt-",      "gloas-",  // GitLab
    "glft-",  "glsoat-", "glimt-",  "glagent-", "GR1348941", "ATBB",        "ATCTT3",
    "ATATT3", "BBDC-",  // Atlassian
    "npm_",   "pypi-",   "dop_v1_", "hf_",      "dckr_pat_", "dckr_oat_",   "gitea_",
    "sgp_",   "cfut_",   "pat1_",   "patc1_"};
constexpr std::size_t kRestBytes = 16;
constexpr std::size_t kShortestBytes = 3 + kRestBytes;  // most user names are shorter
static_assert(std::all_of(kPrefixes.begin(), kPrefixes.end(), [](std::string_view prefix) {
    return prefix.size() + kRestBytes >= kShortestBytes;
}));

constexpr std::size_t kHexTokenBytes = 40;    // Gitea, Forgejo, Gogs; GitHub before 2021
constexpr std::size_t kAzureTokenBytes = 52;  // base 32 in small letters
constexpr std::size_t kJwtBytes = 64;         // a header, a body and a signature take more

bool is_token_letter(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '_' || letter == '-' || letter == '.' ||
           letter == '=';
}

bool is_hex_digit(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

bool is_base32_digit(char letter) {
    return (letter >= '2' && letter <= '7') || (letter >= 'a' && letter <= 'z');
}

// A random text of such a length has one; words in lower case have none.
bool has_digit_or_capital(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
    });
}

// An account may be called gitea_deploy_production_bot.
bool has_known_prefix(std::string_view text) {
    return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) {
        return text.starts_with(prefix) && text.size() >= prefix.size() + kRestBytes &&
               has_digit_or_capital(text.substr(prefix.size()));
    });
}

bool is_jwt(std::string_view text) {
    return text.starts_with("eyJ") && text.size() >= kJwtBytes &&
           std::count(text.begin(), text.end(), '.') == 2;
}

}  // namespace

bool looks_like_token(std::string_view text) {
    if (token_shape(text) != TokenShape::None)
        return true;
    if (text.size() < kShortestBytes || !std::all_of(text.begin(), text.end(), is_token_letter))
        return false;
    return has_known_prefix(text) || is_jwt(text) ||
           (text.size() == kHexTokenBytes && std::all_of(text.begin(), text.end(), is_hex_digit)) ||
           (text.size() == kAzureTokenBytes &&
            std::all_of(text.begin(), text.end(), is_base32_digit));
}

}  // namespace patd
