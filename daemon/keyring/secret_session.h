// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "daemon/keyring/session_bus.h"

#include <memory>
#include <string>

namespace patd::keyring {

// An encrypted session with one keyring, by libsecret: negotiates it, puts a secret into a message
// and gets one out. libsecret does nothing else here: its objects listen to the keyring's signals,
// and 0.20.5 follows a null pointer if a signal comes before it asked for what the signal is about
// (docs/adr/0026). Thread rule: inside a job of the loop's.
class SecretSession {
  public:
    // `owner` is the keyring's unique name. KeyringUnencrypted: it offers no encryption. Other
    // errors as in SessionBus::call.
    static Result<SecretSession> open(GlibLoop& loop, const std::string& owner);
    SecretSession(SecretSession&&) noexcept;
    SecretSession& operator=(SecretSession&&) noexcept;
    ~SecretSession();

    // Its object path.
    const char* path() const;
    // `(oayays)`, encrypted. KeyringFailed.
    Result<Variant> encode(const SecretBuffer& content) const;
    // Empty if nothing came: some keyrings say in this way that they are locked. KeyringFailed: it
    // does not decode, or is longer than kKeyringItemBytes.
    Result<SecretBuffer> decode(GVariant* secret) const;
    static bool is_same(const SecretBuffer& a, const SecretBuffer& b);

  private:
    struct Service;
    explicit SecretSession(std::unique_ptr<Service> service);

    std::unique_ptr<Service> service_;
};

}  // namespace patd::keyring
