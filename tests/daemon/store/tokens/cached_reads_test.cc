// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// What the store remembers of what it read (docs/adr/0047), while its writer's thread changes it.
#include "daemon/store/tokens/record_changes.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <atomic>
#include <thread>

namespace patd::store::test {
namespace {

constexpr int kChanges = 100;

class CachedReads : public StoreTest {
  protected:
    void SetUp() override { open(); }
    // The number that a token of alice's has as its description; 0 if there is none.
    int read_number() {
        // Another place each second time, which only the record by its id may answer.
        const std::string path =
            ++reads_ % 2 == 0 ? "team/repo" : "team/repo/" + std::to_string(reads_);
        const std::vector<StoredToken> found =
            find_covering(*store_, kAlice, origin_, path).value();
        return found.empty() ? 0 : std::stoi(found.front().token.description);
    }

    const Origin origin_ = Origin::parse("https://git.example").value();
    int reads_ = 0;
};

// Row S21: what was current before a change must not be kept as if it had been read after it.
TEST(RecordChangesTest, WhoSeesANumberFindsNothingOfBeforeItCurrent) {
    constexpr std::uint64_t kNotes = 500'000;
    RecordChanges changes;
    changes.note(kAlice);
    std::thread writer([&] {
        while (changes.now() < kNotes)
            changes.note(kAlice);
    });
    std::uint64_t seen = 0;
    bool is_late = false;
    while (seen < kNotes) {
        seen = changes.now();
        is_late |= changes.is_current(kAlice, seen - 1);
    }
    writer.join();
    EXPECT_FALSE(is_late);
}

// Row S21.
TEST_F(CachedReads, NeverShowWhatWasBeforeAChangeThatHasEnded) {
    Token token = make_token(kAlice, TokenKind::Imported);
    token.description = "1";
    store_->insert(token, secret_of("secret 1")).value();
    std::atomic<int> ended{1};
    std::thread writer([&] {
        for (int next = 2; next <= kChanges; ++next) {
            const auto renumber = [&](Token& changed) -> Result<void> {
                changed.description = std::to_string(next);
                return {};
            };
            store_
                ->replace_secret(token.id, kAlice, secret_of("secret " + std::to_string(next)),
                                 renumber, kNow)
                .value();
            ended = next;
        }
        store_->remove(token.id, kAlice, kNow).value();
        ended = kChanges + 1;
    });
    for (int least = 1; least <= kChanges;) {
        least = ended;
        const int number = read_number();
        const StoredTokenPtr found = store_->find(token.id).value();
        const Result<ImportedSecret> opened =
            found ? store_->open_imported(token.id, found->verifier, SecretBuffer())
                  : Result<ImportedSecret>(Errc::NotFound);
        if (least > kChanges) {
            EXPECT_EQ(number, 0);
            EXPECT_EQ(found, nullptr);
            EXPECT_FALSE(opened.has_value());
            break;
        }
        EXPECT_TRUE(number >= least || ended > kChanges - 1) << number << " after " << least;
        if (found) {
            EXPECT_GE(std::stoi(found->token.description), least);
        }
        if (opened) {
            const std::string text = text_of(opened->secret.reveal());
            EXPECT_EQ(text.substr(text.find(' ') + 1), found->token.description);
        }
    }
    writer.join();
}

// The next read of what was kept asks nothing, of as many owners as a host has.
TEST_F(CachedReads, KeepWhatManyOwnersAskFor) {
    constexpr std::uint32_t kOwners = 500;
    std::vector<TokenStore::NewToken> tokens;
    for (std::uint32_t i = 0; i < kOwners; ++i)
        tokens.emplace_back(make_token(Uid(2000 + i)), secret_of("secret"));
    store_->insert_many(tokens).value();
    std::uint64_t records = 0;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < kOwners; ++i)
            EXPECT_EQ(find_covering(*store_, Uid(2000 + i), origin_, "team/repo").value().size(),
                      1U);
        records = store_->read_counts().value().records;
    }
    EXPECT_EQ(records, kOwners);
}

}  // namespace
}  // namespace patd::store::test
