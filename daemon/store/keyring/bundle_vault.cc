// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keyring/bundle_vault.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/token/base64url.h"
#include "daemon/store/keys/bound_data.h"

#include <algorithm>
#include <array>
#include <set>

namespace patd::store {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kRecordOverhead = TokenId::kDigits + sizeof(Digest) + kLengthBytes;
constexpr std::size_t kSealBytes = kSaltBytes + kNonceBytes + kTagBytes;
constexpr std::size_t kContentsMax =
    limits::kTokenSecretBytes + limits::kRefreshTokenBytes + kNonceBytes + kTagBytes;
static_assert(kContentsMax < 65536, "a length has two bytes");
static_assert((limits::kKeyringBundleBytes + kSealBytes) * 4 / 3 + 4 < limits::kKeyringItemBytes);

std::span<const char> chars_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

BoundData bound_to(const std::string& id) {
    BoundData bound;
    bound.begin("bundle").add(std::string_view(id));
    return bound;
}

BoundData bound_to(const SecretName& name) {
    BoundData bound;
    bound.begin("secret").add(name.id.view());
    return bound;
}

std::size_t size_of(const SecretVault::Entry& entry) {
    return kRecordOverhead + entry.sealed.size();
}

Error damaged() {
    return Error{Errc::Corrupt, "the contents of a bundle"};
}

}  // namespace

Result<std::vector<BundleVault::Record>> BundleVault::parse(std::span<const char> contents) {
    std::vector<Record> records;
    while (!contents.empty()) {
        if (contents.size() < kRecordOverhead)
            return damaged();
        const auto id = TokenId::parse({contents.data(), TokenId::kDigits});
        if (!id)
            return damaged();
        Record record{{*id, {}}, {}};
        const Bytes bytes = bytes_of(contents);
        std::copy_n(bytes.data() + TokenId::kDigits, sizeof(Digest), record.name.digest.data());
        const Bytes length = bytes.subspan(kRecordOverhead - kLengthBytes, kLengthBytes);
        const std::size_t size = static_cast<std::size_t>(length[0]) << 8U | length[1];
        if (size > kContentsMax || contents.size() - kRecordOverhead < size)
            return damaged();
        record.sealed = contents.subspan(kRecordOverhead, size);
        records.push_back(record);
        contents = contents.subspan(kRecordOverhead + size);
    }
    return records;
}

Result<BundleVault::BundlePtr> BundleVault::pack(const std::string& id,
                                                 std::span<const Record> records) {
    std::size_t size = 0;
    for (const Record& record : records)
        size += kRecordOverhead + record.sealed.size();
    if (size > limits::kKeyringBundleBytes)
        return Errc::LimitExceeded;
    const auto bundle = std::make_shared<Bundle>(Bundle{id, SecretBuffer(size), {}});
    for (const auto& [name, sealed] : records) {
        const std::array<char, kLengthBytes> length{
            static_cast<char>(static_cast<unsigned char>(sealed.size() >> 8U)),
            static_cast<char>(static_cast<unsigned char>(sealed.size()))};
        TRY(bundle->contents.append(name.id.view()));
        TRY(bundle->contents.append(chars_of(name.digest)));
        TRY(bundle->contents.append(length));
        TRY(bundle->contents.append(sealed));
    }
    bundle->records = TRY(parse(bundle->contents.reveal()));
    return BundlePtr(bundle);
}

Result<void> BundleVault::open(SecretBuffer key, std::span<const Indexed> index) {
    sealer_.emplace(TRY(Sealer::create(bytes_of(key.reveal()))));
    opener_.emplace(TRY(sealer_->clone()));
    for (const KeyringItem& item : TRY(keyring_.read(ItemKind::Bundle))) {
        // Another store's, or damaged: its secrets are not there, and its content is not ours to
        // throw away.
        if (const Result<void> loaded = load(item); !loaded)
            log(messages::kBundleNotOurs, loaded.error());
    }
    reconcile(index);
    return {};
}

void BundleVault::reconcile(std::span<const Indexed> index) {
    std::map<TokenId, Settled> tokens;
    for (const auto& [name, place] : places_)
        tokens.emplace(name.id, Settled{name.id, std::nullopt});
    for (const Indexed& token : index) {
        if (token.digest && !places_.contains({token.id, *token.digest}))
            log(messages::kSecretMissing, {{"TOKEN", token.id.text()}});
        const auto held = tokens.find(token.id);
        if (held == tokens.end())
            continue;
        if (token.digest)
            held->second.live = token.digest;
        else
            tokens.erase(held);
    }
    std::vector<Settled> settled;
    settled.reserve(tokens.size());
    for (const auto& [id, token] : tokens)
        settled.push_back(token);
    if (const Result<void> done = settle(settled); !done)
        log(messages::kRemainsInKeyring, done.error());
}

