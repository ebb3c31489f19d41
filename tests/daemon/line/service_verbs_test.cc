// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/daemon/line/line_verbs_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;

// What services ask: verify and check.

// Row P4.
TEST_F(LineVerbsTest, VerifyTellsEveryServiceWhatItsHolderMayDo) {
    const support::Issued issued = issue(kAlice, {.permissions = "vcs:repository:ro"});
    const std::string verify = "op=verify\ntoken=" + support::text_of(issued.secret) + "\n";
    EXPECT_EQ(ask(Uid(33), verify + "permission=vcs:repository:ro\nuser=daemon\n"),
              "valid=1\nid=" + issued.token.id.text() +
                  "\nkind=issued\nuid=1\nuser=daemon\npermissions=vcs:repository:ro\nexpires="
                  "0\ncreated=" +
                  std::to_string(clock_.now()) + "\n\n");
    EXPECT_EQ(ask(Uid(33), verify + "permission=vcs:repository:rw\n"),
              "valid=0\nreason=permission\n\n");
    EXPECT_EQ(ask(Uid(33), verify + "audience=https://other.example\n"),
              "valid=0\nreason=audience\n\n");
    EXPECT_EQ(ask(Uid(33), verify + "user=bin\n"), "valid=0\nreason=user\n\n");
    EXPECT_EQ(error_of(ask(Uid(33), verify + "permission=VCS\n")), "InvalidPermission");
    EXPECT_EQ(error_of(ask(Uid(33), verify + "audience=git.example\n")), "InvalidTarget");
    EXPECT_EQ(ask(Uid(33), "op=verify\n"), "valid=0\nreason=malformed\n\n");
}

TEST_F(LineVerbsTest, VerifyTellsOfManySecretsInTheirOrder) {
    const support::Issued narrow = issue(kAlice, {.permissions = "vcs:repository:ro"});
    const support::Issued wide =
        issue(kBob, {.permissions = "vcs", .expires = clock_.now() + 3600});
    const std::string narrow_secret = support::text_of(narrow.secret);
    const std::string child = value_of(ask(kAlice, kGetRequest), "password");
    const std::string request = "op=verify\ntokens=" + narrow_secret + " hunter2 " +
                                support::text_of(wide.secret) + " " + child + " " + narrow_secret;
    const std::string a = narrow.token.id.text();
    const std::string wide_result = "result[]=valid " + wide.token.id.text() + " issued 2 " +
                                    std::to_string(clock_.now() + 3600) + "\n";
    const std::string malformed = "result[]=invalid malformed\n";
    EXPECT_EQ(ask(Uid(33), request + "\npermission=vcs:repository:ro\n"),
              "result[]=valid " + a + " issued 1 0\n" + malformed + wide_result +
                  "result[]=valid " + a + " child 1 " + std::to_string(clock_.now() + 600) + "\n" +
                  "result[]=valid " + a + " issued 1 0\n\n");
    const std::string refused = "result[]=invalid permission\n";
    EXPECT_EQ(ask(Uid(33), request + "\npermission=vcs:repository:rw\n"),
              refused + malformed + wide_result + refused + refused + "\n");
}

TEST_F(LineVerbsTest, VerifyOfManyCountsAndRefusesAsOneByOne) {
    const support::Issued issued = issue(kAlice);
    const std::string secret = support::text_of(issued.secret);
    const std::string other =
        support::text_of(make_issued_secret(issued.token.id, random_).value());
    ask(Uid(33), "op=verify\ntokens=" + secret + " " + other + " " + secret + "\nservice=nginx\n");
    auditor_.reset();
    const auto log = audit_log_->list({kAlice, issued.token.id, 10}).value();
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[1].outcome, "ok");
    EXPECT_EQ(log[1].count, 2U);
    EXPECT_EQ(log[1].where, "nginx");
    EXPECT_EQ(log[0].outcome, "unknown");
}

TEST_F(LineVerbsTest, VerifyOfTheMostThatIsAllowedFitsAReply) {
    const std::string secret = support::text_of(issue(kAlice).secret);
    std::string request = "op=verify\ntokens=" + secret;
    for (std::size_t i = 1; i < limits::kVerifySecrets; ++i)
        request += " " + secret;
    const std::string reply = ask(Uid(33), request + "\n");
    EXPECT_EQ(std::count(reply.begin(), reply.end(), '\n'), limits::kVerifySecrets + 1);
    // Row D1.
    EXPECT_EQ(error_of(ask(Uid(33), request + " " + secret + "\n")), "LimitExceeded");
}

// The owner of the address's reverse zone chooses the name.
TEST_F(LineVerbsTest, VerifyMarksAHostThatIsNoAddress) {
    const std::pair<const char*, const char*> hosts[] = {
        {"192.0.2.1", "ftp from 192.0.2.1"},
        {"::ffff:192.0.2.1", "ftp from 192.0.2.1"},
        {"2001:DB8::0:1", "ftp from 2001:db8::1"},
        {"host.example", "ftp from unproven name host.example"},
        {"192.0.2.1.evil.example", "ftp from unproven name 192.0.2.1.evil.example"},
        {"192.0.2.1 ", "ftp from unproven name 192.0.2.1 "},
        {"", "ftp"}};
    std::map<TokenId, std::string> expected;
    for (const auto& [host, where] : hosts) {
        const support::Issued issued = issue(kAlice);
        ask(Uid(33), "op=verify\ntoken=" + support::text_of(issued.secret) +
                         "\nservice=ftp\nrhost=" + host + "\n");
        expected[issued.token.id] = where;
    }
    auditor_.reset();
    for (const store::ListedToken& listed : list_tokens(*store_, kAlice).value())
        EXPECT_EQ(listed.last_use.where, expected[listed.token.id]);
}

