// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/sqlite.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/sealed_record.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

// What an attacker who can write the store's files, or read them with the master key, can do: rows
// S2, S4, S11, S12, S13 and S16 of the attack table.
namespace patd::store::test {
namespace {

struct Edit {
    std::string column;
    std::string sql;
};

// Each leaves a value that a token could hold, so that it is the seal which refuses it.
const std::vector<Edit> kEdits{
    {"owner", "UPDATE token SET owner = 1001 WHERE id = ?1"},
    {"owner_name", "UPDATE token SET owner_name = 'user1001' WHERE id = ?1"},
    {"kind", "UPDATE token SET kind = 3 - kind WHERE id = ?1"},
    {"state", "UPDATE token SET state = 3 - state WHERE id = ?1"},
    {"provenance", "UPDATE token SET provenance = 3 - provenance WHERE id = ?1"},
    {"confirm", "UPDATE token SET confirm = 3 - confirm WHERE id = ?1"},
    {"description", "UPDATE token SET description = description || ' ' WHERE id = ?1"},
    {"permissions", "UPDATE token SET permissions = 'vcs' WHERE id = ?1"},
    {"targets", "UPDATE token SET targets = 'https://evil.example' WHERE id = ?1"},
    {"rules", "UPDATE token SET rules = 'evil.service' WHERE id = ?1"},
    {"refused", "UPDATE token SET refused = 'https://git.example' WHERE id = ?1"},
    {"refresh", "UPDATE token SET refresh = refresh + 1 WHERE id = ?1"},
    {"username", "UPDATE token SET username = 'root' WHERE id = ?1"},
    {"created", "UPDATE token SET created = created + 1 WHERE id = ?1"},
    {"expires", "UPDATE token SET expires = 0 WHERE id = ?1"},
    {"generation", "UPDATE token SET generation = generation + 1 WHERE id = ?1"},
    {"salt", "UPDATE token SET salt = zeroblob(32) WHERE id = ?1"},
    {"sealed", "UPDATE token SET sealed = zeroblob(length(sealed)) WHERE id = ?1"},
};

// And one for each column that is missing above.
std::vector<Edit> every_edit() {
    std::vector<Edit> edits = kEdits;
    for (const TokenColumn& column : std::span(kTokenColumns).subspan(1)) {
        const std::string name(column.name);
        const std::string next = column.number != nullptr ? name + " + 1" : name + " || 'x'";
        if (std::ranges::find(kEdits, name, &Edit::column) == kEdits.end())
            edits.push_back({name, "UPDATE token SET " + name + " = " + next + " WHERE id = ?1"});
    }
    return edits;
}

struct Blob {
    const char* select;
    const char* update;
};

constexpr std::array<Blob, 3> kBlobs{{
    {"SELECT salt FROM token WHERE id = ?1", "UPDATE token SET salt = ?2 WHERE id = ?1"},
    {"SELECT nonce FROM token WHERE id = ?1", "UPDATE token SET nonce = ?2 WHERE id = ?1"},
    {"SELECT sealed FROM token WHERE id = ?1", "UPDATE token SET sealed = ?2 WHERE id = ?1"},
}};

class StoreAttackTest : public StoreTest {
  protected:
    void expect_corrupt(const Token& token) {
        EXPECT_EQ(store_->find(token.id).error().code, Errc::Corrupt);
        EXPECT_EQ(open_secret(*store_, token.id).error().code, Errc::Corrupt);
        EXPECT_EQ(store_->update(token.id, token.owner, [](Token&) { return Result<void>(); })
                      .error()
                      .code,
                  Errc::Corrupt);
    }
};

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesARecordWithAnyColumnChanged) {
    open();
    RawDatabase raw(path());
    const std::vector<Edit> edits = every_edit();
    for (const Edit& edit : edits) {
        const Token good = insert(kAlice);
        const Token bad = insert(kAlice);
        ASSERT_EQ(raw.run(edit.sql.c_str(), token_key(bad.id)), 1);
        SCOPED_TRACE(edit.column);
        expect_corrupt(bad);
        EXPECT_TRUE(same(store_->find(good.id).value()->token, good));
        const std::vector<ListedToken> list = list_tokens(*store_, kAlice).value();
        EXPECT_TRUE(std::any_of(list.begin(), list.end(),
                                [&](const auto& l) { return l.token.id == good.id; }));
        EXPECT_FALSE(std::any_of(list.begin(), list.end(),
                                 [&](const auto& l) { return l.token.id == bad.id; }));
        EXPECT_TRUE(list_tokens(*store_, kBob).value().empty());
        const std::vector<StoredToken> at_origin =
            find_by_origin(*store_, kAlice, good.targets[0].origin()).value();
        for (const StoredToken& found : at_origin)
            EXPECT_NE(found.token.id, bad.id);
        for (const StoredToken& found :
             find_covering(*store_, kAlice, good.targets[0].origin(), "team").value())
            EXPECT_NE(found.token.id, bad.id);
    }
    EXPECT_EQ(raw.number("SELECT count(*) FROM pragma_table_info('token')"),
              static_cast<std::int64_t>(edits.size() + 2));  // and id and nonce, below
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesARuleThatWasFlippedRemovedOrAdded) {
    open();
    RawDatabase raw(path());
    const Token ruled = insert(kAlice);
    const std::string rules =
        raw.value("SELECT rules FROM token WHERE id = ?1", token_key(ruled.id));
    ASSERT_EQ(rules, "backup.service,job@1.service");
    constexpr char kSet[] = "UPDATE token SET rules = CAST(?2 AS TEXT) WHERE id = ?1";
    for (std::size_t bit = 0; bit < rules.size() * 8; ++bit) {
        raw.run_blob(kSet, token_key(ruled.id), with_flipped_bit(rules, bit));
        ASSERT_EQ(store_->find(ruled.id).error().code, Errc::Corrupt) << bit;
    }
    for (const std::string bad :
         {"", "backup.service", "job@1.service", "a.service", "job@1.service,backup.service",
          "backup.service,job@1.service,", "a.service,backup.service,job@1.service"}) {
        raw.run_blob(kSet, token_key(ruled.id), bad);
        EXPECT_EQ(store_->find(ruled.id).error().code, Errc::Corrupt) << bad;
    }
    raw.run_blob(kSet, token_key(ruled.id), rules);
    EXPECT_TRUE(same(store_->find(ruled.id).value()->token, ruled));

    Token open_to_all = make_token(kAlice);
    open_to_all.rules = {};
    store_->insert(open_to_all, secret_of("secret")).value();
    for (const std::string bad : {"backup.service", ",", " "}) {
        raw.run_blob(kSet, token_key(open_to_all.id), bad);
        EXPECT_EQ(store_->find(open_to_all.id).error().code, Errc::Corrupt) << bad;
    }
    raw.run_blob(kSet, token_key(open_to_all.id), "");
    forget();
    EXPECT_TRUE(same(store_->find(open_to_all.id).value()->token, open_to_all));
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesARecordUnderAnotherId) {
    open();
    const Token token = insert(kAlice);
    Token other = token;
    other.id = *token_id_of(token_key(token.id) ^ 1);
    RawDatabase(path()).run("UPDATE token SET id = ?2 WHERE id = ?1", token_key(token.id),
                            token_key(other.id));
    EXPECT_EQ(store_->find(token.id).value(), nullptr);
    expect_corrupt(other);
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesEveryFlippedBitOfASeal) {
    open();
    RawDatabase raw(path());
    for (const TokenKind kind : {TokenKind::Issued, TokenKind::Imported}) {
        const Token token = insert(kAlice, "secret", kind);
        for (const Blob& blob : kBlobs) {
            const std::string bytes = raw.value(blob.select, token_key(token.id));
            for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
                raw.run_blob(blob.update, token_key(token.id), with_flipped_bit(bytes, bit));
                ASSERT_EQ(store_->find(token.id).error().code, Errc::Corrupt) << bit;
            }
            raw.run_blob(blob.update, token_key(token.id), bytes);
            EXPECT_NE(store_->find(token.id).value(), nullptr);
            forget();
        }
    }
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesSealsOfAnySizeButTheirs) {
    open();
    RawDatabase raw(path());
    const Token token = insert(kAlice, "secret", TokenKind::Imported);
    for (const Blob& blob : kBlobs) {
        const std::string bytes = raw.value(blob.select, token_key(token.id));
        for (const std::size_t size : {0UL, 1UL, 11UL, 15UL, 16UL, 31UL, 33UL, 47UL, 60000UL}) {
            std::string resized = bytes;
            resized.resize(size);
            if (resized == bytes)
                continue;
            raw.run_blob(blob.update, token_key(token.id), resized);
            EXPECT_EQ(store_->find(token.id).error().code, Errc::Corrupt) << size;
        }
        raw.run_blob(blob.update, token_key(token.id), bytes);
    }
    EXPECT_NE(store_->find(token.id).value(), nullptr);
}

