// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release_state.h"

#include "common/base/hex.h"
#include "common/base/parse_number.h"

namespace patd {
namespace {

constexpr std::string_view kChild = "pat:c:";
constexpr std::string_view kSecret = "pat:s:";
// Enough to tell a token's secrets apart.
constexpr std::size_t kPrintBytes = 8;

std::string print_of(const Digest& digest) {
    return to_hex(std::span(digest).first(kPrintBytes));
}

// Takes the text up to the next colon, and drops the colon.
std::string_view take_field(std::string_view& text) {
    const std::size_t colon = text.find(':');
    const std::string_view field = text.substr(0, colon);
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    return field;
}

}  // namespace

ReleaseState ReleaseState::of_child(const TokenId& parent, std::uint32_t generation,
                                    UnixTime expires) {
    ReleaseState state(parent);
    state.generation_ = generation;
    state.expires_ = expires;
    return state;
}

ReleaseState ReleaseState::of_secret(const TokenId& token, const Digest& digest) {
    ReleaseState state(token);
    state.print_ = print_of(digest);
    return state;
}

std::string ReleaseState::text() const {
    if (!print_.empty())
        return std::string(kSecret) + token_.text() + ":" + print_;
    return std::string(kChild) + token_.text() + ":" + std::to_string(generation_) + ":" +
           std::to_string(expires_);
}

std::optional<ReleaseState> ReleaseState::parse(std::string_view text) {
    const bool child = text.starts_with(kChild);
    if (!child && !text.starts_with(kSecret))
        return std::nullopt;
    text.remove_prefix(kChild.size());
    const std::optional<TokenId> token = TokenId::parse(take_field(text));
    if (!token)
        return std::nullopt;
    if (child) {
        const auto generation = parse_number<std::uint32_t>(take_field(text));
        const auto expires = parse_number<UnixTime>(text);
        if (!generation || !expires || *expires <= 0)
            return std::nullopt;
        return of_child(*token, *generation, *expires);
    }
    ReleaseState state(*token);
    state.print_ = std::string(text);
    return text.size() == 2 * kPrintBytes ? std::optional(state) : std::nullopt;
}

bool ReleaseState::is_live(const Token& parent, UnixTime now) const {
    return print_.empty() && token_ == parent.id && generation_ == parent.generation &&
           expires_ > now;
}

bool ReleaseState::is_secret(const Digest& digest) const {
    return print_ == print_of(digest);
}

}  // namespace patd