// Row D19.
TEST_F(LineVerbsTest, VerifyKeepsWhatAServiceSaysOfItselfShortAndVisible) {
    const auto where_of = [&](const std::string& said) {
        const support::Issued issued = issue(kAlice);
        const std::string token = support::text_of(issued.secret);
        EXPECT_EQ(value_of(ask(Uid(33), "op=verify\ntoken=" + token + "\n" + said), "valid"), "1");
        return issued.token.id;
    };
    std::map<TokenId, std::string> expected;
    expected[where_of("service=nginx\n")] = "nginx";
    expected[where_of("service=" + std::string(60'000, 'a') + "\n")] =
        std::string(limits::kAuditTextBytes, 'a');
    expected[where_of("service=a\nrhost=" + std::string(60'000, 'b') + "\n")] =
        "a from unproven name " + std::string(limits::kAuditTextBytes - 21, 'b');
    expected[where_of("service=gr\xc3\xbc\xc2\x9b\xe2\x80\xae\nrhost=\xff\n")] =
        "gr??????? from unproven name ?";
    auditor_.reset();
    for (const store::ListedToken& listed : list_tokens(*store_, kAlice).value())
        EXPECT_EQ(listed.last_use.where, expected[listed.token.id]);
}

// Row P4.
TEST_F(LineVerbsTest, CheckIsForRootAndForTheUserItself) {
    for (const Uid uid : {kBob, Uid(33)})
        EXPECT_EQ(error_of(ask(uid, "op=check\nuser=daemon\npassword=x\n")), "AccessDenied");
    EXPECT_EQ(error_of(ask(kAlice, "op=check\nuser=no-such-user\npassword=x\n")), "AccessDenied");
    EXPECT_FALSE(step_up_.has_caller());
    EXPECT_EQ(ask(kAlice, "op=check\nuser=daemon\npassword=x\n"), "(none)");
    auto begin = step_up_.accept().begin();
    EXPECT_EQ(begin["op"], "authenticate");
    EXPECT_EQ(begin["caller"], "1");
}

// Row P11: the same steps and the same answer, whatever the name is.
TEST_F(LineVerbsTest, CheckTellsAServiceNothingOfTheName) {
    for (const char* user : {"daemon", "no-such-user", "nobody", "Daemon"}) {
        EXPECT_EQ(ask(Uid(0), std::string("op=check\npassword=x\nuser=") + user + "\n"), "(none)");
        support::StepUpConversation conversation = step_up_.accept();
        auto begin = conversation.begin();
        EXPECT_EQ(begin["op"], "check");
        EXPECT_EQ(begin["user"], user);
        EXPECT_EQ(begin.contains("uid"), std::string(user) == "daemon");
        conversation.send(step_up::FrameKind::PromptSecret, "Service password: ");
        EXPECT_EQ(conversation.answer(), "x");
        conversation.send(step_up::FrameKind::Refused, "WrongPassword");
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return answered_; }));
        EXPECT_EQ(error_of(answer()), "WrongPassword");
    }
    for (const std::string& user : {std::string(), std::string(257, 'a')})
        EXPECT_EQ(error_of(ask(Uid(0), "op=check\npassword=x\nuser=" + user + "\n")),
                  "WrongPassword")
            << "no account has such a name";
}

TEST_F(LineVerbsTest, CheckPassesOnWhereTheUserIsAndCutsLongText) {
    EXPECT_EQ(ask(Uid(0), "op=check\nuser=daemon\npassword=x\nrhost=192.0.2.1\nservice=" +
                              std::string(60'000, 's') + "\n"),
              "(none)");
    auto begin = step_up_.accept().begin();
    EXPECT_EQ(begin["rhost"], "192.0.2.1");
    EXPECT_EQ(begin["service"], std::string(limits::kAuditTextBytes, 's'));
}

TEST_F(LineVerbsTest, CheckNeverAsksWithAnEmptyOrOverlongPassword) {
    EXPECT_EQ(error_of(ask(kAlice, "op=check\nuser=daemon\n")), "InvalidPassword");
    EXPECT_EQ(error_of(ask(kAlice, "op=check\nuser=daemon\npassword=" + std::string(513, 'x'))),
              "InvalidPassword");
    EXPECT_FALSE(step_up_.has_caller());
}

TEST_F(LineVerbsTest, CheckAsksPatdAuthAndTellsItsVerdict) {
    for (const auto& [verdict, payload, expected] :
         {std::tuple{step_up::FrameKind::Granted, "", "valid=1\n\n"},
          std::tuple{
              step_up::FrameKind::Refused, "WrongPassword",
              "error=WrongPassword\ntext=The password was wrong; nothing was changed.\n\n"}}) {
        EXPECT_EQ(ask(Uid(0), "op=check\nuser=daemon\npassword=pass word\nservice=sshd\n"),
                  "(none)");
        support::StepUpConversation conversation = step_up_.accept();
        auto begin = conversation.begin();
        EXPECT_EQ(begin["caller"], "0");
        EXPECT_EQ(begin["uid"], "1");
        EXPECT_EQ(begin["service"], "sshd");
        conversation.send(step_up::FrameKind::PromptSecret, "Service password for daemon: ");
        EXPECT_EQ(conversation.answer(), "pass word");
        conversation.send(verdict, payload);
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return answered_; }));
        EXPECT_EQ(answer(), expected);
    }
}

}  // namespace
}  // namespace patd
