// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/sealed_record.h"
#include "daemon/store/tokens/store_schema.h"
#include "daemon/store/tokens/store_sql.h"
#include "tests/daemon/store/store_fixture.h"

#include <optional>
#include <string>

namespace patd::store::test {

// A store.db of an earlier version of the schema, created as that version did.
class OldStore {
  public:
    OldStore(const std::string& directory, std::uint32_t version) {
        const StateDirectory state = StateDirectory::open(directory).value();
        const Schema* known = &sql::store_schema();
        while (known->version != version)
            known = known->before;
        const std::string numbers =
            "PRAGMA application_id = 0x70617473; PRAGMA user_version = " + std::to_string(version) +
            ";";
        Schema schema = *known;
        schema.numbers = numbers.c_str();
        schema.before = nullptr;
        has_paths_ = version >= 4;
        connection_.emplace(open_database(state, schema, {.name = "store.db"}).value());
        if (version == 1)
            insert_meta();
        else
            make_keys(*connection_, master_key(), random_).value();
    }

    // Inserts a token without rules and its owner's row; returns the digest of its secret.
    Digest insert(const Token& token, const std::string& secret) {
        StoreKeys keys = open_store_keys();
        const Digest digest = keys.index.mac({bytes_of(std::span<const char>(secret))}).value();
        SealedRecord record(std::move(keys.records));
        record.fill(token, digest, secret_of(secret)).value();
        record.write(*connection_, kInsertToken2, token, random_).value();
        BoundData bound;
        bind_owner(bound, token.owner.value(), 0);
        const Digest mac = keys.rows.mac({bound.bytes()}).value();
        Query query = connection_->query(sql::kReplaceOwner).value();
        query.bind(std::int64_t{token.owner.value()}, std::int64_t{0}, Bytes(mac));
        query.run().value();
        for (const Target& target : token.targets)
            insert_target(token, target);
        return digest;
    }

  private:
    static constexpr char kInsertTarget3[] =
        "INSERT OR IGNORE INTO target (owner, origin, token) VALUES (?, ?, ?)";
    // The first columns that the store binds today; ?99 leaves room for later ones.
    static constexpr char kInsertToken2[] =
        "INSERT INTO token (salt, nonce, sealed, id, owner, owner_name, kind, state, provenance,"
        " confirm, description, permissions, targets, username, created, expires, generation)"
        " VALUES (?1, ?2, coalesce(?3, ?99), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
        " ?16, ?17)";

    void insert_target(const Token& token, const Target& target) {
        const std::int64_t owner{token.owner.value()};
        Query query = connection_->query(has_paths_ ? sql::kInsertTarget : kInsertTarget3).value();
        if (has_paths_)
            query.bind(owner, target.origin().text(), target.path(), token_key(token.id));
        else
            query.bind(owner, target.origin().text(), token_key(token.id));
        query.run().value();
    }

    StoreKeys open_store_keys() {
        if (!data_key_)
            return std::move(open_keys(*connection_, master_key()).value().keys.now);
        const SecretBuffer index =
            derive_key(bytes_of(data_key_->reveal()), "patd store 1 index").value();
        return StoreKeys::derive(bytes_of(data_key_->reveal()), bytes_of(index.reveal())).value();
    }

    void insert_meta() {
        data_key_.emplace(buffer_of(std::string(32, 'd')));
        const SecretBuffer wrap =
            derive_key(bytes_of(master_key().reveal()), "patd store 1 wrap").value();
        Sealer sealer = Sealer::create(bytes_of(wrap.reveal())).value();
        BoundData bound;
        bind_data_key_1(bound);
        const Sealed seal = sealer.seal(bound.view(), data_key_->reveal(), random_).value();
        Query query = connection_->query("INSERT INTO meta VALUES (1, ?, ?, ?)").value();
        query.bind(Bytes(seal.salt), Bytes(seal.nonce), Bytes(seal.sealed));
        query.run().value();
    }

    SystemRandom random_;
    bool has_paths_ = false;
    std::optional<SecretBuffer> data_key_;  // of version 1
    std::optional<Connection> connection_;
};

}  // namespace patd::store::test