// Row S2: the sealed parts of every pair of records swapped, within a user and between two.
TEST_F(StoreAttackTest, S2_RefusesExchangedSeals) {
    open();
    RawDatabase raw(path());
    const std::vector<Token> tokens{insert(kAlice), insert(kAlice), insert(kBob),
                                    insert(kBob, "s", TokenKind::Imported),
                                    insert(kAlice, "t", TokenKind::Imported)};
    constexpr char kMove[] =
        "UPDATE token SET (salt, nonce, sealed) ="
        " (SELECT salt, nonce, sealed FROM token AS other WHERE other.id = ?2) WHERE id = ?1";
    for (const Token& to : tokens) {
        const std::int64_t key = token_key(to.id);
        std::vector<std::string> kept;
        kept.reserve(kBlobs.size());
        for (const Blob& blob : kBlobs)
            kept.push_back(raw.value(blob.select, key));
        for (const Token& from : tokens) {
            if (from.id == to.id)
                continue;
            raw.run(kMove, key, token_key(from.id));
            EXPECT_EQ(store_->find(to.id).error().code, Errc::Corrupt);
        }
        for (std::size_t i = 0; i < kBlobs.size(); ++i)
            raw.run_blob(kBlobs[i].update, key, kept[i]);
        EXPECT_NE(store_->find(to.id).value(), nullptr);
    }
}

