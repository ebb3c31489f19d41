// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_verbs.h"

#include "common/base/tool_limits.h"
#include "tests/daemon/line/line_verbs_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;

TEST_F(LineVerbsTest, GetAnswersNothingWhereNoTokenFits) {
    EXPECT_EQ(ask(kAlice, kGetRequest), "\n");
}

TEST_F(LineVerbsTest, GetAnswersAnIssuedTokenWithAChildThatVerifies) {
    issue(kAlice);
    const std::string reply = ask(kAlice, kGetRequest);
    EXPECT_EQ(value_of(reply, "username"), "daemon");
    EXPECT_EQ(value_of(reply, "password_expiry_utc"),
              std::to_string(support::FakeClock::kStart + limits::kChildLifetimeSeconds));
    const std::string child = value_of(reply, "password");
    EXPECT_EQ(token_shape(child), TokenShape::Child);
    const std::string verified = ask(
        Uid(33), "op=verify\ntoken=" + child +
                     "\npermission=vcs:repository:ro\naudience=https://git.example\nuser=daemon\n");
    EXPECT_EQ(value_of(verified, "valid"), "1");
    EXPECT_EQ(value_of(verified, "kind"), "child");
    EXPECT_EQ(value_of(verified, "uid"), "1");
}

TEST_F(LineVerbsTest, GetAnswersAnImportedTokenWithItsSecretByteForByte) {
    import(kAlice, "forge-secret", {.username = "al"});
    EXPECT_EQ(ask(kAlice, kGetRequest), "username=al\npassword=forge-secret\n\n");
}

// What only a part of would be sent is given to nobody who does not know that kind.
TEST_F(LineVerbsTest, GetGivesASecretOfSeveralPartsToWhoSaysItsKindAlone) {
    Token token = support::make_token(kAlice, TokenKind::Imported, {.username = "AKIA1"});
    token.secret_kind = SecretKind::Aws;
    token.expires = support::kNow + 3600;
    store_->insert(token, support::secret_of("key\tsession")).value();
    const std::string request = "op=get\nprotocol=https\nhost=git.example\n";
    for (const char* other : {"", "secret_kind=text\n", "secret_kind=vault\n", "tool=aws\n",
                              "capability[]=authtype\ncapability[]=state\n"}) {
        const std::string reply = ask(kAlice, request + other + "\n");
        EXPECT_EQ(error_of(reply), "SeveralParts") << other;
        EXPECT_EQ(value_of(reply, "quit"), "1");
        EXPECT_NE(value_of(reply, "text").find(token.id.text()), std::string::npos);
        EXPECT_NE(value_of(reply, "text").find("pat-aws"), std::string::npos);
        EXPECT_EQ(reply.find("session"), std::string::npos);
    }
    const std::string known = request + "secret_kind=aws\ncapability[]=authtype\n\n";
    const std::string end = "password_expiry_utc=" + std::to_string(support::kNow + 3600) + "\n\n";
    EXPECT_EQ(ask(kAlice, known), "username=AKIA1\npassword=key\nsession_token=session\n" + end);
    store_->replace_secret(token.id, kAlice, support::secret_of("key2"), nullptr, support::kNow)
        .value();
    EXPECT_EQ(ask(kAlice, known), "username=AKIA1\npassword=key2\n" + end);
    import(kBob, "plain", {.username = "bob"});
    EXPECT_NE(ask(kBob, request + "secret_kind=aws\n\n").find("password=plain\n"),
              std::string::npos);
}

// Row A4.
TEST_F(LineVerbsTest, GetGivesNobodyTheTokenOfAnother) {
    issue(kAlice);
    import(kAlice, "forge-secret");
    EXPECT_EQ(ask(kBob, kGetRequest), "\n");
    EXPECT_EQ(ask(Uid(0), kGetRequest), "\n");
}

TEST_F(LineVerbsTest, GetStopsGitWhereATokenFitsButMayNotLeave) {
    issue(kAlice);
    issue(kAlice);
    const std::string reply = ask(kAlice, kGetRequest);
    EXPECT_EQ(error_of(reply), "Ambiguous");
    EXPECT_EQ(value_of(reply, "quit"), "1");
    EXPECT_EQ(value_of(reply, "password"), "(none)");
}

// Rows C1, C3 and C5: what git sends for a mangled URL is refused, and git may ask others.
TEST_F(LineVerbsTest, GetRefusesARequestThatDoesNotSayWhere) {
    issue(kAlice);
    for (const char* place :
         {"", "protocol=https\n", "host=git.example\n", "protocol=https\nhost=\n",
          "protocol=https\nhost=b@git.example\n", "protocol=https\nhost=git.example.\n",
          "protocol=https\nhost=git.example%00\n", "protocol=https\nhost=*.example\n"}) {
        const std::string reply = ask(kAlice, std::string("op=get\n") + place);
        EXPECT_EQ(error_of(reply), "MalformedRequest") << place;
        EXPECT_EQ(value_of(reply, "quit"), "(none)") << place;
    }
}