Result<void> BundleVault::load(const KeyringItem& item) {
    SecretBuffer bytes(item.content.size());
    const std::span<const char> text = item.content.reveal();
    TRY(append_decoded_base64url(bytes, {text.data(), text.size()}));
    const Bytes all = bytes_of(bytes.reveal());
    if (all.size() < kSealBytes || all.size() - kSealBytes > limits::kKeyringBundleBytes)
        return damaged();
    const SealedView seal{all.first(kSaltBytes), all.subspan(kSaltBytes, kNonceBytes),
                          all.subspan(kSaltBytes + kNonceBytes)};
    const auto bundle =
        std::make_shared<Bundle>(Bundle{item.id, SecretBuffer(all.size() - kSealBytes), {}});
    TRY(sealer_->open(bound_to(item.id).view(), seal, bundle->contents));
    bundle->records = TRY(parse(bundle->contents.reveal()));
    bundles_.push_back(bundle);
    // Of a duplicate secret, settle keeps the first.
    for (const Record& record : bundle->records)
        places_.insert({record.name, Place{bundle, record.sealed}});
    return {};
}

Result<TokenSecret> BundleVault::find(const SecretName& name, const std::optional<Share>& share) {
    Place place;
    {
        const std::lock_guard lock(mutex_);
        const auto found = places_.find(name);
        if (found == places_.end())
            return Error{Errc::SecretLost, "token " + name.id.text() + ": not in the keyring"};
        place = found->second;
    }
    if (!share)
        return TokenSecret(SecretBuffer::copy_of(place.sealed));
    const Bytes sealed = bytes_of(place.sealed);
    if (sealed.size() < kNonceBytes + kTagBytes)
        return damaged();
    SecretBuffer opened(sealed.size());
    TRY(opener_->open(bound_to(name).view(),
                      {*share, sealed.first(kNonceBytes), sealed.subspan(kNonceBytes)}, opened));
    return TokenSecret(std::move(opened));
}

Result<SecretVault::Entry> BundleVault::seal(const SecretName& name, std::span<const char> secret,
                                             std::span<const char> refresh) {
    SecretBuffer both(secret.size() + refresh.size());
    TRY(both.append(secret));
    TRY(both.append(refresh));
    const Sealed sealed = TRY(sealer_->seal(bound_to(name).view(), both.reveal(), random_));
    Entry entry{name, sealed.salt, {}};
    entry.sealed.assign(sealed.nonce.begin(), sealed.nonce.end());
    entry.sealed.insert(entry.sealed.end(), sealed.sealed.begin(), sealed.sealed.end());
    return entry;
}

BundleVault::BundlePtr BundleVault::find_room(std::size_t bytes) const {
    for (const BundlePtr& bundle : bundles_) {
        if (bundle->contents.size() + bytes <= limits::kKeyringBundleBytes)
            return bundle;
    }
    return nullptr;
}

Result<std::string> BundleVault::new_id() {
    // As random as a token's own id.
    return TRY(TokenId::generate(random_)).text();
}

Result<void> BundleVault::add(std::span<const Entry> entries) {
    std::size_t next = 0;
    while (next < entries.size()) {
        const BundlePtr before = find_room(size_of(entries[next]));
        std::vector<Record> records;
        std::size_t size = 0;
        if (before) {
            records = before->records;
            size = before->contents.size();
        }
        for (; next < entries.size(); ++next) {
            size += size_of(entries[next]);
            if (size > limits::kKeyringBundleBytes)
                break;
            records.push_back({entries[next].name, chars_of(entries[next].sealed)});
        }
        const std::string id = before ? before->id : TRY(new_id());
        TRY(replace(before, TRY(pack(id, records))));
    }
    return {};
}

Result<void> BundleVault::settle(std::span<const Settled> tokens) {
    std::map<TokenId, std::optional<Digest>> wanted;
    for (const Settled& token : tokens)
        wanted.insert_or_assign(token.id, token.live);
    std::set<SecretName> seen;  // duplicates are kept once
    const auto goes = [&](const Record& record) {
        const auto found = wanted.find(record.name.id);
        if (found == wanted.end())
            return false;
        return found->second != record.name.digest || !seen.insert(record.name).second;
    };
    for (const BundlePtr& bundle : std::vector<BundlePtr>(bundles_)) {
        std::vector<Record> left;
        std::remove_copy_if(bundle->records.begin(), bundle->records.end(),
                            std::back_inserter(left), goes);
        if (left.size() == bundle->records.size())
            continue;
        TRY(replace(bundle, left.empty() ? nullptr : TRY(pack(bundle->id, left))));
    }
    return {};
}

Result<void> BundleVault::replace(const BundlePtr& before, const BundlePtr& after) {
    if (after)
        TRY(write(*after));
    else
        TRY(keyring_.remove(ItemKind::Bundle, before->id));
    const std::lock_guard lock(mutex_);
    if (before) {
        std::erase(bundles_, before);
        std::erase_if(places_, [&](const auto& place) { return place.second.bundle == before; });
    }
    if (after) {
        bundles_.push_back(after);
        for (const Record& record : after->records)
            places_.insert_or_assign(record.name, Place{after, record.sealed});
    }
    return {};
}

Result<void> BundleVault::write(const Bundle& bundle) {
    const Sealed sealed =
        TRY(sealer_->seal(bound_to(bundle.id).view(), bundle.contents.reveal(), random_));
    SecretBuffer bytes(kSealBytes + bundle.contents.size());
    TRY(bytes.append(chars_of(sealed.salt)));
    TRY(bytes.append(chars_of(sealed.nonce)));
    TRY(bytes.append(chars_of(sealed.sealed)));
    SecretBuffer text(limits::kKeyringItemBytes);
    TRY(append_base64url(text, bytes.reveal()));
    return keyring_.write(ItemKind::Bundle, bundle.id, text);
}

}  // namespace patd::store