// Rows A4, S2.
TEST_F(StoreAttackTest, S2_GivesNobodyARecordThatOnlyAnIndexSaysIsTheirs) {
    open();
    const Token token = insert(kAlice);
    RawDatabase raw(path());
    raw.run("UPDATE target SET owner = 1001 WHERE token = ?1", token_key(token.id));
    EXPECT_TRUE(find_by_origin(*store_, kBob, token.targets[0].origin()).value().empty());
    raw.run(
        "UPDATE target SET owner = 1000, origin = 'https://evil.example' WHERE token = ?1"
        " AND origin = 'https://git.example' AND path = 'team'",
        token_key(token.id));
    EXPECT_TRUE(find_by_origin(*store_, kAlice, Origin::parse("https://evil.example").value())
                    .value()
                    .empty());
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesAnEditedOwnerRow) {
    open();
    insert(kAlice);
    insert(kBob);
    store_->set_locked(kAlice, true).value();
    RawDatabase raw(path());
    raw.run("UPDATE owner SET locked = 0 WHERE owner = 1000");
    EXPECT_EQ(store_->is_locked(kAlice).error().code, Errc::Corrupt);
    raw.run("UPDATE owner SET mac = (SELECT mac FROM owner WHERE owner = 1001) WHERE owner = 1000");
    EXPECT_EQ(store_->is_locked(kAlice).error().code, Errc::Corrupt);
    raw.run("DELETE FROM owner WHERE owner = 1000");
    EXPECT_EQ(store_->is_locked(kAlice).error().code, Errc::Corrupt);
    EXPECT_EQ(store_->insert(make_token(kAlice), secret_of("s")).error().code, Errc::Corrupt);
    EXPECT_FALSE(store_->is_locked(kBob).value());
}

