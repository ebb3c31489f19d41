// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/examination.h"

#include "tests/cli/doctor/machine_fixture.h"
#include "tests/common/client/fake_service.h"

#include <set>

namespace patd::cli::doctor {
namespace {

TEST_F(MachineTest, AsksTheServiceOnceForAllChecks) {
    client::Dictionary token;
    token.set("id", "AbCdE01234");
    client::Dictionary event;
    event.set("at", kNow);
    client::FakeService service({.tokens = {token}, .events = {event}});
    const Answers answers = ask_service(machine_, client::TokensClient(service.connect()));
    EXPECT_FALSE(answers.unreachable);
    EXPECT_EQ(answers.tokens, std::vector<client::Dictionary>{token});
    EXPECT_EQ(answers.newest_event, kNow);
    EXPECT_FALSE(answers.admin_status && answers.admin_status->has("key-exported"));
}

// A key that is open to others is why the service does not start, and no restart helps.
TEST_F(MachineTest, NamesTheCauseFirstAndOnce) {
    put("/etc/patd/master-key.cred", "sealed", 0, 0644);
    Answers answers;
    answers.unreachable = Error{Errc::Unavailable, "the service cannot be started"};
    const Findings findings = examine(machine_, answers);
    ASSERT_FALSE(findings.all().empty());
    EXPECT_EQ(findings.all()[0].fix, "sudo chmod 0600 /etc/patd/master-key.cred");
    for (const Finding& found : findings.all())
        EXPECT_EQ(found.fix.find("restart"), std::string::npos) << found.text;
}

// What belongs to the machine's service says nothing about a user's own.
TEST_F(MachineTest, LooksAtTheUsersOwnServiceAlone) {
    machine_.own_service = true;
    put("/etc/patd/master-key.cred", "sealed", 0, 0644);
    Answers answers;
    answers.unreachable = Error{Errc::Unavailable, "the service cannot be started"};
    const std::set<std::string> of_own = {"config", "service", "git", "tools", "clock", "limits"};
    const Findings findings = examine(machine_, answers);
    for (const Finding& found : findings.all())
        EXPECT_TRUE(of_own.contains(found.check)) << found.check << found.text;
}

TEST_F(MachineTest, GoesOnWithoutTheService) {
    const Answers answers = ask_service(machine_, Errc::Unavailable);
    ASSERT_TRUE(answers.unreachable);
    const Findings findings = examine(machine_, answers);
    std::set<std::string> checks;
    for (const Finding& found : findings.all())
        checks.insert(found.check);
    EXPECT_TRUE(checks.contains("service"));
    EXPECT_TRUE(checks.contains("pam"));
    for (const Finding& found : findings.all()) {
        EXPECT_FALSE(found.fix.empty()) << found.text;
        EXPECT_FALSE(found.text.empty());
    }
}

}  // namespace
}  // namespace patd::cli::doctor
