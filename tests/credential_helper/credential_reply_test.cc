// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/credential_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

struct Seen {
    std::string output;
    std::string complaint;
    int status = -1;
    friend bool operator==(const Seen&, const Seen&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Seen& seen) {
        return out << seen.status << " [" << seen.output << "] [" << seen.complaint << "]";
    }
};

Seen seen(const Outcome& outcome) {
    return {std::string(outcome.answer.data(), outcome.answer.size()) + outcome.words,
            outcome.complaint, outcome.status};
}

Seen reply(std::string_view text, Verb verb = Verb::Get) {
    const SecretBuffer bytes = SecretBuffer::copy_of(text);
    return seen(outcome_of_reply(verb, bytes));
}

// Row C8.
TEST(CredentialReply, HandsAnAnswerOnAsItCame) {
    EXPECT_EQ(reply("username=alice\npassword=a=b\npassword_expiry_utc=1790000000\n\n"),
              (Seen{"username=alice\npassword=a=b\npassword_expiry_utc=1790000000\n\n", "", 0}));
    EXPECT_EQ(reply("capability[]=state\nstate[]=x\nstate[]=y\ncontinue=1\n\n"),
              (Seen{"capability[]=state\nstate[]=x\nstate[]=y\ncontinue=1\n\n", "", 0}));
}

TEST(CredentialReply, PrintsNothingWhenNoTokenMatches) {
    EXPECT_EQ(reply("\n"), (Seen{"", "", 0}));
}

TEST(CredentialReply, SaysOnErrorAloneWhichTokenWasRefused) {
    EXPECT_EQ(reply("text=a refused b\n\n", Verb::Erase), (Seen{"", "a refused b", 0}));
    EXPECT_EQ(reply("\n", Verb::Erase), (Seen{"", "", 0}));
    EXPECT_EQ(reply("text=a\n\n", Verb::Store), (Seen{"", "", 0}));
}

TEST(CredentialReply, StopsGitWhenATokenMatchesButIsRefused) {
    EXPECT_EQ(reply("error=Locked\ntext=Your tokens are locked.\nquit=1\n\n"),
              (Seen{"quit=1\n", "Your tokens are locked.", 0}));
}

TEST(CredentialReply, PrintsNoSecretBesideAnError) {
    EXPECT_EQ(reply("error=Locked\ntext=no\nquit=1\nusername=alice\npassword=secret\n\n"),
              (Seen{"quit=1\n", "no", 0}));
}

TEST(CredentialReply, ReportsAMalformedRequestWithStatusZero) {
    EXPECT_EQ(reply("error=MalformedRequest\ntext=bad\n\n"), (Seen{"", "bad", 0}));
}

TEST(CredentialReply, ReportsADaemonThatCannotAnswerWithStatusOne) {
    EXPECT_EQ(reply("error=Internal\ntext=failed\n\n"), (Seen{"", "failed", 1}));
    EXPECT_EQ(reply("error=FromALaterVersion\ntext=new\n\n"), (Seen{"", "new", 1}));
}

TEST(CredentialReply, SaysWhyEvenWhenTheReplyDoesNot) {
    EXPECT_EQ(reply("error=Locked\n\n").complaint, errc_message(Errc::Locked));
    EXPECT_EQ(reply("error=FromALaterVersion\n\n").complaint, errc_message(Errc::Internal));
}

// Row C8.
TEST(CredentialReply, PrintsNothingForStoreAndErase) {
    for (const Verb verb : {Verb::Store, Verb::Erase}) {
        EXPECT_EQ(reply("username=alice\npassword=secret\n\n", verb), (Seen{"", "", 0}));
        EXPECT_EQ(reply("error=Locked\ntext=no\nquit=1\n\n", verb), (Seen{"", "no", 0}));
    }
}

TEST(CredentialReply, PrintsCapabilitiesInGitsForm) {
    EXPECT_EQ(reply("version=0\ncapability[]=authtype\ncapability[]=state\n\n", Verb::Capability),
              (Seen{"version 0\ncapability authtype\ncapability state\n", "", 0}));
    EXPECT_EQ(reply("version=0\n\n", Verb::Capability), (Seen{"version 0\n", "", 0}));
    EXPECT_EQ(reply("error=Internal\ntext=no\n\n", Verb::Capability), (Seen{"", "no", 1}));
}

TEST(CredentialReply, NamesTheFixWhenThereIsNoReply) {
    const Seen gone = seen(outcome_of_error(Errc::Unavailable));
    EXPECT_NE(gone.complaint.find("'patctl doctor'"), std::string::npos);
    EXPECT_EQ(gone.output, "");
    EXPECT_EQ(gone.status, 1);
    EXPECT_EQ(seen(outcome_of_error(Errc::InsecurePeer)),
              (Seen{"", std::string(errc_message(Errc::InsecurePeer)), 1}));
    EXPECT_EQ(seen(outcome_of_error(Errc::MalformedRequest)),
              (Seen{"", std::string(errc_message(Errc::MalformedRequest)), 0}));
}

}  // namespace
}  // namespace patd::credential_helper
