// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/record_crypto.h"
#include "daemon/store/tokens/record_codec.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"
#include "tests/support/counting_random.h"

#include <vector>

namespace patd::fuzz {
namespace {

using store::RecordColumns;

// The numbers, then the texts, each up to a NUL.
RecordColumns take_columns(Input& input) {
    RecordColumns columns;
    columns.id = input.number();
    columns.owner = input.number();
    columns.generation = input.number();
    columns.created = input.number();
    columns.expires = input.number();
    for (std::int64_t* small : {&columns.kind, &columns.state, &columns.provenance,
                                &columns.confirm, &columns.refresh, &columns.secret_kind})
        *small = input.byte();
    for (std::string_view* text :
         {&columns.owner_name, &columns.description, &columns.permissions, &columns.targets,
          &columns.username, &columns.rules, &columns.refused})
        *text = input.part('\0');
    return columns;
}

std::string bound(const RecordColumns& columns) {
    store::BoundData data;
    store::bind_token(data, columns);
    return std::string(data.view());
}

store::Sealer& sealer() {
    static const std::vector<std::uint8_t> key(store::kKeyBytes, 'k');
    static store::Sealer sealer = store::Sealer::create(key).value();
    return sealer;
}

// A seal opens for exactly what it was made for.
void check_seal(const std::string& aad, std::string_view content, std::uint8_t where) {
    support::CountingRandom random;
    store::Sealed sealed = sealer().seal(aad, content, random).value();
    SecretBuffer opened(content.size() + store::kTagBytes);
    require(sealer().open(aad, sealed.view(), opened).has_value(), "a seal opens");
    require(std::string_view(opened.reveal().data(), opened.size()) == content,
            "what was sealed comes out");
    const std::string other = aad + 'x';
    require(!sealer().open(other, sealed.view(), opened) && opened.empty(),
            "a seal is of its columns alone");
    sealed.sealed[where % sealed.sealed.size()] ^= static_cast<std::uint8_t>(1U << (where % 8));
    require(!sealer().open(aad, sealed.view(), opened) && opened.empty(),
            "a changed seal does not open");
}

}  // namespace

// A row of the store, as whoever has the disk could leave it.
void records(std::string_view bytes) {
    Input input(bytes);
    const RecordColumns columns = take_columns(input);
    check_seal(bound(columns), input.rest(), static_cast<std::uint8_t>(bytes.size()));
    const Result<Token> token = store::decode_token(columns);
    if (!token)
        return require(token.error().code == Errc::Corrupt, "a bad row is corrupt");
    const store::StoredTexts texts(*token);
    const RecordColumns written = store::columns_of(*token, texts);
    const Result<Token> again = store::decode_token(written);
    require(again && *again == *token, "a row is written as it was read");
    RecordColumns other = written;
    other.expires ^= 1;
    require(bound(other) != bound(written), "each column is under the seal");
    other = written;
    // A byte that moves from one column to the next changes what is bound.
    if (!other.description.empty()) {
        const std::string moved = other.description.back() + std::string(other.permissions);
        other.description.remove_suffix(1);
        other.permissions = moved;
        require(bound(other) != bound(written), "columns do not run into each other");
    }
}

}  // namespace patd::fuzz
