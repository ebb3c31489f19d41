// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "common/line/line_message.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/read_store.h"

namespace patd {
namespace {

using support::caller_of;
using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::kRootBus;
using support::Reply;
using Texts = std::vector<std::string>;

using support::kNow;
constexpr char kFirstUnit[] = "unit00.service";

// How many bounded steps a request may take: one for each page of the index and each few records,
// and as many again for the comparisons.
constexpr std::size_t kPages =
    limits::kTokensPerUser * limits::kTargetsPerToken / limits::kIndexRowsPerStep;
constexpr std::size_t kReads = limits::kTokensPerUser / limits::kRecordsPerStep;
constexpr std::size_t kSteps = 2 * (kPages + kReads);

// Row D1. An account that is filled to every limit at once: tokens, each with the maximum of
// targets, all of which cover the deepest place, different permissions, and rules. Every request
// about it consists of steps that each do no more than a step may. Counted, not measured.
class WorstCase : public support::BusFixture {
  protected:
    void SetUp() override {
        BusFixture::SetUp();
        for (std::size_t number = 0; number < kObjects; ++number)
            state_.catalogue.set({"vcs", object(number), ObjectAccess::ReadWrite, "An object"});
        fill();
    }
    // Nested ones; the last covers everything that the others do not.
    TargetList targets() {
        Texts texts;
        std::string url = "https://git.example";
        for (std::size_t i = 0; i < limits::kTargetsPerToken; ++i, url += "/a")
            texts.push_back(url);
        deepest_ = url;
        return parse_targets(texts).value();
    }
    static std::string object(std::size_t number) { return "o" + std::to_string(number); }
    // All of different lengths and contents; as long as a list may be at most.
    static PermissionList permissions(std::size_t token) {
        Texts texts;
        for (std::size_t i = 0; i < limits::kPermissionsPerToken - token % 8; ++i) {
            const std::size_t number = (i * (token % 16 + 1) + token) % kObjects;
            texts.push_back("vcs:" + object(number) + (i % 2 == 0 ? ":rw" : ":ro"));
        }
        return parse_permissions(texts).value();
    }
    static ReleaseRules rules() {
        Texts units{kFirstUnit};
        while (units.size() < limits::kRulesPerToken)
            units.push_back(std::string(limits::kUnitNameBytes - 12, 'u') +
                            std::to_string(10 + units.size()) + ".service");
        return ReleaseRules::parse(units).value();
    }
    void fill() {
        Token token = support::make_token(kAlice, TokenKind::Imported);
        token.description = std::string(limits::kDescriptionBytes, 'd');
        token.targets = targets();
        token.rules = rules();
        std::vector<store::TokenStore::NewToken> chunk;
        for (std::size_t i = 0; i < limits::kTokensPerUser; ++i) {
            token.id = TokenId::generate(random_).value();
            token.permissions = permissions(i);
            token.created = kNow - static_cast<UnixTime>(i);
            chunk.emplace_back(token, support::secret_of("ghp_" + std::to_string(i)));
            if (chunk.size() == 250)
                insert(chunk);
        }
        any_ = token;
    }
    void insert(std::vector<store::TokenStore::NewToken>& chunk) {
        store_->insert_many(chunk).value();
        chunk.clear();
    }
    // How many steps `work` takes until nothing is left to do.
    template <typename Work>
    std::size_t steps_of(const Work& work) {
        const std::uint64_t before = turns_.steps();
        work();
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return turns_.is_idle(); }));
        const store::ReadCounts counts = store_->read_counts().value();
        EXPECT_LE(counts.rows_in_one_step, limits::kIndexRowsPerStep);
        EXPECT_LE(counts.records_in_one_step, limits::kRecordsPerStep);
        return turns_.steps() - before;
    }
    ReleaseRequest request() { return support::request_for(deepest_); }

    static constexpr std::size_t kObjects = 200;
    std::string deepest_;
    std::optional<Token> any_;
};

TEST_F(WorstCase, AGetIsMadeOfBoundedSteps) {
    std::optional<Result<std::optional<Released>>> answer;
    const std::size_t steps = steps_of([&] {
        line_->releaser.get(caller_of(kAlice), request(),
                            [&](auto result) { answer.emplace(std::move(result)); });
        // Nobody waits for all of it.
        EXPECT_FALSE(answer.has_value());
    });
    ASSERT_TRUE(answer.has_value());
    // No unit can be asked for here, so no rule passes; it looked twice.
    EXPECT_FALSE(answer->has_value());
    EXPECT_GT(steps, 2 * kPages);
    EXPECT_LE(steps, 2 * kSteps);
}

