// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// What git itself stored follows git's rules (docs/adr/0021, docs/git-answers.md): the history,
// what git sends, and the answer.
#include "daemon/line/line_verbs.h"
#include "tests/support/line_services.h"
#include "tests/support/read_store.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"

#include <chrono>
#include <regex>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;

// git 2.39 offers nothing; 2.47 and 2.55 offer both of these with every get.
const std::string kNewer = "capability[]=authtype\ncapability[]=state\n";
const std::string kHost = "protocol=https\nhost=git.example\n";
const std::string kPath = kHost + "path=team/tool.git\n";
const std::string kOtherPath = kHost + "path=team/other.git\n";
const std::string kBobName = "username=bob\n";
const std::string kEve = "username=eve\n";
const std::string kOld = "password=old\n";
const std::string kNew = "password=new\n";
const std::string kBearer = "authtype=Bearer\ncredential=opaque\n";

const std::string kGet = "op=get\n";
const std::string kStore = "op=store\n";
const std::string kErase = "op=erase\n";

struct Row {
    const char* name;
    std::vector<std::string> before;
    std::string asked;
    std::string answer;
};

const std::string kNothing = "\n";
const std::string kBobOld = "username=bob\npassword=old\n\n";
const std::string kBobNew = "username=bob\npassword=new\n\n";
const std::string kEveOld = "username=eve\npassword=old\n\n";
const std::string kStoreBob = kStore + kHost + kBobName + kOld;
const std::string kStoreEve = kStore + kHost + kEve + kOld;

