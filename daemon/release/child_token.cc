// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_token.h"

#include "common/base/limits.h"
#include "common/token/base64url.h"
#include "common/token/token_key.h"
#include "common/token/token_string.h"
#include "daemon/release/body_reader.h"
#include "daemon/release/old_child.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

// The first byte of a body. Form 1 belongs to an older version.
constexpr char kSetForm = 2;
constexpr char kSpelledForm = 3;
// The same, of imported tokens. The MAC covers the form, so a child of one kind is never one of the
// other.
constexpr char kGatewaySetForm = 4;
constexpr char kGatewaySpelledForm = 5;

constexpr std::size_t kMacBytes = store::kChildMacBytes;
constexpr std::size_t kOldMacBytes = std::tuple_size_v<Digest>;
constexpr std::size_t kParentBytes = 8;
constexpr std::size_t kGenerationBytes = 4;
constexpr std::size_t kExpiresBytes = 5;  // until the year 36812
constexpr UnixTime kExpiresMax = (UnixTime{1} << (8 * kExpiresBytes)) - 1;
constexpr std::size_t kHeadBytes =
    1 + kParentBytes + kGenerationBytes + kExpiresBytes + 2 + ChildChoice::kCheckBytes;
constexpr std::size_t kRawBytesMax =
    (kChildBytesMax - kChildPrefix.size() - kChecksumDigits) * 6 / 8;
constexpr std::size_t kPermissionBytesMax = kRawBytesMax - kHeadBytes - kMacBytes;
static_assert(kPermissionBytesMax >= limits::kPermissionsPerToken / 4, "each set fits");

char form_of(const ChildChoice& choice) {
    if (choice.for_gateway)
        return choice.is_spelled ? kGatewaySpelledForm : kGatewaySetForm;
    return choice.is_spelled ? kSpelledForm : kSetForm;
}

void append_number(std::string& body, std::uint64_t value, std::size_t bytes) {
    while (bytes-- > 0)
        body.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * bytes))));
}

// The claims are public (only the MAC is not), so they may be in a std::string.
Result<std::string> encode_body(const ChildClaims& claims, const Token& parent,
                                store::TokenStore& store) {
    if (claims.expires < 0 || claims.expires > kExpiresMax)
        return Errc::InvalidExpiry;
    const ChildChoice choice = TRY(choose(claims, parent, store));
    if (choice.permissions.size() > kPermissionBytesMax)
        return Error{Errc::LimitExceeded, "permissions of a child"};
    std::string body(1, form_of(choice));
    append_number(body, static_cast<std::uint64_t>(token_key(claims.parent)), kParentBytes);
    append_number(body, claims.generation, kGenerationBytes);
    append_number(body, static_cast<std::uint64_t>(claims.expires), kExpiresBytes);
    append_number(body, choice.target, 1);
    append_number(body, choice.audience, 1);
    body.append(choice.check.data(), choice.check.size());
    return body.append(choice.permissions);
}

Result<OpenedChild> decode_body(std::string_view body) {
    BodyReader reader(body);
    const auto form = static_cast<char>(TRY(reader.number(1)));
    const bool for_gateway = form == kGatewaySetForm || form == kGatewaySpelledForm;
    const std::optional<TokenId> parent =
        token_id_of(static_cast<std::int64_t>(TRY(reader.number(kParentBytes))));
    const std::uint64_t generation = TRY(reader.number(kGenerationBytes));
    const std::uint64_t expires = TRY(reader.number(kExpiresBytes));
    ChildChoice choice;
    choice.target = static_cast<std::uint8_t>(TRY(reader.number(1)));
    choice.audience = static_cast<std::uint8_t>(TRY(reader.number(1)));
    const std::string_view check = TRY(reader.bytes(choice.check.size()));
    std::copy(check.begin(), check.end(), choice.check.begin());
    choice.for_gateway = for_gateway;
    choice.is_spelled = form == kSpelledForm || form == kGatewaySpelledForm;
    choice.permissions = reader.rest();
    if (!parent)
        return Errc::NotFound;
    return OpenedChild{*parent, static_cast<std::uint32_t>(generation),
                       static_cast<UnixTime>(expires), for_gateway, std::move(choice)};
}

