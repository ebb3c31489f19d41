// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keyring/keyring.h"
#include "daemon/store/tokens/token_store.h"

#include <memory>
#include <string>

namespace patd::store {

// The store of per-user mode (docs/adr/0016): its index is store.db in `directory`, its master key
// is an item of the keyring, and its imported secrets are sealed bundles there. `keyring` must be
// open, and outlive the store; so must `random`.
//
// The first call creates the key. Errors: those of Keyring and TokenStore::open; KeyLost: there is
// an index, but not its key; Corrupt: there are two keys. A key without an index makes a new index.
// Thread rule: the store's writer.
Result<std::unique_ptr<TokenStore>> open_keyring_store(const std::string& directory,
                                                       Keyring& keyring, Random& random);

}  // namespace patd::store
