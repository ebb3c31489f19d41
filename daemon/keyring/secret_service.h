// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keyring/keyring.h"

#include <memory>

namespace patd::keyring {

// The desktop's Secret Service (gnome-keyring, KWallet, KeePassXC, ...) on this process's session
// bus. GLib's loop runs only in this object's own thread; every call hands its work to that thread
// and waits, so no call may be made on the event loop's thread.
//
// Nothing is sent before the bus has confirmed that the owner of the name has this process's own
// uid, and then only to that owner's unique name. We never start a keyring: next to KWallet and
// KeePassXC, which the bus cannot start, that would start gnome-keyring, which keeps the name. A
// session without encryption is refused. Nothing is ever kept anywhere else: if the keyring does
// not answer, that is an error.
class SecretServiceKeyring final : public store::Keyring {
  public:
    // Unavailable: no thread or no descriptor is to be had.
    static Result<std::unique_ptr<SecretServiceKeyring>> create();
    ~SecretServiceKeyring() override;

    // Whether a locked keyring may prompt its user to unlock it, or to show patd its items; each
    // can take kKeyringPrompt. The prompt ends when the keyring goes, or is unlocked elsewhere.
    enum class Prompt { Never, Allowed };
    // Finds the service and its default keyring. Call it before everything below, and again after
    // any error. StoreLocked, KeyringAsks: it, or its items, are locked and stay so.
    Result<void> open(Prompt prompt);
    // Whether what was opened still exists and is unlocked.
    Result<void> check();
    // Ends the current call and every later one at once (KeyringFailed): for the end of the
    // process. Thread rule: any.
    void give_up();

    // Readable (an eventfd) when the service reported a change: then check() tells more.
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
