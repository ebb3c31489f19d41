// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/death.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/token_store.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace patd::store {

// A token of a backup whose secret has died since.
struct DeadToken {
    enum class Cause { Deleted, Regenerated };

    Token token;
    Cause cause = Cause::Deleted;
    UnixTime died = 0;  // 0: no longer known
};

struct RestoreChoice {
    UnixTime now = 0;
    std::set<TokenId> revive = {};  // dead tokens to bring back nevertheless
    bool keep_dead = false;         // deliberately leaves all other dead ones dead
    bool dry_run = false;           // only reports
    // What the witness knows to be dead (witness.h), though this store may have forgotten it.
    std::vector<Death> witnessed = {};
};

struct RestoreReport {
    bool done = false;         // false: nothing was changed: a dry run, or no word on dead tokens
    std::size_t restored = 0;  // were gone without a trace, and are back
    std::size_t present = 0;   // still existed, and were left unchanged
    std::size_t damaged = 0;   // of the backup's records
    std::vector<Token> revived = {};  // were dead, and are back
    std::vector<DeadToken> dead = {};
    std::set<Uid> locked = {};  // owners locked now because the backup says so
    // The backup's index key was taken over; both halves of the store continue with these.
    std::optional<KeySet> adopted = std::nullopt;
};

// Merges the store that read_backup left (backup_file.h) into the open one, in one transaction:
// what was lost comes back, what exists stays unchanged, what died stays dead unless it is named
// (docs/adr/0009). Thread rule: the store's writer thread. NotFound: `revive` names a token that is
// not among the dead. ForeignBackup: the backup is of a store with another index key, and this one
// is not empty. Nothing is changed when it fails.
Result<RestoreReport> restore(TokenStore& store, const MasterKey& master,
                              const RestoreChoice& choice);

}  // namespace patd::store
