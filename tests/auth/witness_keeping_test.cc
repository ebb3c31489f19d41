// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/witness_keeping.h"

#include "common/base/witness_limits.h"
#include "tests/auth/service_process.h"

namespace patd::auth {
namespace {

using step_up::FrameKind;
using support::ServiceProcess;

class WitnessKeepingTest : public support::ServiceTest {
  protected:
    static std::string witness(std::int64_t generation, const std::string& rest = "of a store\n") {
        return std::string(kWitnessHead) + std::to_string(generation) + "\n" + rest;
    }
    // What it says in the end; what it shows before goes to `shown`.
    std::string ask(const std::string& begin, const std::vector<std::string>& parts = {},
                    std::string* shown = nullptr) {
        ServiceProcess service(command(PATD_AUTH));
        service.send(FrameKind::Begin, begin);
        for (const std::string& part : parts)
            service.send(FrameKind::Answer, part);
        while (true) {
            std::string frame = service.next();
            if (frame[0] != 'I')
                return frame;
            if (shown != nullptr)
                *shown += frame.substr(2);
        }
    }
    std::string write(const std::string& text) {
        std::vector<std::string> parts;
        for (std::size_t at = 0; at < text.size(); at += step_up::kFramePayloadBytes)
            parts.push_back(text.substr(at, step_up::kFramePayloadBytes));
        return ask("op=witness-write\nsize=" + std::to_string(text.size()) + "\n", parts);
    }
    std::string read() {
        std::string shown;
        const std::string said = ask("op=witness-read\n", {}, &shown);
        return said == "G:" ? shown : said;
    }
    std::string file() const { return state() + "/witness"; }
};

TEST_F(WitnessKeepingTest, GivesBackWhatItWasGiven) {
    EXPECT_EQ(read(), "R:NotFound");
    EXPECT_EQ(write(witness(1)), "G:");
    EXPECT_EQ(read(), witness(1));
    const std::string longest =
        witness(7, std::string(limits::kWitnessBytes - witness(7, "").size(), 'x'));
    EXPECT_EQ(write(longest), "G:");
    EXPECT_TRUE(read() == longest);
}

TEST_F(WitnessKeepingTest, NeverTakesAnOlderOne) {
    EXPECT_EQ(write(witness(5)), "G:");
    for (const std::int64_t generation : {0, 4, 5})
        EXPECT_EQ(write(witness(generation, "of another\n")), "R:OutOfOrder");
    EXPECT_EQ(read(), witness(5));
    EXPECT_EQ(write(witness(6)), "G:");
    EXPECT_EQ(read(), witness(6));
}

// Row S3: patd's uid cannot bring it to where patd could never raise it again.
TEST_F(WitnessKeepingTest, NeverTakesOneThatIsFarAboveTheLast) {
    constexpr std::int64_t kStep = limits::kWitnessStep;
    EXPECT_EQ(write(witness(limits::kWitnessFirstMax + 1)), "R:MalformedRequest");
    EXPECT_EQ(write(witness(5)), "G:");
    for (const std::int64_t far : {5 + kStep + 1, limits::kWitnessGenerationMax})
        EXPECT_EQ(write(witness(far)), "R:MalformedRequest");
    EXPECT_EQ(read(), witness(5));
    EXPECT_EQ(write(witness(5 + kStep)), "G:");
}

TEST_F(WitnessKeepingTest, RefusesWhatIsNone) {
    EXPECT_EQ(write(witness(5)), "G:");
    for (const std::string& text :
         {std::string("x"), std::string("patd-witness \n"), std::string("patd-witness 6"),
          std::string("patd-witness -6\n"), witness(limits::kWitnessGenerationMax + 1),
          std::string("patd-witness 99999999999999999999\n")})
        EXPECT_EQ(write(text), "R:MalformedRequest") << text;
    for (const char* begin :
         {"op=witness-write\n", "op=witness-write\nsize=0\n", "op=witness-write\nsize=-1\n",
          "op=witness-write\nsize=262145\n", "op=witness\n"})
        EXPECT_EQ(ask(begin), "R:MalformedRequest") << begin;
    EXPECT_EQ(ask("op=witness-write\nsize=3\n", {"four"}), "R:MalformedRequest");
    EXPECT_EQ(read(), witness(5));
}

TEST_F(WitnessKeepingTest, ABrokenOneGuardsNothing) {
    for (const std::string& broken :
         {std::string(), std::string("garbage"), witness(9).substr(0, 14),
          witness(limits::kWitnessGenerationMax + 9)}) {
        std::ofstream(file(), std::ios::trunc) << broken;
        std::filesystem::permissions(file(), std::filesystem::perms(0600));
        EXPECT_EQ(write(witness(3)), "G:") << broken;
        EXPECT_EQ(read(), witness(3));
    }
}

// Whoever may write there may be anybody.
TEST_F(WitnessKeepingTest, ReadsNoFileThatOthersCanReach) {
    EXPECT_EQ(write(witness(5)), "G:");
    std::filesystem::permissions(file(), std::filesystem::perms(0644));
    EXPECT_EQ(read(), "R:Unavailable");
    EXPECT_EQ(write(witness(6)), "G:");
    EXPECT_EQ(read(), witness(6));
}

TEST_F(WitnessKeepingTest, AClientThatLeavesHalfwayChangesNothing) {
    EXPECT_EQ(write(witness(5)), "G:");
    ServiceProcess service(command(PATD_AUTH));
    service.send(FrameKind::Begin, "op=witness-write\nsize=40\n");
    service.send(FrameKind::Answer, witness(6));
    EXPECT_EQ(service.finish(), EXIT_SUCCESS);
    EXPECT_EQ(read(), witness(5));
}

TEST_F(WitnessKeepingTest, PatdEnrollKnowsNothingOfIt) {
    ServiceProcess enroll(command(PATD_ENROLL));
    enroll.send(FrameKind::Begin, "op=witness-read\n");
    EXPECT_EQ(enroll.next(), "R:MalformedRequest");
}

}  // namespace
}  // namespace patd::auth
