// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"
#include "common/token/token_key.h"
#include "daemon/store/keys/bound_data.h"
#include "daemon/store/tokens/token_columns.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd::store {

// The id, for a log; a key that is not an id's is described.
std::string describe_key(std::int64_t key);

// A token's lists in their stored form.
struct StoredTexts {
    explicit StoredTexts(const Token& token);

    std::string permissions;
    std::string targets;
    std::string rules;
    std::string refused;
};

RecordColumns columns_of(const Token& token, const StoredTexts& texts);

// The column `targets`. InvalidTarget.
Result<TargetList> decode_targets(std::string_view text);
// Corrupt if a column holds what no Token can hold.
Result<Token> decode_token(const RecordColumns& columns);

void bind_token(BoundData& data, const RecordColumns& columns);
// `meta` of version 1 of the schema.
void bind_data_key_1(BoundData& data);
void bind_key(BoundData& data, std::int64_t purpose, std::int64_t number);
void bind_owner(BoundData& data, std::int64_t owner, std::int64_t locked);

struct TombstoneColumns {
    Bytes digest;
    std::int64_t token = 0;
    std::int64_t owner = 0;
    std::int64_t died = 0;
};
void bind_tombstone(BoundData& data, const TombstoneColumns& columns);

}  // namespace patd::store
