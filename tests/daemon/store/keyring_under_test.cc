// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_service.h"
#include "daemon/store/bundle_vault.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/desktop.h"

#include <memory>
#include <optional>

namespace patd::store::test {
namespace {

// One desktop for the process, as a user has one.
class DesktopEnvironment final : public ::testing::Environment {
  public:
    void SetUp() override {
        desktop_.emplace();
        keyring_ = keyring::SecretServiceKeyring::create().value();
        keyring_->open(keyring::SecretServiceKeyring::Prompt::Never).value();
    }
    void TearDown() override {
        keyring_.reset();
        desktop_.reset();
    }
    Keyring& keyring() { return *keyring_; }

  private:
    std::optional<support::Desktop> desktop_;
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
