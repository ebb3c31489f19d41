// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/counter_link.h"

#include "tests/support/software_tpm.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/witness_service.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

class CounterLinkTest : public ::testing::Test {
  protected:
    void serve(const std::string& tpm) {
        service_.reset();
        service_ = std::make_unique<support::ServiceProgram>(
            directory_.file("socket"), std::vector<std::string>{PATD_COUNTER, "--tpm", tpm});
    }
    TpmCount after(const TpmCount& count) { return {count.value + 1, count.id}; }

    support::TemporaryDirectory directory_;
    std::unique_ptr<support::ServiceProgram> service_;
    CounterLink link_{directory_.file("socket")};
};

TEST_F(CounterLinkTest, RaisesTheCounterStepByStep) {
    support::SoftwareTpm tpm(directory_.file("tpm"));
    serve(tpm.path());
    const TpmCount first = link_.read().value();
    link_.raise(after(first)).value();
    EXPECT_EQ(link_.read().value(), after(first));
    link_.raise(after(after(first))).value();
    EXPECT_EQ(link_.read().value(), after(after(first)));
    const TpmCount another{first.value + 3, std::string(64, 'a')};
    for (const TpmCount& elsewhere : {first, another, TpmCount{first.value + 9, first.id}})
        EXPECT_EQ(link_.raise(elsewhere).error().code, Errc::Unavailable);
}

// A patd-counter that was not waited for any more takes its step later.
TEST_F(CounterLinkTest, AStepThatWasTakenLateIsTaken) {
    support::SoftwareTpm tpm(directory_.file("tpm"));
    serve(tpm.path());
    const TpmCount first = link_.read().value();
    link_.raise(after(first)).value();
    link_.raise(after(first)).value();
    EXPECT_EQ(link_.read().value(), after(first));
}

TEST_F(CounterLinkTest, SaysWhyNothingIsCounted) {
    EXPECT_EQ(link_.read().error().code, Errc::NotFound) << "nobody is there";
    serve(directory_.file("none"));
    EXPECT_EQ(link_.read().error().code, Errc::NotFound);
    serve(directory_.path());
    EXPECT_EQ(link_.read().error().code, Errc::Unavailable);
}

// Nothing but counting is done there.
TEST_F(CounterLinkTest, PatdCounterRefusesWhatItDoesNotKnow) {
    serve(directory_.file("none"));
    const WitnessLink link(directory_.file("socket"));
    for (const char* question :
         {"op=witness-read\n", "op=count-advance\n", "op=count-advance\nfrom=-1\n",
          "op=count-advance\nfrom=99999999999999999999\n", "op=check\nuser=root\ncaller=0\n", "x",
          ""}) {
        const UniqueFd asked = link.ask(question).value();
        EXPECT_EQ(WitnessLink::read_answer(asked).error().code, Errc::MalformedRequest) << question;
    }
}

}  // namespace
}  // namespace patd
