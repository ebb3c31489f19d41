// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

#include <string>
#include <vector>

namespace patd::store {

// What patd keeps in a keyring: the master key of the user's store, and bundles of sealed secrets.
enum class ItemKind { Key, Bundle };

struct KeyringItem {
    std::string id;
    SecretBuffer content;
};

// A desktop keyring, as far as the store needs one. Every call waits for another program, a few
// times kKeyringDeadline at most. Errors: StoreLocked; KeyringAsks (it prompts for these items, and
// its user did not allow it); NoKeyring, NoDefaultKeyring; KeyringUnencrypted; InsecurePeer
// (another user's); KeyringFailed (no answer, or one that breaks the protocol).
// Thread rule: any thread but the loop's.
class Keyring {
  public:
    virtual ~Keyring() = default;

    // Every item of this kind, in no order. An item whose content the keyring lost is empty.
    virtual Result<std::vector<KeyringItem>> read(ItemKind kind) = 0;
    // Creates the item, or replaces its content: on disk when it returns, if the keyring lets us
    // know. `content` is ASCII and not empty: some keyrings only keep text.
    virtual Result<void> write(ItemKind kind, const std::string& id,
                               const SecretBuffer& content) = 0;
    // Whether the latest write may not be on disk yet. Thread rule: any.
    virtual bool writes_later() const { return false; }
    // A missing item is no error.
    virtual Result<void> remove(ItemKind kind, const std::string& id) = 0;
};

}  // namespace patd::store