const Row kRows[] = {
    // ---- get
    {"no existing data", {}, kGet + kHost, kNothing},
    {"stored", {kStoreBob}, kGet + kHost, kBobOld},
    {"stored, by name", {kStoreBob}, kGet + kHost + kBobName, kBobOld},
    {"another protocol", {kStoreBob}, kGet + "protocol=http\nhost=git.example\n", kNothing},
    {"another host", {kStoreBob}, kGet + "protocol=https\nhost=other.example\n", kNothing},
    {"another port", {kStoreBob}, kGet + "protocol=https\nhost=git.example:8443\n", kNothing},
    {"another user", {kStoreBob}, kGet + kHost + kEve, kNothing},
    {"a host's, for a path", {kStoreBob}, kGet + kPath, kBobOld},
    {"a path's, there", {kStore + kPath + kBobName + kOld}, kGet + kPath, kBobOld},
    {"a path's, elsewhere", {kStore + kPath + kBobName + kOld}, kGet + kOtherPath, kNothing},
    {"two paths with one password",
     {kStore + kPath + kBobName + kOld, kStore + kOtherPath + kBobName + kOld},
     kGet + kOtherPath,
     kBobOld},
    {"with a long challenge",
     {kStoreBob},
     kGet + "protocol=https\nhost=bad.example\nwwwauth[]=basic realm=" + std::string(1001, 'a') +
         "host=git.example\n",
     kNothing},
    // ---- several users
    {"two users, one password, the first",
     {kStoreBob, kStoreEve},
     kGet + kHost + kBobName,
     kBobOld},
    {"two users, one password, the second", {kStoreBob, kStoreEve}, kGet + kHost + kEve, kEveOld},
    // ---- store again
    {"another password", {kStoreBob, kStore + kHost + kBobName + kNew}, kGet + kHost, kBobNew},
    {"the same again", {kStoreBob, kStoreBob}, kGet + kHost, kBobOld},
    // ---- erase
    {"erased", {kStoreBob, kErase + kHost + kBobName + kOld}, kGet + kHost, kNothing},
    {"erased with another password",
     {kStoreBob, kErase + kHost + kBobName + kNew},
     kGet + kHost,
     kBobOld},
    {"erased by name",
     {kStoreBob, kStoreEve, kErase + kHost + kBobName},
     kGet + kHost + kBobName,
     kNothing},
    {"the other one stays",
     {kStoreBob, kStoreEve, kErase + kHost + kBobName},
     kGet + kHost,
     kEveOld},
    {"erased by host", {kStoreBob, kErase + kHost}, kGet + kHost, kNothing},
    {"all of a host", {kStoreBob, kStoreEve, kErase + kHost}, kGet + kHost, kNothing},
    {"a host's password, whoever's",
     {kStoreBob, kStoreEve, kErase + kHost + kOld},
     kGet + kHost,
     kNothing},
    {"of a path alone",
     {kStoreBob, kStore + kPath + kEve + kOld, kErase + kPath},
     kGet + kPath,
     kBobOld},
    {"a host's erase takes its paths",
     {kStore + kPath + kBobName + kOld, kErase + kHost},
     kGet + kPath,
     kNothing},
    {"erased, and stored again with the same",
     {kStoreBob, kErase + kHost + kBobName + kOld, kStoreBob},
     kGet + kHost,
     kBobOld},
    {"erased, and stored again with another",
     {kStoreBob, kErase + kHost + kBobName + kOld, kStore + kHost + kBobName + kNew},
     kGet + kHost,
     kBobNew},
    {"erased by host, and stored again",
     {kStoreBob, kErase + kHost, kStoreBob},
     kGet + kHost,
     kBobOld},
    {"erased twice",
     {kStoreBob, kErase + kHost + kBobName + kOld, kErase + kHost + kBobName + kOld,
      kErase + kHost},
     kGet + kHost,
     kNothing},
    {"nothing to erase", {}, kErase + kHost, kNothing},
    // ---- user names
    {"no name and no password",
     {kStore + kHost + "username=\npassword=\n"},
     kGet + kHost,
     "username=\npassword=\n\n"},
    {"no name and no password, newer git",
     {kStore + kHost + "username=\npassword=\n"},
     kGet + "capability[]=authtype\n" + kHost,
     "capability[]=authtype\nusername=\npassword=\n\n"},
    {"the empty name is erased as a name",
     {kStore + kHost + "username=\npassword=\n", kStoreBob, kErase + kHost + "username=\n"},
     kGet + kHost,
     kBobOld},
    {"a long name",
     {kStore + kHost + "username=" + std::string(1024, 'n') + "\n" + kOld},
     kGet + kHost,
     "username=" + std::string(1024, 'n') + "\npassword=old\n\n"},
    {"a token for a name",
     {kStore + kHost + "username=ghp_" + std::string(36, '7') + "\npassword=x-oauth-basic\n"},
     kGet + kHost,
     kNothing},
    // ---- expiry and refresh token
    {"an expiry",
     {kStoreBob + "password_expiry_utc=9999999999\n"},
     kGet + kHost,
     "username=bob\npassword=old\npassword_expiry_utc=9999999999\n\n"},
    {"another expiry",
     {kStoreBob + "password_expiry_utc=9999999998\n",
      kStore + kHost + kBobName + kNew + "password_expiry_utc=9999999999\n"},
     kGet + kHost,
     "username=bob\npassword=new\npassword_expiry_utc=9999999999\n\n"},
    {"the same password from a git that knows no expiry",
     {kStoreBob + "password_expiry_utc=9999999998\n", kStoreBob},
     kGet + kHost,
     "username=bob\npassword=old\npassword_expiry_utc=9999999998\n\n"},
    {"what is no expiry", {kStoreBob + "password_expiry_utc=soon\n"}, kGet + kHost, kBobOld},
    {"0 is no expiry", {kStoreBob + "password_expiry_utc=0\n"}, kGet + kHost, kBobOld},
    {"more than any time is no expiry",
     {kStoreBob + "password_expiry_utc=99999999999999999999\n"},
     kGet + kHost,
     kBobOld},
    {"expired", {kStoreBob + "password_expiry_utc=1\n"}, kGet + kHost, kNothing},
    {"expired, and stored again",
     {kStoreBob + "password_expiry_utc=1\n", kStoreBob},
     kGet + kHost,
     kBobOld},
    {"a refresh token",
     {kStoreBob + "oauth_refresh_token=next\n"},
     kGet + kHost,
     "username=bob\npassword=old\noauth_refresh_token=next\n\n"},
    {"another refresh token with the same password",
     {kStoreBob + "oauth_refresh_token=next\n", kStoreBob + "oauth_refresh_token=later\n"},
     kGet + kHost,
     "username=bob\npassword=old\noauth_refresh_token=later\n\n"},
    {"expired, with a refresh token, which the next helper takes",
     {kStoreBob + "password_expiry_utc=1\noauth_refresh_token=next\n"},
     kGet + kHost,
     "username=bob\noauth_refresh_token=next\n\n"},
    {"the same, newer git",
     {kStoreBob + "password_expiry_utc=1\noauth_refresh_token=next\n"},
     kGet + kNewer + kHost,
     "capability[]=authtype\ncapability[]=state\nusername=bob\noauth_refresh_token=next\n\n"},
    {"a refused one is not renewed",
     {kStoreBob + "password_expiry_utc=1\noauth_refresh_token=next\n", kErase + kHost + kBobName},
     kGet + kHost,
     kNothing},
    {"renewed",
     {kStoreBob + "password_expiry_utc=1\noauth_refresh_token=next\n",
      kStore + kHost + kBobName + kNew +
          "password_expiry_utc=9999999999\noauth_refresh_token=later\n"},
     kGet + kHost,
     "username=bob\npassword=new\npassword_expiry_utc=9999999999\noauth_refresh_token=later\n\n"},
    // ---- git 2.46 and later
    {"a password, newer git",
     {kStoreBob},
     kGet + kNewer + kHost,
     "capability[]=authtype\ncapability[]=state\nauthtype=Basic\ncredential=Ym9iOm9sZA==\n"
     "ephemeral=1\nstate[]=STATE\ncontinue=1\n\n"},
    {"a bearer token",
     {kStore + kHost + kBearer},
     kGet + "capability[]=authtype\n" + kHost,
     "capability[]=authtype\nauthtype=Bearer\ncredential=opaque\n\n"},
    {"a bearer token and git before 2.46", {kStore + kHost + kBearer}, kGet + kHost, kNothing},
    {"bearer tokens of two users",
     {kStore + kHost + kBearer, kStore + kHost + kBobName + "authtype=Bearer\ncredential=other\n"},
     kGet + "capability[]=authtype\n" + kHost + kBobName,
     "capability[]=authtype\nauthtype=Bearer\ncredential=other\n\n"},
    {"a bearer token of another user",
     {kStore + kHost + kBobName + kBearer},
     kGet + "capability[]=authtype\n" + kHost + kEve,
     kNothing},
    {"a bearer token, erased",
     {kStore + kHost + kBearer, kErase + kHost + kBearer},
     kGet + kNewer + kHost,
     kNothing},
    {"what is not to be kept", {kStoreBob + "ephemeral=1\n"}, kGet + kHost, kNothing},
    {"a bearer token that is not to be kept",
     {kStore + kHost + kBearer + "ephemeral=1\n"},
     kGet + kNewer + kHost,
     kNothing},
    {"another helper's credential erases nothing",
     {kStoreBob, kErase + kHost + "authtype=Basic\ncredential=eDp5\n"},
     kGet + kHost,
     kBobOld},
};

