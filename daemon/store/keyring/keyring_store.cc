// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keyring/keyring_store.h"

#include "common/token/base64url.h"
#include "daemon/store/database/state_directory.h"
#include "daemon/store/keyring/bundle_vault.h"

namespace patd::store {
namespace {

constexpr char kIndexFile[] = "store.db";
constexpr char kKeyId[] = "key";
constexpr std::size_t kKeyTextBytes = 43;  // 32 bytes in base64url

Result<MasterKey> decode_key(const KeyringItem& item) {
    SecretBuffer key(kKeyTextBytes);
    const std::span<const char> text = item.content.reveal();
    if (text.empty())
        return Error{Errc::KeyLost, "the item of the key is empty"};
    if (text.size() != kKeyTextBytes ||
        !append_decoded_base64url(key, {text.data(), text.size()}) || key.size() != kKeyBytes)
        return Error{Errc::Corrupt, "the item of the keyring is no key"};
    return MasterKey(std::move(key));
}

Result<MasterKey> find_key(Keyring& keyring) {
    const std::vector<KeyringItem> items = TRY(keyring.read(ItemKind::Key));
    if (items.empty())
        return Errc::NotFound;
    if (items.size() > 1)
        return Error{Errc::Corrupt, "the keyring holds two keys of the store"};
    return decode_key(items.front());
}

// The key is read back before anything is sealed under it.
Result<MasterKey> make_key(Keyring& keyring, Random& random) {
    SecretBuffer bytes(kKeyBytes);
    const std::span<char> free = bytes.free_space();
    TRY(random.fill({reinterpret_cast<std::uint8_t*>(free.data()), free.size()}));
    bytes.grow(kKeyBytes);
    SecretBuffer text(kKeyTextBytes);
    TRY(append_base64url(text, bytes.reveal()));
    TRY(keyring.write(ItemKind::Key, kKeyId, text));
    MasterKey key = TRY(find_key(keyring));
    if (!constant_time_equal(key.reveal(), bytes.reveal()))
        return Error{Errc::Corrupt, "the keyring gave another key back"};
    return key;
}

Result<MasterKey> find_or_make_key(const std::string& directory, Keyring& keyring, Random& random) {
    Result<MasterKey> found = find_key(keyring);
    if (found || found.error().code != Errc::NotFound)
        return found;
    const StateDirectory state = TRY(StateDirectory::open(directory));
    // Another key would never open it, and its content may come back with the old keyring.
    if (TRY(state.size_of(kIndexFile)))
        return Error{Errc::KeyLost, "there is an index"};
    return make_key(keyring, random);
}

}  // namespace

Result<std::unique_ptr<TokenStore>> open_keyring_store(const std::string& directory,
                                                       Keyring& keyring, Random& random) {
    MasterKey key = TRY(find_or_make_key(directory, keyring, random));
    return TokenStore::open({directory, true, std::make_shared<BundleVault>(keyring, random)},
                            std::move(key), random);
}

}  // namespace patd::store