Result<OpenedChild> decode_old_body(std::string_view body) {
    ChildClaims claims = TRY(read_old_child(body));
    return OpenedChild{claims.parent, claims.generation, claims.expires, false, std::move(claims)};
}

// The decoded base64: the body and its MAC. The form, which the MAC covers, determines the MAC's
// length: an old body never passes with a short one.
Result<OpenedChild> open_raw(std::span<const char> raw, store::TokenStore& store) {
    if (raw.empty())
        return Errc::NotFound;
    const char form = raw.front();
    const bool is_old = form == kOldChildForm;
    const std::size_t mac_bytes = is_old ? kOldMacBytes : kMacBytes;
    if ((!is_old && (form < kSetForm || form > kGatewaySpelledForm)) || raw.size() <= mac_bytes)
        return Errc::NotFound;
    const std::span<const char> body = raw.first(raw.size() - mac_bytes);
    const std::string_view text(body.data(), body.size());
    Result<OpenedChild> child = is_old ? decode_old_body(text) : decode_body(text);
    if (!child)
        return Errc::NotFound;
    if (!TRY(store.is_child_mac({child->parent, child->generation, body}, raw.last(mac_bytes))))
        return Errc::NotFound;
    return child;
}

// Wiped however this ends: one child's remains would be the beginning of the next.
class Wiped {
  public:
    explicit Wiped(SecretBuffer& scratch) : scratch_(scratch) {}
    ~Wiped() { scratch_.wipe(); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;

  private:
    SecretBuffer& scratch_;
};

Result<void> append_encoded(SecretBuffer& text, const std::string& body, const Digest& mac,
                            SecretBuffer& scratch) {
    const Wiped wiped(scratch);
    TRY(scratch.append(body));
    TRY(scratch.append({reinterpret_cast<const char*>(mac.data()), kMacBytes}));
    return append_base64url(text, scratch.reveal());
}

}  // namespace

Result<TokenSecret> make_child(const ChildClaims& claims, const Token& parent,
                               store::TokenStore& store, SecretBuffer& scratch) {
    return make_child(claims, parent, store, ChildRoom{scratch, SecretBuffer(kChildBytesMax)});
}

Result<TokenSecret> make_child(const ChildClaims& claims, const Token& parent,
                               store::TokenStore& store, ChildRoom room) {
    const std::string body = TRY(encode_body(claims, parent, store));
    const Digest mac = TRY(store.child_mac(claims.parent, claims.generation, body));
    SecretBuffer& text = room.text;
    TRY(text.append(kChildPrefix));
    TRY(append_encoded(text, body, mac, room.scratch));
    std::array<char, kChecksumDigits> checksum{};
    const std::span<const char> all = text.reveal();
    write_checksum(crc32({all.data(), all.size()}), checksum);
    TRY(text.append(checksum));
    return TokenSecret(std::move(text));
}

Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store) {
    if (token_shape({secret.data(), secret.size()}) != TokenShape::Child)
        return Errc::NotFound;
    SecretBuffer scratch(kOldChildBytesMax);
    return open_child(secret, store, scratch);
}

Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store,
                               SecretBuffer& scratch) {
    const std::string_view text(secret.data(), secret.size());
    const std::size_t coded = text.size() - kChildPrefix.size() - kChecksumDigits;
    const Wiped wiped(scratch);
    if (!append_decoded_base64url(scratch, text.substr(kChildPrefix.size(), coded)))
        return Errc::NotFound;
    return open_raw(scratch.reveal(), store);
}

Result<std::optional<ChildClaims>> read_claims(OpenedChild child, const Token& parent,
                                               store::TokenStore& store) {
    if (auto* const spelled = std::get_if<ChildClaims>(&child.says))
        return std::optional<ChildClaims>(std::move(*spelled));
    const auto& choice = std::get<ChildChoice>(child.says);
    std::optional<ChildClaims> claims = TRY(read_choice(choice, parent, store));
    if (!claims) {
        for (const store::TokenPtr& former :
             TRY(store.find_former(child.parent, child.generation))) {
            claims = TRY(read_choice(choice, *former, store));
            if (claims)
                break;
        }
    }
    if (claims)
        claims->expires = child.expires;
    return claims;
}

}  // namespace patd
