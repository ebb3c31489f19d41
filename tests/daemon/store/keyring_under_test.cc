// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_service.h"
#include "daemon/store/keyring/bundle_vault.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/keyring_provider.h"

#include <memory>
#include <optional>

namespace patd::store::test {
namespace {

// One keyring for the process, as a user has one.
class DesktopEnvironment final : public ::testing::Environment {
  public:
    void SetUp() override {
        provider_.emplace();
        keyring_ = keyring::SecretServiceKeyring::create().value();
        // A wallet that PAM opened says that it is locked until it is asked.
        keyring_->open(keyring::SecretServiceKeyring::Prompt::Allowed).value();
    }
    void TearDown() override {
        keyring_.reset();
        provider_.reset();
    }
    Keyring& keyring() { return *keyring_; }

  private:
    std::optional<support::KeyringProvider> provider_;
    std::unique_ptr<keyring::SecretServiceKeyring> keyring_;
};

DesktopEnvironment& environment() {
    // GoogleTest owns it.
    static auto* const made = static_cast<DesktopEnvironment*>(
        ::testing::AddGlobalTestEnvironment(new DesktopEnvironment));
    return *made;
}

Result<std::unique_ptr<TokenStore>> open_in_keyring(const TokenStore::Options& options,
                                                    MasterKey key, Random& random) {
    TokenStore::Options with_vault = options;
    with_vault.vault = std::make_shared<BundleVault>(environment().keyring(), random);
    return TokenStore::open(with_vault, std::move(key), random);
}

const bool kInstalled = (environment(), open_store = open_in_keyring, true);

}  // namespace
}  // namespace patd::store::test
