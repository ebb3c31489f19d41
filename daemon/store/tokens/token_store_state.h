// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/state_directory.h"
#include "daemon/store/tokens/anchor.h"
#include "daemon/store/tokens/former_lists.h"
#include "daemon/store/tokens/opened_secrets.h"
#include "daemon/store/tokens/record_cache.h"
#include "daemon/store/tokens/record_changes.h"
#include "daemon/store/tokens/token_reader.h"
#include "daemon/store/tokens/token_writer.h"

#include <memory>

namespace patd::store {

// State shared by TokenStore and StoreAdmin.
struct TokenStore::State {
    StateDirectory directory;  // holds the lock, so it is destroyed last
    std::shared_ptr<SecretVault> vault;
    TokenReader reader;
    TokenWriter writer;
    std::shared_ptr<Anchor> anchor;  // watches the writer
    RecordChanges changes = {};
    RecordCache records{changes};
    OpenedSecrets secrets{changes};
    FormerLists former = {};

    // Tells of a change of this owner's tokens, completed or failed half-way, before its caller
    // learns of it.
    template <typename Outcome>
    Outcome changed(Uid owner, Outcome outcome) {
        changes.note(owner);
        return outcome;
    }
    // Thread rule: the reader's thread.
    void forget_all() {
        records.forget_all();
        secrets.forget_all();
    }
};

}  // namespace patd::store