class StoredByGit : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_,
                      StepUpSockets{step_up_.path(), sockets_directory_.file("enroll.sock")});
    }
    // The reply to `request`, with our state replaced by STATE.
    std::string ask(const std::string& request) {
        const SecretBuffer text = SecretBuffer::copy_of("patd=1\n" + request);
        SecretBuffer reply(limits::kLineReplyBytes);
        std::size_t consumed = 0;
        const line::LineMessage message =
            line::LineMessage::parse(text.reveal(), true, consumed).value().value();
        bool answered = false;
        line_->verbs.handle(caller_of(kAlice), message, reply, [&] { answered = true; });
        while (!turns_.is_idle())
            turns_.run_round();
        EXPECT_TRUE(answered);
        last_ = std::string(reply.reveal().data(), reply.size());
        return std::regex_replace(last_, std::regex("state\\[\\]=[^\n]*"), "state[]=STATE");
    }
    void forget_all() {
        for (const store::ListedToken& each : list_tokens(*store_, kAlice).value())
            store_->remove(each.token.id, kAlice, clock_.now()).value();
    }

    support::TemporaryDirectory sockets_directory_;
    support::ScriptedStepUp step_up_{*loop_, sockets_directory_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    std::string last_;
};

TEST_F(StoredByGit, LivesByGitsRules) {
    for (const Row& row : kRows) {
        for (const std::string& before : row.before)
            ask(before);
        EXPECT_EQ(ask(row.asked), row.answer) << row.name;
        forget_all();
    }
}

