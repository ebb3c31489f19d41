// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_codec.h"

#include "common/base/limits.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

namespace patd::store {
namespace {

constexpr char kPermissionSeparator = ',';
constexpr char kTargetSeparator = '\n';

// Calls `use` with each part of a list; an empty text is an empty list.
template <typename Use>
Result<void> for_each_part(std::string_view text, char separator, const Use& use) {
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        TRY(use(text.substr(0, end)));
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + 1);
    }
    return {};
}

Result<PermissionList> decode_permissions(std::string_view text) {
    PermissionList list;
    const auto add = [&](std::string_view part) -> Result<void> {
        list.push_back(TRY(Permission::parse(part)));
        return {};
    };
    TRY(for_each_part(text, kPermissionSeparator, add));
    return list;
}

// Every stored enumeration has the values 1 and 2 (common/token/token.h); a state may be 3.
bool is_enumerator(std::int64_t number) {
    return number == 1 || number == 2;
}

std::string encode_targets(const TargetList& list) {
    std::string text;
    for (const Target& target : list) {
        if (!text.empty())
            text += kTargetSeparator;
        text += target.stored_text();
    }
    return text;
}

bool fits_uint32(std::int64_t number) {
    return number >= 0 && number <= std::numeric_limits<std::uint32_t>::max();
}

bool is_unset(std::int64_t number) {
    return number == 0;
}

bool is_unset(std::string_view text) {
    return text.empty();
}

bool is_plausible(const RecordColumns& columns) {
    return fits_uint32(columns.owner) && fits_uint32(columns.generation) &&
           is_enumerator(columns.kind) && (is_enumerator(columns.state) || columns.state == 3) &&
           is_enumerator(columns.provenance) && is_enumerator(columns.confirm) &&
           (is_unset(columns.secret_kind) || columns.secret_kind == 1) &&
           (is_unset(columns.through_gateway) || columns.through_gateway == 1) &&
           columns.refresh >= 0 && std::cmp_less_equal(columns.refresh, limits::kRefreshTokenBytes);
}

}  // namespace

std::string describe_key(std::int64_t key) {
    const std::optional<TokenId> id = token_id_of(key);
    return id ? id->text() : "damaged";
}

StoredTexts::StoredTexts(const Token& token)
    : permissions(format_permissions(token.permissions)),
      targets(encode_targets(token.targets)),
      rules(token.rules.text()),
      refused(encode_targets(token.refused)) {}

Result<TargetList> decode_targets(std::string_view text) {
    TargetList list;
    const auto add = [&](std::string_view part) -> Result<void> {
        list.push_back(TRY(Target::parse_stored(part)));
        return {};
    };
    TRY(for_each_part(text, kTargetSeparator, add));
    return list;
}

RecordColumns columns_of(const Token& token, const StoredTexts& texts) {
    return RecordColumns{
        .id = token_key(token.id),
        .owner = token.owner.value(),
        .owner_name = token.owner_name,
        .kind = static_cast<std::int64_t>(token.kind),
        .state = static_cast<std::int64_t>(token.state),
        .provenance = static_cast<std::int64_t>(token.provenance),
        .confirm = static_cast<std::int64_t>(token.confirm),
        .description = token.description,
        .permissions = texts.permissions,
        .targets = texts.targets,
        .username = token.username,
        .created = token.created,
        .expires = token.expires,
        .generation = token.generation,
        .rules = texts.rules,
        .refused = texts.refused,
        .refresh = token.refresh_bytes,
        .secret_kind = static_cast<std::int64_t>(token.secret_kind),
        .through_gateway = token.through_gateway ? 1 : 0,
    };
}

Result<Token> decode_token(const RecordColumns& columns) {
    const std::optional<TokenId> id = token_id_of(columns.id);
    Result<PermissionList> permissions = decode_permissions(columns.permissions);
    Result<TargetList> targets = decode_targets(columns.targets);
    Result<ReleaseRules> rules = ReleaseRules::parse_text(columns.rules);
    Result<TargetList> refused = decode_targets(columns.refused);
    if (!id || !is_plausible(columns) || !permissions || !targets || !rules || !refused)
        return Error{Errc::Corrupt, "a token row holds what no token can hold"};
    return Token{
        .id = *id,
        .owner = Uid(static_cast<std::uint32_t>(columns.owner)),
        .owner_name = std::string(columns.owner_name),
        .kind = static_cast<TokenKind>(columns.kind),
        .state = static_cast<TokenState>(columns.state),
        .provenance = static_cast<Provenance>(columns.provenance),
        .confirm = static_cast<Confirm>(columns.confirm),
        .description = std::string(columns.description),
        .permissions = std::move(*permissions),
        .targets = std::move(*targets),
        .rules = std::move(*rules),
        .username = std::string(columns.username),
        .created = columns.created,
        .expires = columns.expires,
        .generation = static_cast<std::uint32_t>(columns.generation),
        .refused = std::move(*refused),
        .refresh_bytes = static_cast<std::uint32_t>(columns.refresh),
        .secret_kind = static_cast<SecretKind>(columns.secret_kind),
        .through_gateway = columns.through_gateway != 0,
    };
}

void bind_token(BoundData& data, const RecordColumns& columns) {
    const std::optional<TokenId> id = token_id_of(columns.id);
    std::uint32_t newest = 1;
    for (const TokenColumn& column : kTokenColumns)
        column.visit(columns, [&](const auto& value) {
            if (!is_unset(value))
                newest = std::max(newest, column.since);
        });
    data.begin("token").add(id ? id->view() : "");
    for (const TokenColumn& column : std::span(kTokenColumns).subspan(1)) {
        if (column.since <= newest)
            column.visit(columns, [&](const auto& value) { data.add(value); });
    }
}

void bind_data_key_1(BoundData& data) {
    data.begin("meta");
}

void bind_key(BoundData& data, std::int64_t purpose, std::int64_t number) {
    data.begin("key").add(purpose).add(number);
}

void bind_owner(BoundData& data, std::int64_t owner, std::int64_t locked) {
    data.begin("owner").add(owner).add(locked);
}

void bind_tombstone(BoundData& data, const TombstoneColumns& columns) {
    const std::optional<TokenId> id = token_id_of(columns.token);
    data.begin("tombstone")
        .add(columns.digest)
        .add(id ? id->view() : "")
        .add(columns.owner)
        .add(columns.died);
}

}  // namespace patd::store
