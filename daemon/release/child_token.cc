// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_token.h"

#include "common/token/base64url.h"
#include "common/token/token_string.h"

#include <array>

namespace patd {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMacBytes = std::tuple_size_v<store::Digest>;

void append_number(std::string& body, std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0)
        body.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * bytes))));
}

void append_text(std::string& body, const std::string& text) {
    append_number(body, text.size(), 2);
    body += text;
}

// The claims are public (only the MAC is not), so they may be a std::string.
std::string encode_body(const ChildClaims& claims) {
    std::string body(1, kVersion);
    body += claims.parent.view();
    append_number(body, claims.generation, 4);
    append_number(body, static_cast<std::uint64_t>(claims.expires), 8);
    append_text(body, format_permissions(claims.permissions));
    append_text(body, claims.target.stored_url());
    append_text(body, claims.audience.text());
    return body;
}

// Reads the body front to back; every read fails once one did.
class BodyReader {
  public:
    explicit BodyReader(std::string_view body) : body_(body) {}

    Result<std::string_view> bytes(std::size_t count) {
        if (count > body_.size())
            return Errc::NotFound;
        const std::string_view taken = body_.substr(0, count);
        body_.remove_prefix(count);
        return taken;
    }
    Result<std::uint64_t> number(std::size_t count) {
        std::uint64_t value = 0;
        for (const char c : TRY(bytes(count)))
            value = (value << 8) | static_cast<unsigned char>(c);
        return value;
    }
    Result<std::string_view> text() { return bytes(TRY(number(2))); }
    bool at_end() const { return body_.empty(); }

  private:
    std::string_view body_;
};

Result<ChildClaims> decode_body(std::string_view body) {
    BodyReader reader(body);
    if (TRY(reader.number(1)) != static_cast<std::uint64_t>(kVersion))
        return Errc::NotFound;
    const std::optional<TokenId> parent = TokenId::parse(TRY(reader.bytes(TokenId::kDigits)));
    const std::uint64_t generation = TRY(reader.number(4));
    const std::uint64_t expires = TRY(reader.number(8));
    const std::string_view permissions = TRY(reader.text());
    Target target = TRY(Target::parse_stored(TRY(reader.text())));
    Origin audience = TRY(Origin::parse(TRY(reader.text())));
    if (!parent || !reader.at_end())
        return Errc::NotFound;
    return ChildClaims{*parent,
                       static_cast<std::uint32_t>(generation),
                       static_cast<UnixTime>(expires),
                       TRY(parse_permission_list(permissions)),
                       std::move(target),
                       std::move(audience)};
}

// What is under the base64: the body and its MAC.
Result<ChildClaims> read_claims(std::span<const char> raw, store::TokenStore& store) {
    if (raw.size() <= kMacBytes)
        return Errc::NotFound;
    const std::span<const char> body = raw.first(raw.size() - kMacBytes);
    Result<ChildClaims> claims = decode_body({body.data(), body.size()});
    if (!claims)
        return Errc::NotFound;
    if (!TRY(store.is_child_mac({claims->parent, claims->generation, body}, raw.last(kMacBytes))))
        return Errc::NotFound;
    return claims;
}

Result<void> append_encoded(SecretBuffer& text, const std::string& body, const store::Digest& mac,
                            SecretBuffer& scratch) {
    TRY(scratch.append(body));
    TRY(scratch.append({reinterpret_cast<const char*>(mac.data()), mac.size()}));
    return append_base64url(text, scratch.expose());
}

}  // namespace

Result<TokenSecret> make_child(const ChildClaims& claims, store::TokenStore& store,
                               SecretBuffer& scratch) {
    const std::string body = encode_body(claims);
    const store::Digest mac = TRY(store.child_mac(claims.parent, claims.generation, body));
    SecretBuffer text(kChildBytesMax);
    TRY(text.append(kChildPrefix));
    const Result<void> encoded = append_encoded(text, body, mac, scratch);
    scratch.wipe();
    TRY(encoded);
    std::array<char, kChecksumDigits> checksum{};
    const std::span<const char> all = text.expose();
    write_checksum(crc32({all.data(), all.size()}), checksum);
    TRY(text.append(checksum));
    return TokenSecret(std::move(text));
}

Result<ChildClaims> open_child(std::span<const char> secret, store::TokenStore& store) {
    if (token_shape({secret.data(), secret.size()}) != TokenShape::Child)
        return Errc::NotFound;
    SecretBuffer scratch(kChildBytesMax);
    return open_child(secret, store, scratch);
}

Result<ChildClaims> open_child(std::span<const char> secret, store::TokenStore& store,
                               SecretBuffer& scratch) {
    const std::string_view text(secret.data(), secret.size());
    const std::size_t coded = text.size() - kChildPrefix.size() - kChecksumDigits;
    const Result<void> decoded =
        append_decoded_base64url(scratch, text.substr(kChildPrefix.size(), coded));
    Result<ChildClaims> claims = decoded ? read_claims(scratch.expose(), store) : Errc::NotFound;
    scratch.wipe();
    return claims;
}

}  // namespace patd
