// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/backup_file.h"

#include "daemon/store/audit/audit_log.h"
#include "tests/daemon/store/store_fixture.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

namespace patd::store::test {
namespace {

class BackupFileTest : public StoreTest {
  protected:
    void SetUp() override {
        open();
        audit_ = AuditLog::open(directory_.path()).value();
    }
    static UniqueFd open_file(const std::string& path, int flags) {
        return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    }
    std::string backup_path() const { return outside_.file("backup"); }
    Result<Manifest> write(char key = 'k', UnixTime now = kNow) {
        const UniqueFd fd = open_file(backup_path(), O_WRONLY | O_CREAT | O_TRUNC);
        return write_backup(directory_.path(), master_key(key), now, fd.get());
    }
    Result<Manifest> read(char key = 'k') {
        const UniqueFd fd = open_file(backup_path(), O_RDONLY);
        return read_backup(state_, master_key(key), fd.get());
    }
    // The same file with the MAC that its first bytes ask for (docs/store-format.md).
    std::string with_new_mac(std::string bytes) const {
        bytes.resize(bytes.size() - sizeof(Digest));
        const std::string_view text = bytes;
        const SecretBuffer key =
            derive_key(bytes_of(master_key().reveal()), "patd backup 1").value();
        KeyedMac mac = KeyedMac::create(bytes_of(key.reveal())).value();
        Digest sum{};
        const auto add = [&](std::string_view part) {
            for (std::size_t at = 0; at < part.size(); at += 65536)
                sum = mac.mac({sum, bytes_of(part.substr(at, 65536))}).value();
        };
        const std::size_t manifest = text.find("\n\n") + 2;
        const std::size_t store = std::stoul(bytes.substr(text.find("store-bytes ") + 12));
        add(text.substr(0, manifest));
        add(text.substr(manifest, store));
        add(text.substr(manifest + store));
        return bytes + std::string(sum.begin(), sum.end());
    }
    std::string unpacked() const { return directory_.file(kRestoredName); }

