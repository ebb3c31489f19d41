// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keyring/keyring.h"

#include <memory>

namespace patd::keyring {

// The desktop's Secret Service (gnome-keyring, KWallet, KeePassXC, ...) on the session bus of this
// process. GLib's loop turns in one thread of this object's own and nowhere else; every call hands
// its work there and waits for it, so that no call is made on the event loop's thread.
//
// Nothing is sent before the bus has said that the owner of the name is this process's own uid, and
// then only to that owner's unique name. No keyring is ever started: beside KWallet and KeePassXC,
// which the bus cannot start, it would start gnome-keyring, which keeps the name. A session without
// encryption is refused. Nothing is ever kept anywhere else: where the keyring does not answer
// there is an error.
class SecretServiceKeyring final : public store::Keyring {
  public:
    // Unavailable: no thread, no descriptor.
    static Result<std::unique_ptr<SecretServiceKeyring>> create();
    ~SecretServiceKeyring() override;

    // Whether a locked keyring may ask its user to unlock it, or to show patd its items, each of
    // which can take kKeyringPrompt. It ends when the keyring goes, or was unlocked elsewhere.
    enum class Prompt { Never, Allowed };
    // Finds the service and its default keyring. To be called before all below, and again after any
    // error. StoreLocked, KeyringAsks: it is locked, or its items are, and stay so.
    Result<void> open(Prompt prompt);
    // Whether what was opened is still there and unlocked.
    Result<void> check();
    // Ends the call under way and every later one at once (KeyringFailed): for the end of the
    // process. Thread rule: any.
    void give_up();

    // Readable (an eventfd) when the service said that something changed: then check() tells more.
    int changes() const;

    Result<std::vector<store::KeyringItem>> read(store::ItemKind kind) override;
    Result<void> write(store::ItemKind kind, const std::string& id,
                       const SecretBuffer& content) override;
    Result<void> remove(store::ItemKind kind, const std::string& id) override;
    bool writes_later() const override;

  private:
    class Worker;
    explicit SecretServiceKeyring(std::unique_ptr<Worker> worker);

    std::unique_ptr<Worker> worker_;
};

}  // namespace patd::keyring
