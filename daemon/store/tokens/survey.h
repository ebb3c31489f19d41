// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/digest.h"
#include "common/token/token.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patd::store {

struct StoredToken {
    Token token;
    Digest verifier;  // of the current secret, issued or imported
};

// Shared with the store's cache; null if the token does not exist.
using StoredTokenPtr = std::shared_ptr<const StoredToken>;
using Records = std::vector<StoredTokenPtr>;

// Whether a survey shows quarantined tokens (account gone, or uid reused): only root's does.
enum class Quarantined { Hidden, Shown };

class RecordCache;
class TokenStore;

// An owner's tokens, read in steps of a bounded size: an owner may have a thousand of the largest,
// and each may be in an index 64 times. Between two steps others get their turn, and the store may
// change: a token that was added or changed meanwhile may be seen as it was, as it is, or not at
// all. Each step reads one snapshot. A damaged record is logged and left out.
// What covers a place comes from the store's cache if it knows all of that.
// Made by TokenStore, which must outlive it. Thread rule: the store's reader.
class Survey {
  public:
    using Take = std::function<void(const StoredToken&)>;
    // Gives `take` the next tokens, at most kRecordsPerStep. Returns whether there is more to read.
    // Errors as in TokenStore.
    Result<bool> step(const Take& take);

  private:
    friend class TokenStore;
    friend class TokenReader;

    enum class Kind { Covering, AtOrigin, OfOwner };
    Survey(TokenStore& store, Kind kind, Uid owner) : store_(store), kind_(kind), owner_(owner) {}
    // Before the first step.
    void begin(RecordCache& cache, std::uint64_t now);
    void take_known(const Take& take);
    void note_read(StoredTokenPtr record);
    // After the last one.
    void keep_read(RecordCache& cache) const;

    TokenStore& store_;
    Kind kind_;
    Uid owner_;
    std::optional<Origin> origin_ = {};  // unset: OfOwner
    Quarantined quarantined_ = Quarantined::Hidden;
    // How far the index was read: past this row.
    std::string path_ = {};
    std::int64_t token_ = -1;
    bool has_keys_ = false;
    std::vector<std::int64_t> undated_ = {};  // OfOwner: those not in keys_ yet
    // Keys of tokens to open; for OfOwner in the order in which they were made, else by key.
    std::set<std::pair<UnixTime, std::int64_t>> keys_ = {};
    // Covering: what the cache knows of the place, and how many of those were given; or what was
    // read, to be kept there, unless that is too much.
    std::string place_ = {};
    Records known_ = {};
    std::size_t given_ = 0;
    Records read_ = {};
    bool is_large_ = false;
    bool has_begun_ = false;
    std::weak_ptr<const void> begun_in_ = {};  // a keyring's store may be opened anew meanwhile
    std::uint64_t read_at_ = 0;
};

// What surveys have read since the store was opened: tests use it, because they must not look at a
// clock.
struct ReadCounts {
    std::uint64_t rows = 0;
    std::uint64_t records = 0;
    std::size_t rows_in_one_step = 0;  // the maximum so far
    std::size_t records_in_one_step = 0;
};

}  // namespace patd::store