// As in git's own store: the latest one.
TEST_F(StoredByGit, OfTwoUsersTheOneThatWasStoredLastIsGivenOut) {
    ask(kStoreBob);
    clock_.advance(std::chrono::seconds(1));
    ask(kStoreEve);
    EXPECT_EQ(ask(kGet + kHost), kEveOld);
    clock_.advance(std::chrono::seconds(1));
    ask(kStore + kHost + kBobName + kNew);
    EXPECT_EQ(ask(kGet + kHost), kBobNew);
}

TEST_F(StoredByGit, RefusedWithinOneCommandItAnswersNothing) {
    ask(kStoreBob);
    ask(kGet + kNewer + kHost);
    const std::size_t begin = last_.find("state[]=");
    const std::string state = last_.substr(begin, last_.find('\n', begin) + 1 - begin);
    EXPECT_EQ(ask(kGet + kNewer + kHost + "authtype=Basic\n" + state), kNothing);
    EXPECT_EQ(ask(kGet + kHost), kNothing);
    ask(kStoreBob);
    EXPECT_EQ(ask(kErase + kHost + state), kNothing);
    EXPECT_EQ(ask(kGet + kHost), kNothing);
}

// A repository may name a submodule at a path that no target can have, and its server refuses.
TEST_F(StoredByGit, ARefusalAtAnOddPathCostsNoTokenOfTheWholeHost) {
    import(kAlice, "mine", {.username = "alice"});
    const std::string odd = kHost + "path=~evil//x.git\n";
    ask(kGet + kNewer + odd);
    const std::size_t begin = last_.find("state[]=");
    const std::string state = last_.substr(begin, last_.find('\n', begin) + 1 - begin);
    ask(kGet + kNewer + odd + "authtype=Basic\n" + state);
    ask(kErase + odd + state);
    ask(kErase + odd + "username=alice\npassword=mine\n");
    EXPECT_EQ(ask(kGet + kHost), "username=alice\npassword=mine\n\n");
}

TEST_F(StoredByGit, ARefusalWhereATokenMayNotBeUsedIsNone) {
    const Token token =
        import(kAlice, "mine", {.targets = {"https://git.example/team"}, .username = "alice"});
    ask(kGet + kNewer + kPath);
    const std::size_t begin = last_.find("state[]=");
    const std::string state = last_.substr(begin, last_.find('\n', begin) + 1 - begin);
    for (const char* place : {"host=evil.example\n", "host=git.example\npath=other/x\n"})
        ask(kErase + "protocol=https\n" + place + state);
    EXPECT_EQ(ask(kGet + kPath), "username=alice\npassword=mine\n\n");
}

TEST_F(StoredByGit, ExpiresWhenItsTimeComes) {
    ask(kStoreBob + "password_expiry_utc=" + std::to_string(clock_.now() + 60) + "\n");
    EXPECT_NE(ask(kGet + kHost), kNothing);
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(ask(kGet + kHost), kNothing);
}

// One `git clone https://bot:SECRET@host/...` must not tie with every git command without a name.
TEST_F(StoredByGit, NeverBeatsOrTiesATokenMadeOnPurpose) {
    import(kAlice, "mine", {.username = "alice"});
    ask(kStoreBob);
    ask(kStore + kPath + kBobName + kNew);
    for (const std::string& place : {kHost, kPath}) {
        EXPECT_EQ(ask(kGet + place), "username=alice\npassword=mine\n\n");
        EXPECT_EQ(ask(kGet + place + "username=alice\n"), "username=alice\npassword=mine\n\n");
    }
    EXPECT_EQ(ask(kGet + kHost + kBobName), kBobOld);
    EXPECT_EQ(ask(kGet + kPath + kBobName), kBobNew);
    ask(kErase + kHost);
    EXPECT_EQ(ask(kGet + kHost + kBobName), kNothing);
    EXPECT_EQ(ask(kGet + kHost), "username=alice\npassword=mine\n\n");
}

