// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/tpm_counter.h"

#include "auth/tpm_command.h"
#include "tests/support/software_tpm.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace patd::auth {
namespace {

constexpr std::uint32_t kOwnerHierarchy = 0x40000001;
constexpr std::uint32_t kLockoutHierarchy = 0x4000000a;
constexpr std::uint32_t kIndex = 0x01817061;

class TpmCounterTest : public testing::Test {
  protected:
    TpmCounter open(std::uint32_t index = kIndex) {
        return TpmCounter::open(tpm_.path(), index).value();
    }
    TpmCount read() { return open().read(random_).value(); }
    Result<void> send(const TpmCommand& command) {
        const UniqueFd tpm = connect_unix(tpm_.path()).value();
        const Result<TpmAnswer> answer = command.send(tpm);
        return answer ? Result<void>() : answer.error();
    }
    // TPM2_Clear, and TPM2_HierarchyChangeAuth of the owner.
    void clear() {
        TpmCommand command(0x126);
        command.authorize({kLockoutHierarchy});
        send(command).value();
    }
    void set_owner_password() {
        TpmCommand command(0x129);
        command.authorize({kOwnerHierarchy});
        command.add_sized("secret");
        send(command).value();
    }
    // An index as root might make it.
    void define(std::uint32_t attributes) {
        TpmCommand shown(0);
        shown.add32(kIndex);
        shown.add16(0x000b);
        shown.add32(attributes);
        shown.add_sized("");
        shown.add16(8);
        TpmCommand command(0x12a);
        command.authorize({kOwnerHierarchy});
        command.add_sized("");
        command.add_sized(shown.parameters());
        send(command).value();
    }
    void undefine() {
        TpmCommand command(0x122);
        command.authorize({kOwnerHierarchy, kIndex});
        send(command).value();
    }

    support::TemporaryDirectory directory_;
    support::SoftwareTpm tpm_{directory_.file("tpm")};
    SystemRandom random_;
};

TEST_F(TpmCounterTest, IsMadeOnceAndThenOnlyGoesUp) {
    const TpmCount first = read();
    EXPECT_GT(first.value, 0U);
    EXPECT_EQ(first.id.size(), 64U);
    EXPECT_EQ(read(), first);
    const TpmCount second = open().advance(first.value).value();
    EXPECT_EQ(second, (TpmCount{first.value + 1, first.id}));
    tpm_.stop();
    tpm_.start();
    EXPECT_EQ(read(), second);
}

TEST_F(TpmCounterTest, IsRaisedOnlyFromWhereItIs) {
    const TpmCount first = read();
    for (const std::uint64_t from : {first.value - 1, first.value + 1, std::uint64_t{0}})
        EXPECT_EQ(open().advance(from).error().code, Errc::OutOfOrder);
    EXPECT_EQ(read(), first);
}

// Row S3.
TEST_F(TpmCounterTest, IsAnotherOneAndHigherWhereSomebodyMadeItAnew) {
    const TpmCount first = read();
    open().advance(first.value).value();
    undefine();
    EXPECT_EQ(open().advance(first.value + 1).error().code, Errc::NotFound);
    const TpmCount second = read();
    EXPECT_GT(second.value, first.value + 1);
    EXPECT_NE(second.id, first.id);
    clear();
    const TpmCount third = read();
    EXPECT_NE(third.id, second.id);
}

TEST_F(TpmCounterTest, NeedsRootWhereTheOwnerHasAPassword) {
    set_owner_password();
    EXPECT_EQ(open().read(random_).error().code, Errc::AccessDenied);
    EXPECT_EQ(open().advance(1).error().code, Errc::NotFound);
}

TEST_F(TpmCounterTest, ACounterThatRootMadeIsTaken) {
    define(0x02040014);  // counter, authwrite, authread, no_da
    set_owner_password();
    const TpmCount first = read();
    EXPECT_EQ(first.id, "-");
    EXPECT_EQ(open().advance(first.value).value().value, first.value + 1);
}

// Two systems that share one machine in turns.
TEST_F(TpmCounterTest, OfAnotherIndexIsAnotherOne) {
    const TpmCount first = read();
    const TpmCount second = open(kIndex + 1).read(random_).value();
    EXPECT_NE(second.id, first.id);
    open(kIndex + 1).advance(second.value).value();
    EXPECT_EQ(read(), first);
}

TEST_F(TpmCounterTest, LeavesAnythingElseAtItsPlaceAlone) {
    // An ordinary index; a counter that jumps; one that nobody may raise or read.
    for (const std::uint32_t attributes : {0x02040004U, 0x06040014U, 0x02040012U, 0x02020014U}) {
        define(attributes);
        const Result<TpmCount> read = open().read(random_);
        ASSERT_FALSE(read) << attributes;
        EXPECT_EQ(read.error().code, Errc::BadFile);
        EXPECT_NE(read.error().context.find("0x1817061"), std::string::npos);
        EXPECT_FALSE(open().advance(1));
        undefine();
    }
}

TEST_F(TpmCounterTest, SaysWhetherThereIsATpm) {
    const auto refusal = [](const std::string& path) {
        return TpmCounter::open(path, kIndex).error().code;
    };
    EXPECT_EQ(refusal(directory_.file("none")), Errc::NotFound);
    EXPECT_EQ(refusal(directory_.path()), Errc::Unavailable);
    tpm_.stop();
    EXPECT_EQ(refusal(tpm_.path()), Errc::NotFound);
}

}  // namespace
}  // namespace patd::auth
