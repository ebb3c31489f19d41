// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/counting.h"

#include "common/base/tpm_count.h"
#include "tests/support/software_tpm.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace patd::auth {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;

class CountingTest : public testing::Test {
  protected:
    // What comes of a first frame; nothing where that is no errand of its.
    std::optional<Result<void>> ask(const std::string& question, const std::string& tpm) {
        std::array<int, 2> pair{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        const UniqueFd ours(pair[0]);
        const UniqueFd services(pair[1]);
        FrameStream client(ours.get(), std::chrono::seconds(10));
        FrameStream service(services.get(), std::chrono::seconds(10));
        client.send(FrameKind::Begin, question).value();
        ServiceOptions options;
        options.tpm = tpm;
        options.machine_id = machine_id_;
        std::optional<Result<void>> counted = count(service.receive().value(), service, options);
        if (counted && *counted)
            shown_ = client.receive().value().text();
        return counted;
    }
    Errc refusal(const std::string& question, const std::string& tpm) {
        const std::optional<Result<void>> counted = ask(question, tpm);
        return counted && !*counted ? counted->error().code : Errc::Internal;
    }

    support::TemporaryDirectory directory_;
    std::string machine_id_ = directory_.file("machine-id");
    std::string shown_;
};

TEST_F(CountingTest, ShowsTheCountBeforeAndAfterAStep) {
    const support::SoftwareTpm tpm(directory_.file("tpm"));
    ask("op=count-read\n", tpm.path())->value();
    const TpmCount first = parse_count(shown_).value();
    const std::string step = "op=count-advance\nfrom=" + std::to_string(first.value) + "\n";
    ask(step, tpm.path())->value();
    EXPECT_EQ(parse_count(shown_).value(), (TpmCount{first.value + 1, first.id}));
    EXPECT_EQ(refusal(step, tpm.path()), Errc::OutOfOrder);
}

TEST_F(CountingTest, SaysWhyItDoesNotCount) {
    EXPECT_EQ(refusal("op=count-read\n", directory_.file("none")), Errc::NotFound);
    EXPECT_EQ(refusal("op=count-read\n", directory_.path()), Errc::Unavailable);
    for (const char* question :
         {"op=count-advance\n", "op=count-advance\nfrom=\n", "op=count-advance\nfrom=-1\n",
          "op=count-advance\nfrom=1x\n", "op=count-advance\nfrom=18446744073709551616\n"})
        EXPECT_EQ(refusal(question, directory_.file("none")), Errc::MalformedRequest) << question;
}

// Row S3: with one counter for both, each would take the other's steps for a snapshot's.
TEST_F(CountingTest, EachSystemOfAMachineHasItsOwnCounter) {
    const support::SoftwareTpm tpm(directory_.file("tpm"));
    const auto read_as = [&](const char* id) {
        std::ofstream(machine_id_) << id << "\n";
        ask("op=count-read\n", tpm.path())->value();
        return parse_count(shown_).value();
    };
    const TpmCount first = read_as("0123456789abcdef0123456789abcdef");
    const TpmCount second = read_as("fedcba9876543210fedcba9876543210");
    EXPECT_NE(first.id, second.id);
    ask("op=count-advance\nfrom=" + std::to_string(second.value) + "\n", tpm.path())->value();
    EXPECT_EQ(read_as("0123456789abcdef0123456789abcdef"), first);
}

TEST_F(CountingTest, AnIdThatCannotBeReadIsNotTakenForNone) {
    const support::SoftwareTpm tpm(directory_.file("tpm"));
    std::filesystem::create_directory(machine_id_);  // opens, and cannot be read
    EXPECT_EQ(refusal("op=count-read\n", tpm.path()), Errc::Unavailable);
    std::filesystem::remove(machine_id_);
    EXPECT_TRUE(ask("op=count-read\n", tpm.path())->has_value()) << "there is none";
}

TEST_F(CountingTest, AnythingElseIsNoErrandOfIts) {
    const std::string good = "op=count-read\n";
    // The last newline may be missing.
    for (std::size_t size = 0; size + 1 < good.size(); ++size)
        EXPECT_FALSE(ask(good.substr(0, size), directory_.file("none"))) << size;
    for (const char* question :
         {"op=witness-read\n", "op=check\n", "op=count-read\n\nop=count-read\n", "op=count\n"})
        EXPECT_FALSE(ask(question, directory_.file("none"))) << question;
}

}  // namespace
}  // namespace patd::auth