TEST_F(WorstCase, AnExplanationIsMadeOfBoundedSteps) {
    std::size_t candidates = 0;
    const std::size_t steps = steps_of([&] {
        const Reply reply = manager(kAliceBus, "Explain", [&](sd_bus_message* message) {
            support::must(sd_bus_message_append(message, "s", deepest_.c_str()), "append");
            dict({{"unit", std::string(kFirstUnit)}}).append_to(message).value();
        });
        ASSERT_TRUE(reply.ok()) << reply.error;
        EXPECT_NE(reply.string(), "none");
        bus::enter_dicts(reply.message.get()).value();
        for (; bus::next_dict(reply.message.get()).value(); ++candidates) {
        }
    });
    EXPECT_EQ(candidates, limits::kTokensPerUser);
    EXPECT_LE(steps, kSteps);
}

TEST_F(WorstCase, AListIsMadeOfBoundedSteps) {
    for (const auto& [who, by_root] : {std::pair(kAliceBus, false), std::pair(kRootBus, true)}) {
        const std::size_t steps = steps_of([&] {
            const Reply reply =
                by_root
                    ? admin(who, "List",
                            [](sd_bus_message* message) {
                                support::must(sd_bus_message_append(message, "u", kAlice.value()),
                                              "append");
                            })
                    : manager(who, "List");
            ASSERT_TRUE(reply.ok()) << reply.error;
        });
        EXPECT_GE(steps, kReads);
        EXPECT_LE(steps, 2 * kReads);
    }
}

TEST_F(WorstCase, WhatIsAboutOneTokenReadsNoOther) {
    const std::string id(any_->id.text());
    const std::size_t steps = steps_of([&] {
        EXPECT_TRUE(token(kAliceBus, id, "Show").ok());
        EXPECT_TRUE(token(kAliceBus, id, "Delete").ok());
        const bus::Dict change =
            dict({{"targets", Texts{"https://git.example"}}, {"permissions", Texts{"vcs:o1:rw"}}});
        EXPECT_TRUE(token(kAliceBus, id, "Update", support::with(change)).ok());
        EXPECT_TRUE(token(kAliceBus, id, "Regenerate", support::with({})).ok());
        EXPECT_TRUE(manager(kAliceBus, "Status").ok());
        EXPECT_TRUE(manager(kAliceBus, "Lock").ok());
        EXPECT_FALSE(is_valid("pat1_0000000000"));
    });
    EXPECT_EQ(store_->read_counts().value().records, 0U);
    EXPECT_EQ(steps, 0U);
}

TEST_F(WorstCase, NoMoreTokensAreMade) {
    EXPECT_EQ(
        manager(kAliceBus, "Create", support::create_arguments("one more", {"vcs:o1:rw"})).error,
        support::patd_error(Errc::LimitExceeded));
    EXPECT_TRUE(manager(kAliceBus, "RemoveAll").ok());
    EXPECT_EQ(store_->read_counts().value().records, 0U);
}

TEST_F(WorstCase, WhatAServerSaidIsLookedUpInBoundedSteps) {
    std::optional<Result<void>> answer;
    const auto done = [&](const Result<void>& result) { answer.emplace(result); };
    ReleaseRequest place = request();
    place.username = "me";
    const std::size_t to_store = steps_of([&] {
        line_->feedback.store(caller_of(kAlice), place, support::secret_of("ghp_new"), done);
        EXPECT_FALSE(answer.has_value());
    });
    EXPECT_EQ(answer->error().code, Errc::LimitExceeded);
    EXPECT_LE(to_store, kSteps);
    answer.reset();
    const std::size_t to_erase = steps_of([&] {
        line_->feedback.erase(caller_of(kAlice), place, support::secret_of("ghp_999"), done);
        EXPECT_FALSE(answer.has_value());
    });
    EXPECT_TRUE(answer->has_value());
    EXPECT_TRUE(is_refused_at(store_->find(any_->id).value()->token, place.origin, place.path));
    EXPECT_LE(to_erase, kSteps);
}

// A user whose turn it is not waits for one step, not for all.
TEST_F(WorstCase, AnotherUserIsAnsweredInBetween) {
    issue(support::kBob);
    bool is_done = false;
    line_->releaser.get(caller_of(kAlice), request(), [&](const auto&) { is_done = true; });
    std::optional<Result<std::optional<Released>>> answer;
    line_->releaser.get(caller_of(support::kBob), support::request_for("https://git.example"),
                        [&](auto result) { answer.emplace(std::move(result)); });
    EXPECT_FALSE(is_done);
    EXPECT_TRUE(answer->value().has_value());
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return is_done; }));
}

}  // namespace
}  // namespace patd
