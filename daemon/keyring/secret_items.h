// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/secret_session.h"
#include "daemon/store/keyring/keyring.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace patd::keyring {

// A keyring that was found, and the session with it.
struct OpenKeyring {
    std::string owner;  // its unique name
    SecretSession session;
    std::string collection;  // the object path of the default one
};

// patd's items in an open keyring, and whether it is locked. Errors: StoreLocked, KeyringAsks (the
// keyring prompts for this item, and the user did not allow it), KeyringFailed.
// Thread rule: inside a job of the loop's.
class SecretItems {
  public:
    // All must outlive it.
    SecretItems(GlibLoop& loop, SessionBus& bus, const OpenKeyring& keyring)
        : loop_(loop), bus_(bus), keyring_(keyring) {}

    Result<bool> is_locked();
    // Both let the keyring prompt its user, and return when that ends, with whatever result: check
    // again.
    Result<void> unlock_collection();
    Result<void> unlock_items(const std::vector<std::string>& paths);

    // Items that their keyring shows to nobody until it has prompted its user for each.
    Result<std::vector<std::string>> closed_items();

    Result<std::vector<store::KeyringItem>> read(store::ItemKind kind);
    // Creates it, or replaces its content.
    Result<void> write(store::ItemKind kind, const std::string& id, const SecretBuffer& content);
    Result<void> remove(store::ItemKind kind, const std::string& id);

  private:
    struct Found {
        std::vector<std::string> open;
        std::vector<std::string> closed;
    };
    SessionBus::Place service() const;
    SessionBus::Place collection() const;
    // An empty id: all of that kind.
    Result<Found> search(store::ItemKind kind, const std::string& id);
    Result<std::string> id_of(const std::string& path);
    // The contents of those items, in order; one that gave nothing is empty.
    Result<std::vector<store::KeyringItem>> contents_of(const std::vector<std::string>& paths);
    Result<void> unlock(const std::vector<std::string>& paths, std::function<bool()> is_done);
    Result<void> finish(const std::string& prompt);

    GlibLoop& loop_;
    SessionBus& bus_;
    const OpenKeyring& keyring_;
};

}  // namespace patd::keyring
