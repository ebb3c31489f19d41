// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "daemon/keyring/session_bus.h"

#include <memory>
#include <string>

namespace patd::keyring {

// An encrypted session with one keyring, by libsecret: how it is agreed on, and how a secret goes
// into a message and comes out of one. libsecret does nothing else here: its objects listen to the
// keyring's signals, and 0.20.5 follows a null pointer when one comes before it asked for what it
// is about (docs/adr/0026). Thread rule: inside a job of the loop's.
class SecretSession {
  public:
    // `owner` is the keyring's unique name. KeyringUnencrypted: it offers no encryption. Else as
    // SessionBus::call.
    static Result<SecretSession> open(GlibLoop& loop, const std::string& owner);
    SecretSession(SecretSession&&) noexcept;
    SecretSession& operator=(SecretSession&&) noexcept;
    ~SecretSession();

    // Its object path.
    const char* path() const;
    // `(oayays)`, encrypted. KeyringFailed.
    Result<Variant> encode(const SecretBuffer& content) const;
    // Empty where nothing came: some keyrings say so that they are locked. KeyringFailed: it does
    // not decode, or is longer than kKeyringItemBytes.
    Result<SecretBuffer> decode(GVariant* secret) const;
    static bool is_same(const SecretBuffer& a, const SecretBuffer& b);

  private:
    struct Service;
    explicit SecretSession(std::unique_ptr<Service> service);

    std::unique_ptr<Service> service_;
};

}  // namespace patd::keyring