TEST_F(LineVerbsTest, RefusesAnotherVersionAndAnUnknownVerb) {
    EXPECT_EQ(error_of(ask(caller_of(kAlice), "op=get\n")), "MalformedRequest");
    EXPECT_EQ(error_of(ask(caller_of(kAlice), "patd=2\nop=get\n")), "MalformedRequest");
    EXPECT_EQ(error_of(ask(kAlice, "op=list\n")), "MalformedRequest");
    EXPECT_EQ(error_of(ask(kAlice, "")), "MalformedRequest");
}

// Rows A2, A14.
TEST_F(LineVerbsTest, GivesTokensToLastingAccountsOnly) {
    for (const std::uint32_t uid : {65534U, 65535U, 61184U, 0xffffffffU})
        EXPECT_EQ(error_of(ask(Uid(uid), kGetRequest)), "AccessDenied") << uid;
}

TEST_F(LineVerbsTest, StoreKeepsWhatGitHoldsAndGetGivesItBack) {
    EXPECT_EQ(ask(kAlice,
                  "op=store\nprotocol=https\nhost=git.example\nusername=al\n"
                  "password=forge-secret\n"),
              "\n");
    EXPECT_EQ(ask(kAlice, kGetRequest), "username=al\npassword=forge-secret\n\n");
    EXPECT_EQ(ask(kBob, kGetRequest), "\n");
}