// Row S2.
TEST_F(StoreAttackTest, S2_RefusesAnEditedTombstone) {
    open();
    RawDatabase raw(path());
    for (const char* sql : {"UPDATE tombstone SET owner = owner + 1 WHERE token = ?1",
                            "UPDATE tombstone SET token = token - 1 WHERE token = ?1",
                            "UPDATE tombstone SET died = died + 1 WHERE token = ?1",
                            "UPDATE tombstone SET mac = zeroblob(32) WHERE token = ?1"}) {
        const Token token = insert(kAlice, sql);
        store_->remove(token.id, kAlice, kNow).value();
        const Digest digest = store_->digest(buffer_of(sql).reveal()).value();
        ASSERT_TRUE(store_->find_tombstone(digest).value().has_value());
        ASSERT_EQ(raw.run(sql, token_key(token.id)), 1);
        EXPECT_EQ(store_->find_tombstone(digest).error().code, Errc::Corrupt) << sql;
    }
}

// Row S2: the owner of a damaged record can still get rid of it.
TEST_F(StoreAttackTest, ADamagedRecordCanBeRemoved) {
    open();
    const Token one = insert(kAlice);
    const Token two = insert(kAlice);
    const Token whole = insert(kAlice);
    RawDatabase raw(path());
    for (const Token& token : {one, two})
        raw.run("UPDATE token SET expires = 0 WHERE id = ?1", token_key(token.id));
    EXPECT_EQ(store_->remove(one.id, kBob, kNow).error().code, Errc::NotFound);
    EXPECT_TRUE(store_->remove(one.id, kAlice, kNow));
    EXPECT_EQ(store_->find(one.id).value(), nullptr);
    EXPECT_EQ(store_->remove_all(kAlice, name_of(kAlice), kNow).value(), 2U);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_EQ(raw.number("SELECT count(*) FROM tombstone"), 1);
    EXPECT_EQ(raw.number("SELECT count(*) FROM target"), 0);
}

// Row S4: two copies of one store never seal with the same salt and nonce.
TEST_F(StoreAttackTest, S4_ARestoredSnapshotRepeatsNoNonce) {
    open();
    close();
    const std::string snapshot = read_file(path());
    const Token token = make_token(kAlice);
    std::vector<std::string> seals;
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(opens(snapshot));
        store_->insert(token, secret_of("s")).value();
        RawDatabase raw(path());
        for (const Blob& blob : kBlobs)
            seals.push_back(raw.value(blob.select, token_key(token.id)));
    }
    for (std::size_t i = 0; i < kBlobs.size(); ++i)
        EXPECT_NE(seals[i], seals[i + kBlobs.size()]);
}

// Row S11: no file has the sealed bytes of a dead secret, even while the store is open. The secret
// is long enough for overflow pages.
TEST_F(StoreAttackTest, S11_ADeadSecretLeavesNoSealedByte) {
    const std::string secret(4000, 's');
    const auto kill = [&](int how, const Token& token) -> Result<void> {
        if (how == 0)
            return store_->remove(token.id, kAlice, kNow);
        if (how == 1)
            return store_->replace_secret(token.id, kAlice, secret_of("new"), nullptr, kNow);
        TRY(store_->remove_all(kAlice, name_of(kAlice), kNow));
        return {};
    };
    open();
    for (int how = 0; how < 3; ++how) {
        insert(kAlice, secret, TokenKind::Imported);
        const Token token = insert(kAlice, secret, TokenKind::Imported);
        std::vector<std::string> pieces;
        {
            RawDatabase raw(path());
            const std::string sealed = raw.value(kBlobs[2].select, token_key(token.id));
            for (std::size_t i = 0; i + 64 <= sealed.size(); i += 64)
                pieces.push_back(sealed.substr(i, 32));
            pieces.push_back(raw.value(kBlobs[0].select, token_key(token.id)));
        }
        const std::string before = all_bytes();
        EXPECT_NE(before.find(pieces.back()), std::string::npos);
        EXPECT_NE(before.find(pieces.front()), std::string::npos);
        ASSERT_TRUE(kill(how, token));
        const std::string after = all_bytes();
        for (const std::string& piece : pieces)
            EXPECT_EQ(after.find(piece), std::string::npos) << how;
    }
}