TEST_F(StoredByGit, ATokenMadeOnPurposeIsRefusedByPlaceAndTheSentenceNamesIt) {
    const Token token = import(kAlice, "mine", {.username = "alice"});
    const std::string mine = "username=alice\npassword=mine\n\n";
    EXPECT_EQ(ask(kErase + kPath + "username=alice\npassword=mine\n"),
              "text=https://git.example/team/tool.git refused token 'a laptop' (" +
                  token.id.text() +
                  ", vcs:repository:rw); if it has expired or was revoked there, give it a new "
                  "secret: patctl regenerate " +
                  token.id.text() + "\n\n");
    EXPECT_EQ(ask(kGet + kPath),
              "error=Rejected\ntext=https://git.example/team/tool.git refused token " +
                  token.id.text() +
                  " 'a laptop': it has expired or was revoked there; give it its new secret with "
                  "'patctl regenerate " +
                  token.id.text() + "', or try the old one again with 'patctl edit " +
                  token.id.text() + " --reinstate'.\nquit=1\n\n");
    EXPECT_EQ(ask(kGet + kOtherPath), mine);
    EXPECT_EQ(ask(kGet + kHost), mine);
}

// git's word that the secret works there is as good as its word that it does not.
TEST_F(StoredByGit, ASuccessEndsTheRefusalOfATokenMadeOnPurposeThereAndAbove) {
    import(kAlice, "mine", {.username = "alice"});
    const std::string mine = "username=alice\npassword=mine\n";
    const auto is_refused = [&] {
        return ask(kGet + kPath).find("error=Rejected\n") != std::string::npos;
    };
    ask(kErase + kPath + mine);
    for (const std::string& elsewhere : {kHost, kOtherPath, kHost + "path=team\n"})
        ask(kStore + elsewhere + mine);
    EXPECT_TRUE(is_refused());
    ask(kStore + kHost + "path=team/tool.git/info/lfs\n" + mine);
    EXPECT_FALSE(is_refused());
    // The state of an answer says it too.
    ask(kErase + kPath + mine);
    ask(kGet + kNewer + kOtherPath);
    const std::size_t begin = last_.find("state[]=");
    const std::string state = last_.substr(begin, last_.find('\n', begin) + 1 - begin);
    EXPECT_TRUE(is_refused());
    ask(kStore + kPath + "authtype=Basic\ncredential=eDp5\nephemeral=1\n" + state);
    EXPECT_FALSE(is_refused());
}

TEST_F(StoredByGit, TheSentenceOfATieNamesBothAndSaysHowToChoose) {
    const Token one = import(kAlice, "one", {.username = "one"});
    const Token two = import(kAlice, "two", {.username = "two"});
    const std::string answer = ask(kGet + kHost);
    for (const std::string& part :
         {std::string("error=Ambiguous"), std::string("@git.example/... or git's "),
          std::string("credential.URL.username"), one.id.text() + " as one",
          two.id.text() + " as two", std::string("quit=1")})
        EXPECT_NE(answer.find(part), std::string::npos) << answer;
    // The ids are random, and so is which of the two is the example.
    EXPECT_NE(answer.find("choose one with https://one@") == std::string::npos,
              answer.find("choose one with https://two@") == std::string::npos)
        << answer;
    EXPECT_EQ(ask(kGet + kHost + "username=two\n"), "username=two\npassword=two\n\n");
}

TEST_F(StoredByGit, ATokenInThePlaceOfAUserNameIsShownNowhere) {
    const std::string token = "glpat-" + std::string(20, '7');
    const std::string answer = ask(kStore + kHost + "username=" + token + "\npassword=x\n");
    EXPECT_NE(answer.find("error=TokenAsUsername\n"), std::string::npos);
    EXPECT_EQ(answer.find(token), std::string::npos);
    // Another helper may know what to do with it.
    const std::string url = "url=https://" + token + "@git.example/\n";
    const std::string escaped = "url=https://glpat%2D" + token.substr(6) + "@git.example/\n";
    for (const std::string& name : {"username=" + token + "\n", url, escaped}) {
        EXPECT_EQ(ask(kGet + kHost + name), kNothing);
        EXPECT_EQ(ask(kErase + kHost + name + "password=x\n"), kNothing);
    }
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_TRUE(events(kAlice).empty());
}

}  // namespace
}  // namespace patd
