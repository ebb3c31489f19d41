// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token_string.h"
#include "daemon/store/tokens/store_admin.h"
#include "daemon/store/tokens/token_store.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace patd::store::test {

inline constexpr Uid kAlice{1000};
inline constexpr Uid kBob{1001};
inline constexpr UnixTime kNow = 1'800'000'000;

// The kernel's random bytes, until the call that must fail.
class FailingRandom final : public Random {
  public:
    explicit FailingRandom(int good_calls) : good_calls_(good_calls) {}
    Result<void> fill(std::span<std::uint8_t> bytes) override {
        if (good_calls_-- <= 0)
            return Error{Errc::Unavailable, "no randomness"};
        return random_.fill(bytes);
    }

  private:
    int good_calls_;
    SystemRandom random_;
};

inline SecretBuffer buffer_of(std::string_view text) {
    return SecretBuffer::copy_of({text.data(), text.size()});
}

inline TokenSecret secret_of(std::string_view text) {
    return TokenSecret(buffer_of(text));
}

inline MasterKey master_key(char fill = 'k') {
    return MasterKey(buffer_of(std::string(32, fill)));
}

inline std::string text_of(std::span<const char> bytes) {
    return {bytes.data(), bytes.size()};
}

// The account name that a token of `owner` is made under.
inline std::string name_of(Uid owner) {
    return "user" + std::to_string(owner.value());
}

inline Token make_token(Uid owner, TokenKind kind = TokenKind::Issued) {
    SystemRandom random;
    Token token{.id = TokenId::generate(random).value(), .owner = owner};
    token.owner_name = name_of(owner);
    token.kind = kind;
    token.description = "a laptop";
    token.permissions = parse_permission_list("vcs:repository:rw,project:issue:ro").value();
    token.targets = parse_targets({"https://git.example/team", "https://git.example/x",
                                   "http://other.example:8080"})
                        .value();
    token.rules = ReleaseRules::parse({"backup.service", "job@1.service"}).value();
    token.username = token.owner_name;
    token.created = kNow;
    token.expires = kNow + 86400;
    return token;
}

inline bool same(const Token& a, const Token& b) {
    return a == b;
}

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush())
        throw std::runtime_error("write_file");
    std::filesystem::permissions(path, std::filesystem::perms(0600));
}

inline std::string with_flipped_bit(std::string bytes, std::size_t bit) {
    const auto byte = static_cast<unsigned char>(bytes[bit / 8]);
    bytes[bit / 8] = static_cast<char>(byte ^ (1U << (bit % 8)));
    return bytes;
}

// An attacker's connection (or that of an administrator with sqlite3) to a database file.
class RawDatabase {
  public:
    explicit RawDatabase(const std::string& path) {
        if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK)
            throw std::runtime_error("sqlite3_open");
        run("PRAGMA synchronous = OFF");
    }
    ~RawDatabase() { sqlite3_close(database_); }
    RawDatabase(const RawDatabase&) = delete;
    RawDatabase& operator=(const RawDatabase&) = delete;

    // Runs one constant statement; ?1 and ?2 are `first` and `second`. Returns how many rows
    // changed.
    int run(const char* sql, std::int64_t first = 0, std::int64_t second = 0) {
        Prepared statement = prepare(sql);
        const int parameters = sqlite3_bind_parameter_count(statement.get());
        if (parameters >= 1)
            sqlite3_bind_int64(statement.get(), 1, first);
        if (parameters >= 2)
            sqlite3_bind_int64(statement.get(), 2, second);
        return finish(statement);
    }
    // The same with a blob as ?2.
    int run_blob(const char* sql, std::int64_t first, const std::string& second) {
        Prepared statement = prepare(sql);
        sqlite3_bind_int64(statement.get(), 1, first);
        sqlite3_bind_blob64(statement.get(), 2, second.data(), second.size(), SQLITE_STATIC);
        return finish(statement);
    }
    // The first column of the first row, as bytes.
    std::string value(const char* sql, std::int64_t first = 0) {
        Prepared statement = prepare(sql);
        if (sqlite3_bind_parameter_count(statement.get()) >= 1)
            sqlite3_bind_int64(statement.get(), 1, first);
        if (sqlite3_step(statement.get()) != SQLITE_ROW)
            throw std::runtime_error("no row");
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement.get(), 0));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 0))};
    }
    std::int64_t number(const char* sql, std::int64_t first = 0) {
        return std::stoll(value(sql, first));
    }
    // SQLite's plan for a statement, in one text (https://www.sqlite.org/eqp.html).
    std::string plan(const std::string& sql) {
        Prepared statement = prepare(("EXPLAIN QUERY PLAN " + sql).c_str());
        std::string all;
        while (sqlite3_step(statement.get()) == SQLITE_ROW)
            all.append(static_cast<const char*>(sqlite3_column_blob(statement.get(), 3))) += "; ";
        return all;
    }

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

    Prepared prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database_));
        return Prepared(statement);
    }
    int finish(const Prepared& statement) {
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW)
            code = sqlite3_step(statement.get());
        if (code != SQLITE_DONE)
            throw std::runtime_error(sqlite3_errmsg(database_));
        return sqlite3_changes(database_);
    }

    sqlite3* database_ = nullptr;
};

// How a test opens a store: the one in its own file, or, in the executables that also link
// keyring_under_test.cc, the one whose imported secrets are in a real keyring. Every test that uses
// it is part of the contract of both stores.
using OpenStore = Result<std::unique_ptr<TokenStore>> (*)(const TokenStore::Options&, MasterKey,
                                                          Random&);
inline OpenStore open_store = TokenStore::open;

// A store in its own directory.
class StoreTest : public ::testing::Test {
  protected:
    Result<std::unique_ptr<TokenStore>> try_open(bool create = true) {
        return open_store({directory_.path(), create}, master_key(), random_);
    }
    void open() {
        store_.reset();
        store_ = try_open().value();
    }
    void close() { store_.reset(); }

    Token insert(Uid owner, std::string_view secret = "secret",
                 TokenKind kind = TokenKind::Issued) {
        Token token = make_token(owner, kind);
        store_->insert(token, secret_of(secret)).value();
        return token;
    }
    // The store notices what a RawDatabase wrote, as patd does within a second.
    void forget() { store_->record_use({}).value(); }
    std::string path() const { return directory_.file("store.db"); }
    // Whether the store opens; a failure must be Corrupt and must leave the file unchanged.
    bool opens(const std::string& bytes) {
        close();
        std::filesystem::remove(path() + "-wal");
        std::filesystem::remove(path() + "-shm");
        write_file(path(), bytes);
        Result<std::unique_ptr<TokenStore>> store = try_open();
        if (store) {
            store_ = std::move(*store);
            return true;
        }
        EXPECT_EQ(store.error().code, Errc::Corrupt) << store.error().context;
        EXPECT_TRUE(read_file(path()) == bytes) << "the file was changed";
        return false;
    }
    // For tests that only change the store as patd does: whatever they did, the anchor followed.
    void expect_anchored() {
        if (store_) {
            EXPECT_TRUE(StoreAdmin(*store_).fits_anchor().value());
        }
    }
    // The content of the whole directory, one file after the other.
    std::string all_bytes() const {
        std::string bytes;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
            bytes += read_file(entry.path());
        return bytes;
    }

    support::TemporaryDirectory directory_;
    SystemRandom random_;
    std::unique_ptr<TokenStore> store_;
};

}  // namespace patd::store::test