// Row S12.
TEST_F(StoreAttackTest, S12_RefusesAnySchemaButItsOwn) {
    open();
    insert(kAlice);
    close();
    const std::string good = read_file(path());
    for (const char* sql :
         {"CREATE TABLE extra (x)", "CREATE VIEW extra AS SELECT * FROM token",
          "CREATE INDEX extra ON token (expires)", "DROP INDEX token_by_owner",
          "DROP TABLE tombstone", "ALTER TABLE token ADD COLUMN extra INTEGER",
          "ALTER TABLE token RENAME COLUMN expires TO never",
          "CREATE TRIGGER extra AFTER INSERT ON token BEGIN DELETE FROM owner; END",
          "CREATE TEMP TABLE fine (x)"}) {
        ASSERT_TRUE(opens(good));
        close();
        RawDatabase(path()).run(sql);
        const bool harmless = std::string_view(sql).starts_with("CREATE TEMP");
        EXPECT_EQ(opens(read_file(path())), harmless) << sql;
    }
}

// Row S13.
TEST_F(StoreAttackTest, S13_TextIsNeverRead_AsSql) {
    open();
    Token token = make_token(kAlice);
    token.description = "'); DROP TABLE token; --";
    token.username = "x' OR '1'='1";
    token.owner_name = "\"; DELETE FROM owner; \\' ?1 :a @b $c";
    store_->insert(token, secret_of("s")).value();
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
    store_->record_use({{token.id, LastUse{kNow, 7, "verify", "'); DROP TABLE token; --"}}})
        .value();
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.where, "'); DROP TABLE token; --");
    EXPECT_EQ(RawDatabase(path()).value("PRAGMA integrity_check"), "ok");
    open();
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
}

// Row S16: with the files and the master key everything can be opened, and there is no issued
// secret.
TEST_F(StoreAttackTest, S16_AnIssuedSecretIsNowhereEvenWithTheMasterKey) {
    const std::string secret = "pat1_0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
    open();
    const Token token = insert(kAlice, secret);
    EXPECT_EQ(all_bytes().find(secret), std::string::npos);
    close();
    EXPECT_EQ(all_bytes().find(secret), std::string::npos);

    Connection connection = Connection::open(path()).value();
    StoreKeys keys = std::move(open_keys(connection, master_key()).value().keys.now);
    const Digest digest = keys.index.mac({bytes_of(std::span<const char>(secret))}).value();
    SealedRecord record(std::move(keys.records));
    ASSERT_TRUE(record.open(connection, token_key(token.id)).value().has_value());
    EXPECT_EQ(record.contents().size(), sizeof(Digest));
    EXPECT_EQ(record.verifier(), digest);
    EXPECT_TRUE(record.secret().empty());
}

TEST_F(StoreAttackTest, AnImportedSecretIsNotInTheFilesInClear) {
    const std::string secret = "ghp_aForeignSecretThatNobodyMayRead";
    open();
    insert(kAlice, secret, TokenKind::Imported);
    EXPECT_EQ(all_bytes().find(secret), std::string::npos);
}

}  // namespace
}  // namespace patd::store::test
