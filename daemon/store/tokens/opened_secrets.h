// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/digest.h"
#include "common/base/secret_buffer.h"
#include "common/token/token_id.h"
#include "daemon/store/tokens/aside.h"
#include "daemon/store/tokens/record_changes.h"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace patd::store {

// What is under the seal of an imported token.
struct OpenedSecret {
    Uid owner;
    SecretBuffer contents;  // the refresh token follows the secret
    std::size_t refresh_bytes = 0;
    Digest digest = {};  // of the secret
};

// The secrets of imported tokens that were released last, so that the next get does not open their
// records again: in locked memory, which is wiped as soon as they are forgotten. That is within a
// second or two (TokenStore::release_memory), when a token of their owner changes and is asked for
// again, and when the owner is locked. Thread rule: the store's reader.
class OpenedSecrets {
  public:
    // `changes` must outlive it.
    explicit OpenedSecrets(const RecordChanges& changes) : changes_(changes) {}

    // As it is now; null if it is not kept. Valid until the next call.
    const OpenedSecret* find(const TokenId& id);
    // Keeps one that was read since the changes' now() was `read_at`.
    void keep(const TokenId& id, OpenedSecret secret, std::uint64_t read_at);

    // Wiped before these return.
    void forget(Uid owner);
    void forget_all();
    // As forget_all, but free_some wipes and frees it, because all of it would take a millisecond.
    // True: there is more.
    void put_aside();
    bool free_some();

  private:
    struct Kept {
        OpenedSecret secret;
        std::uint64_t read_at = 0;
    };
    using KeptSecrets = std::unordered_map<TokenId, Kept, TokenId::Hash>;

    // For one more of `owner`'s: an owner who has many displaces their own.
    void make_room(Uid owner);

    const RecordChanges& changes_;
    KeptSecrets secrets_;
    Aside<KeptSecrets> aside_;
};

}  // namespace patd::store
