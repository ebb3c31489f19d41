// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "daemon/store/keyring/keyring.h"
#include "daemon/store/tokens/secret_vault.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace patd::store {

// Keeps secrets in a keyring, many in one item: a keyring rewrites its whole file for every change
// of an item, so a thousand new secrets cost two such writes instead of a thousand
// (docs/store-format.md, "Items of the keyring"). Each secret is sealed with a share that stays
// outside, and each bundle is sealed again and bound to its id. What was read stays, without its
// shares, in locked memory while the object lives.
class BundleVault final : public SecretVault {
  public:
    // Both must outlive it.
    BundleVault(Keyring& keyring, Random& random) : keyring_(keyring), random_(random) {}

    Result<void> open(SecretBuffer key, std::span<const Indexed> index) override;
    Result<TokenSecret> find(const SecretName& name, const std::optional<Share>& share) override;
    Result<Entry> seal(const SecretName& name, std::span<const char> secret,
                       std::span<const char> refresh) override;
    Result<void> add(std::span<const Entry> entries) override;
    bool keeps_later() const override { return keyring_.writes_later(); }
    Result<void> settle(std::span<const Settled> tokens) override;

  private:
    // One secret inside a bundle's contents.
    struct Record {
        SecretName name;
        std::span<const char> sealed;
    };
    struct Bundle {
        std::string id;
        SecretBuffer contents;
        std::vector<Record> records;  // views of the contents
    };
    using BundlePtr = std::shared_ptr<const Bundle>;
    struct Place {
        BundlePtr bundle;
        std::span<const char> sealed;
    };

    Result<void> load(const KeyringItem& item);
    void reconcile(std::span<const Indexed> index);
    // A bundle `id` of these records. LimitExceeded: too many for one.
    static Result<BundlePtr> pack(const std::string& id, std::span<const Record> records);
    static Result<std::vector<Record>> parse(std::span<const char> contents);
    // Replaces `before` (null: nothing) with `after` (null: nothing) in the keyring; then memory
    // follows.
    Result<void> replace(const BundlePtr& before, const BundlePtr& after);
    Result<void> write(const Bundle& bundle);
    // The first bundle with room for `bytes` more; null if there is none.
    BundlePtr find_room(std::size_t bytes) const;
    Result<std::string> new_id();

    Keyring& keyring_;
    Random& random_;
    std::optional<Sealer> sealer_;    // the writer's
    std::optional<Sealer> opener_;    // the reader's
    std::vector<BundlePtr> bundles_;  // the writer's
    std::mutex mutex_;                // guards places_: the writer changes, the reader looks up
    std::map<SecretName, Place> places_;
};

}  // namespace patd::store