TEST_F(LineVerbsTest, StoreRefusesNoSecretAndATooLongOne) {
    const std::string place = "op=store\nprotocol=https\nhost=git.example\nusername=al\n";
    EXPECT_EQ(error_of(ask(kAlice, place)), "InvalidSecret");
    EXPECT_EQ(error_of(ask(kAlice, place + "password=" + std::string(4097, 'x') + "\n")),
              "InvalidSecret");
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

// Row C9.
TEST_F(LineVerbsTest, EraseRejectsAnImportedTokenAndDestroysNothing) {
    const Token token = import(kAlice, "forge-secret");
    const std::string erase = "op=erase\nprotocol=https\nhost=git.example\n";
    EXPECT_EQ(ask(kAlice, erase), "\n");
    EXPECT_EQ(ask(kAlice, erase + "password=another\n"), "\n");
    EXPECT_EQ(ask(kBob, erase + "password=forge-secret\n"), "\n");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    EXPECT_TRUE(ask(kAlice, erase + "password=forge-secret\n")
                    .starts_with("text=https://git.example refused token '"));
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
    EXPECT_EQ(error_of(ask(kAlice, kGetRequest)), "Rejected");
}

TEST_F(LineVerbsTest, CapabilityNamesTheVersionAndWhatIsUnderstood) {
    EXPECT_EQ(ask(Uid(33), "op=capability\n"),
              "version=0\ncapability[]=authtype\ncapability[]=state\n\n");
}

const char kPlace[] = "protocol=https\nhost=git.example\n";
const char kBoth[] = "capability[]=authtype\ncapability[]=state\n";

TEST_F(LineVerbsTest, GetAnswersWithAChildThatCanWhatWasAskedForAndNoMore) {
    issue(kAlice, {.permissions = "vcs,project"});
    const std::string reply =
        ask(kAlice, std::string("op=get\n") + kPlace +
                        "permission=vcs:repository:ro,project:issue:ro\nttl=300\n");
    EXPECT_EQ(value_of(reply, "password_expiry_utc"),
              std::to_string(support::FakeClock::kStart + 300));
    const std::string verified = ask(Uid(33), "op=verify\ntoken=" + value_of(reply, "password"));
    EXPECT_EQ(value_of(verified, "permissions"), "project:issue:ro,vcs:repository:ro");
}

// A tool that only reads gets a child that only reads, of whatever token there is.
TEST_F(LineVerbsTest, GetNarrowsAChildToReadingWithoutNarrowingTheChoice) {
    issue(kAlice, {.permissions = "vcs:repository:rw,vcs:tag,project:issue:ro"});
    const auto permissions = [&](const std::string& more) {
        const std::string reply = ask(kAlice, std::string("op=get\n") + kPlace + more);
        const std::string secret = value_of(reply, "password");
        return value_of(ask(Uid(33), "op=verify\ntoken=" + secret + "\n"), "permissions");
    };
    EXPECT_EQ(permissions("access=ro\n"), "project:issue:ro,vcs:repository:ro,vcs:tag:ro");
    EXPECT_EQ(permissions("at-most=vcs:repository:rw\n"), "vcs:repository:rw");
    EXPECT_EQ(permissions("at-most=vcs:repository:rw\naccess=ro\n"), "vcs:repository:ro");
    // What the token may not do is left out of the request, where permission= would find no token.
    EXPECT_EQ(permissions("at-most=artifact:version:rw\n"),
              "project:issue:ro,vcs:repository:rw,vcs:tag");
    EXPECT_EQ(permissions("permission=vcs:repository:rw\naccess=ro\nat-most=vcs:tag\n"),
              "vcs:repository:rw");
    for (const char* bad :
         {"access=\n", "access=rw\n", "access=RO\n", "at-most=\n", "at-most=x y\n"})
        EXPECT_EQ(error_of(ask(kAlice, std::string("op=get\n") + kPlace + bad)),
                  "InvalidPermission")
            << bad;
}

TEST_F(LineVerbsTest, ASecretThatWasMadeElsewhereIsReleasedWhole) {
    import(kAlice, "not-a-real-secret", {.username = "alice"});
    for (const char* more : {"access=ro\n", "at-most=artifact:version:rw\n"}) {
        const std::string reply = ask(kAlice, std::string("op=get\n") + kPlace + more);
        EXPECT_EQ(value_of(reply, "password"), "not-a-real-secret") << more;
    }
}

// Row L4: what a tool calls itself is text for the log, and cannot look like another part of an
// event.
TEST_F(LineVerbsTest, TheLogSaysWhichToolAskedAndStored) {
    issue(kAlice);
    const std::string get = std::string("op=get\n") + kPlace;
    const auto where = [&](const std::string& request) {
        ask(kAlice, request);
        const std::string text = audit_log_->list({kAlice}).value().front().where;
        return text.substr(0, text.find(" (child"));
    };
    EXPECT_EQ(where(get), "https://git.example");
    EXPECT_EQ(where(get + "tool=docker\n"), "tool docker https://git.example");
    EXPECT_EQ(where(get + "tool=x https://bank.example \xe2\x80\xae\n"),
              "tool x?https://bank.example???? https://git.example");
    EXPECT_EQ(where(get + "tool=" + std::string(60'000, 'a') + "\n"),
              "tool " + std::string(limits::kToolNameBytes, 'a') + " https://git.example");
    const std::string child = value_of(ask(kAlice, get), "password");
    const std::string feedback = std::string(kPlace) + "username=alice\ntool=docker\n";
    EXPECT_EQ(where("op=store\n" + feedback + "password=" + child + "\n"),
              "tool docker https://git.example");
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    EXPECT_EQ(where("op=store\nprotocol=https\nhost=hub.example\nusername=alice\n"
                    "tool=docker\npassword=not-a-real-secret\n"),
              "tool docker https://hub.example");
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
}

TEST_F(LineVerbsTest, GetRefusesWhatCannotBeAsked) {
    issue(kAlice);
    const std::string get = std::string("op=get\n") + kPlace;
    for (const char* bad : {"permission=\n", "permission=VCS\n", "permission=vcs:repository:ro,\n",
                            "permission=vcs:ro\n", "permission=vcs repository\n"})
        EXPECT_EQ(error_of(ask(kAlice, get + bad)), "InvalidPermission") << bad;
    for (const char* bad : {"ttl=\n", "ttl=0\n", "ttl=-1\n", "ttl=5m\n", "ttl=1.5\n", "ttl=+5\n",
                            "ttl= 5\n", "ttl=3601\n", "ttl=99999999999\n"})
        EXPECT_EQ(error_of(ask(kAlice, get + bad)), "InvalidLifetime") << bad;
    for (const char* bad : {"audience=\n", "audience=git.example\n", "audience=https://*\n",
                            "audience=https://git.example/team\n"})
        EXPECT_EQ(error_of(ask(kAlice, get + bad)), "InvalidTarget") << bad;
    for (const std::string& event : events(kAlice))
        EXPECT_EQ(event, "release InvalidLifetime");
}

TEST_F(LineVerbsTest, GetLeavesNoCopyWhereGitUnderstandsIt) {
    import(kAlice, "not-a-real-secret", {.username = "alice"});
    const std::string reply = ask(kAlice, std::string("op=get\n") + kPlace + kBoth);
    const std::string state = value_of(reply, "state[]");
    EXPECT_EQ(reply, std::string(kBoth) +
                         "authtype=Basic\ncredential=YWxpY2U6bm90LWEtcmVhbC1zZWNyZXQ=\n"
                         "ephemeral=1\nstate[]=" +
                         state + "\ncontinue=1\n\n");
    EXPECT_TRUE(state.starts_with("pat:s:")) << state;
}

// Row 5 of the second chance: the token was regenerated between get and use.
TEST_F(LineVerbsTest, GetGivesAFreshChildWhenTheParentHasAnotherGeneration) {
    const support::Issued issued = issue(kAlice);
    const std::string get = std::string("op=get\n") + kPlace + "capability[]=state\n";
    const std::string first = ask(kAlice, get);
    EXPECT_EQ(value_of(first, "continue"), "1");
    edit(issued.token, [](Token& token) -> Result<void> {
        ++token.generation;
        return {};
    });
    const std::string dead = ask(Uid(33), "op=verify\ntoken=" + value_of(first, "password"));
    EXPECT_EQ(value_of(dead, "reason"), "dead");
    const std::string second = ask(kAlice, get + "state[]=" + value_of(first, "state[]") + "\n");
    const std::string alive = ask(Uid(33), "op=verify\ntoken=" + value_of(second, "password"));
    EXPECT_EQ(value_of(alive, "valid"), "1");
    // The second answer is the last.
    EXPECT_EQ(value_of(second, "continue"), "(none)");
    EXPECT_NE(value_of(second, "state[]"), value_of(first, "state[]"));
}

TEST_F(LineVerbsTest, GetGivesAFreshChildWhenTheFirstOneExpired) {
    issue(kAlice);
    const std::string get = std::string("op=get\n") + kPlace + "capability[]=state\nttl=5\n";
    const std::string first = ask(kAlice, get);
    clock_.advance(std::chrono::seconds(5));
    const std::string second = ask(kAlice, get + "state[]=" + value_of(first, "state[]") + "\n");
    const std::string alive = ask(Uid(33), "op=verify\ntoken=" + value_of(second, "password"));
    EXPECT_EQ(value_of(alive, "valid"), "1");
}

TEST_F(LineVerbsTest, GetNeverGivesTheSameDeadAnswerTwice) {
    issue(kAlice);
    const std::string get = std::string("op=get\n") + kPlace + kBoth;
    const std::string first = ask(kAlice, get);
    const std::string again =
        get + "authtype=Basic\nephemeral=1\nstate[]=" + value_of(first, "state[]") + "\n";
    for (int turn = 0; turn < 3; ++turn) {
        const std::string second = ask(kAlice, again);
        EXPECT_EQ(error_of(second), "ServerRefused");
        EXPECT_EQ(value_of(second, "quit"), "1");
    }
}

TEST_F(LineVerbsTest, GetRejectsAnImportedSecretThatTheServerRefusedAndGivesTheNewOne) {
    const Token token = import(kAlice, "old-secret", {.username = "al"});
    const std::string get = std::string("op=get\n") + kPlace + kBoth;
    const std::string first = ask(kAlice, get);
    const std::string refused = get + "authtype=Basic\nephemeral=1\nstate[]=";
    const std::string again = refused + value_of(first, "state[]") + "\n";
    // Meanwhile the secret was replaced: the old state is not about the new one.
    store_->replace_secret(token.id, kAlice, support::secret_of("new-secret"), {}, 0).value();
    const std::string second = ask(kAlice, again);
    EXPECT_EQ(value_of(second, "credential"), "YWw6bmV3LXNlY3JldA==");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    // The same secret again: the server will not accept it.
    const std::string third = ask(kAlice, refused + value_of(second, "state[]") + "\n");
    EXPECT_EQ(error_of(third), "Rejected");
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

TEST_F(LineVerbsTest, AStateSpeaksOfTokensOfTheCallersOnly) {
    const Token token = import(kAlice, "forge-secret");
    const std::string state =
        value_of(ask(kAlice, std::string("op=get\n") + kPlace + kBoth), "state[]");
    const std::string mine = std::string(kPlace) + "state[]=" + state + "\n";
    EXPECT_EQ(ask(kBob, std::string("op=get\n") + mine), "\n");
    EXPECT_EQ(ask(kBob, "op=erase\n" + mine), "\n");
    EXPECT_EQ(ask(kBob, "op=store\nephemeral=1\n" + mine), "\n");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
    EXPECT_EQ(events(kBob), std::vector<std::string>{});
    EXPECT_EQ(events(kAlice), std::vector<std::string>{"release ok"});
}

TEST_F(LineVerbsTest, StoreWithAStateIsASuccessWithoutASecret) {
    issue(kAlice);
    const std::string reply = ask(kAlice, std::string("op=get\n") + kPlace + kBoth);
    const std::string store = std::string("op=store\n") + kPlace + kBoth +
                              "authtype=Basic\ncredential=" + value_of(reply, "credential") +
                              "\nephemeral=1\nstate[]=" + value_of(reply, "state[]") + "\n";
    EXPECT_EQ(ask(kAlice, store), "\n");
    EXPECT_EQ(events(kAlice), (std::vector<std::string>{"release ok", "store ok"}));
    EXPECT_EQ(store_->count(kAlice).value(), 1U);
    auditor_.reset();  // writes what it gathered
    EXPECT_EQ(list_tokens(*store_, kAlice).value()[0].last_use.how, "stored");
}

// Row C8.
TEST_F(LineVerbsTest, StoreNeverKeepsWhatIsNotToBeKept) {
    const std::string store = std::string("op=store\n") + kPlace;
    EXPECT_EQ(ask(kAlice, store + "authtype=Bearer\ncredential=eyJ\nephemeral=1\n"), "\n");
    EXPECT_EQ(ask(kAlice, store + "authtype=Basic\ncredential=eDp5\n"), "\n");
    EXPECT_EQ(ask(kAlice, store + "username=al\npassword=x\nephemeral=1\n"), "\n");
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

// Row C9.
TEST_F(LineVerbsTest, EraseWithAStateRejectsAnImportedTokenAndOnlyNotesAnIssuedOne) {
    const support::Issued issued = issue(kAlice);
    const Token imported = import(kAlice, "forge-secret", {.targets = {"https://forge.example"}});
    for (const char* host : {"git.example", "forge.example"}) {
        const std::string place = std::string("protocol=https\nhost=") + host + "\n";
        const std::string reply = ask(kAlice, "op=get\n" + place + kBoth);
        const std::string told =
            ask(kAlice, "op=erase\n" + place + "state[]=" + value_of(reply, "state[]") + "\n");
        EXPECT_TRUE(told.starts_with("text=https://" + std::string(host) + " refused token '"))
            << told;
    }
    EXPECT_EQ(stored(issued.token.id)->state, TokenState::Active);
    EXPECT_EQ(stored(imported.id)->state, TokenState::Rejected);
    EXPECT_EQ(events(kAlice),
              (std::vector<std::string>{"release ok", "erase ok", "release ok", "erase ok"}));
}

TEST_F(LineVerbsTest, EraseSaysWhichTokenOfTheUsersWasRefused) {
    const support::Issued issued = issue(kAlice, {.permissions = "vcs:repository:ro"});
    const Token imported = import(kAlice, "forge-secret", {.targets = {"https://forge.example"}});
    const auto erase = [&](Uid caller, const std::string& host, const std::string& secret) {
        return ask(caller,
                   "op=erase\nprotocol=https\nhost=" + host + "\npassword=" + secret + "\n");
    };
    const std::string id = issued.token.id.text();
    const std::string child = value_of(ask(kAlice, kGetRequest), "password");
    EXPECT_EQ(erase(kAlice, "git.example", child),
              "text=https://git.example refused token '" + issued.token.description + "' (" + id +
                  ", vcs:repository:ro); if this needs more than it may do: patctl edit " + id +
                  " -p PERMISSION; to see what was chosen: patctl explain "
                  "'https://git.example'\n\n");
    EXPECT_EQ(erase(kAlice, "forge.example", "forge-secret"),
              "text=https://forge.example refused token '" + imported.description + "' (" +
                  imported.id.text() +
                  ", vcs:repository:rw); if it has expired or was revoked there, give it a new "
                  "secret: patctl "
                  "regenerate " +
                  imported.id.text() + "\n\n");
    // Nothing of another's, of an unknown secret, or of what git itself had stored.
    EXPECT_EQ(erase(kBob, "git.example", child), "\n");
    EXPECT_EQ(erase(kBob, "forge.example", "forge-secret"), "\n");
    EXPECT_EQ(erase(kAlice, "forge.example", "other"), "\n");
    const std::string stored = "protocol=https\nhost=new.example\nusername=a\npassword=p\n";
    EXPECT_EQ(ask(kAlice, "op=store\n" + stored), "\n");
    EXPECT_EQ(ask(kAlice, "op=erase\n" + stored), "\n");
    // A path may have been chosen by somebody else.
    EXPECT_NE(ask(kAlice, "op=erase\nprotocol=https\nhost=git.example\npath=a'; x\npassword=" +
                              child + "\n")
                  .find("patctl explain 'https://git.example/a%27;"),
              std::string::npos);
}

}  // namespace
}  // namespace patd