    support::TemporaryDirectory outside_;
    StateDirectory state_ = StateDirectory::open(directory_.path()).value();
    std::unique_ptr<AuditLog> audit_;
};

TEST_F(BackupFileTest, HoldsTheStoreAsItIsAndSaysWhatIsInIt) {
    insert(kAlice);
    const Token gone = insert(kAlice);
    store_->remove(gone.id, kAlice, kNow).value();
    audit_->append({kNow, kAlice, std::nullopt, kAlice, "lock", "ok", "", 1}).value();
    const Manifest written = write().value();
    EXPECT_EQ(written.tokens, 1U);
    EXPECT_EQ(written.tombstones, 1U);
    EXPECT_EQ(written.events, 1U);
    EXPECT_EQ(written.made, kNow);
    const Manifest read_back = read().value();
    EXPECT_EQ(read_back.store_bytes, written.store_bytes);
    EXPECT_EQ(std::filesystem::file_size(unpacked()), written.store_bytes);
    RawDatabase raw(unpacked());
    EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(raw.number("SELECT count(*) FROM token"), 1);
}

TEST_F(BackupFileTest, CanBeReadAlsoIfTheClockWasNotSet) {
    EXPECT_EQ(write('k', -5).value().made, 0);
    EXPECT_EQ(read().value().made, 0);
}

TEST_F(BackupFileTest, LeavesNothingBesideTheStore) {
    insert(kAlice);
    write().value();
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
        EXPECT_EQ(entry.path().string().find(".tmp"), std::string::npos) << entry.path();
    read().value();
    EXPECT_TRUE(std::filesystem::exists(unpacked()));
    remove_restored(state_).value();
    EXPECT_FALSE(std::filesystem::exists(unpacked()));
}

TEST_F(BackupFileTest, WhatAKilledProcessLeftIsRemovedAndNothingElse) {
    const auto list = [this] {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
            names.insert(entry.path().filename());
        return names;
    };
    const std::set<std::string> before = list();
    for (const char* copy : {"backup-store.tmp", "backup-audit.tmp", "restore.tmp"}) {
        for (const char* suffix : {"", "-wal", "-shm", "-journal"})
            state_.make_file(std::string(copy) + suffix).value();
    }
    remove_copies(state_).value();
    EXPECT_EQ(list(), before);
    remove_copies(state_).value();
}

// Row S19.
TEST_F(BackupFileTest, HoldsNeitherTheMasterKeyNorASecret) {
    insert(kAlice, "ghp_imported_in_clear", TokenKind::Imported);
    write().value();
    const std::string bytes = read_file(backup_path());
    EXPECT_EQ(bytes.find("ghp_imported_in_clear"), std::string::npos);
    EXPECT_EQ(bytes.find(std::string(32, 'k')), std::string::npos);
}

TEST_F(BackupFileTest, RefusesAnotherMasterKeyBothWays) {
    EXPECT_EQ(write('x').error().code, Errc::Corrupt);
    write().value();
    EXPECT_EQ(read('x').error().code, Errc::ForeignBackup);
    EXPECT_FALSE(std::filesystem::exists(unpacked()));
}

// What versions before the line `key` wrote.
TEST_F(BackupFileTest, ReadsOneThatDoesNotNameItsKeyAndTakesAnotherKeyForDamage) {
    insert(kAlice);
    const std::uint64_t tokens = write().value().tokens;
    std::string bytes = read_file(backup_path());
    const std::size_t key = bytes.find("\nkey ");
    ASSERT_NE(key, std::string::npos);
    bytes.erase(key, bytes.find('\n', key + 1) - key);
    write_file(backup_path(), with_new_mac(bytes));
    EXPECT_EQ(read().value().tokens, tokens);
    EXPECT_EQ(read('x').error().code, Errc::InvalidBackup);
}

// Rows S19, L5.
TEST_F(BackupFileTest, RefusesEveryFileThatIsNotWholeToTheLastBit) {
    insert(kAlice);
    write().value();
    const std::string good = read_file(backup_path());
    const std::size_t id = good.find("\nkey ") + 5;
    const auto refused = [&](const std::string& bytes, Errc code = Errc::InvalidBackup) {
        write_file(backup_path(), bytes);
        const Result<Manifest> manifest = read();
        return !manifest && manifest.error().code == code && !std::filesystem::exists(unpacked());
    };
    for (std::size_t size = 0; size < 200; ++size)
        EXPECT_TRUE(refused(good.substr(0, size))) << size;
    for (std::size_t size = 200; size < good.size(); size += 4001)
        EXPECT_TRUE(refused(good.substr(0, size))) << size;
    EXPECT_TRUE(refused(good + "x"));
    for (std::size_t bit = 0; bit < good.size() * 8; bit += bit < 1400 ? 1 : 10007)
        EXPECT_TRUE(refused(with_flipped_bit(good, bit), bit / 8 >= id && bit / 8 < id + 16
                                                             ? Errc::ForeignBackup
                                                             : Errc::InvalidBackup))
            << bit;
    EXPECT_TRUE(refused(std::string(100000, 'A')));
    write_file(backup_path(), good);
    EXPECT_TRUE(read());
}

// Nobody may make the service wait at the other end of a pipe.
TEST_F(BackupFileTest, TakesRegularFilesOnly) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    const UniqueFd a(ends[0]);
    const UniqueFd b(ends[1]);
    EXPECT_EQ(write_backup(directory_.path(), master_key(), kNow, a.get()).error().code,
              Errc::BadSink);
    EXPECT_EQ(read_backup(state_, master_key(), a.get()).error().code, Errc::BadSink);
}

TEST_F(BackupFileTest, AFullDiskLeavesNoCopyBehind) {
    insert(kAlice);
    const UniqueFd full = open_file("/dev/full", O_WRONLY);
    EXPECT_EQ(write_backup(directory_.path(), master_key(), kNow, full.get()).error().code,
              Errc::BadSink);
    const UniqueFd closed = open_file(backup_path(), O_RDONLY | O_CREAT);
    EXPECT_EQ(write_backup(directory_.path(), master_key(), kNow, closed.get()).error().code,
              Errc::Unavailable);
    EXPECT_FALSE(std::filesystem::exists(directory_.file("backup-store.tmp")));
}

// Row S19.
TEST_F(BackupFileTest, S19_IsConsistentWhileTheStoreIsWritten) {
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        while (!stop) {
            const Token one = make_token(kAlice);
            const Token two = make_token(kAlice);
            std::vector<TokenStore::NewToken> both;
            both.emplace_back(one, secret_of("1"));
            both.emplace_back(two, secret_of("2"));
            store_->insert_many(both).value();
            store_->remove_all(kAlice, name_of(kAlice), kNow).value();
        }
    });
    for (int round = 0; round < 20; ++round) {
        write().value();
        read().value();
        RawDatabase raw(unpacked());
        EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
        EXPECT_EQ(raw.number("SELECT count(*) FROM token") % 2, 0);
    }
    stop = true;
    writer.join();
}

}  // namespace
}  // namespace patd::store::test
