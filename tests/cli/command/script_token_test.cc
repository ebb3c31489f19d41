// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/script_token.h"

#include "tests/cli/script_fixture.h"
#include "tests/support/as_uid.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

// `patctl get` with more arguments.
Ran get(const ScriptedRelease& release, Texts arguments, client::Script script = {}) {
    arguments.insert(arguments.begin(), "get");
    Patctl patctl(std::move(script));
    patctl.line_socket = release.path();
    return patctl.run(arguments);
}

client::Dictionary token(const Texts& permissions, const Texts& targets) {
    client::Dictionary token = some_token();
    token.set("permissions", permissions);
    token.set("targets", targets);
    return token;
}

TEST(ScriptToken, AsksForExactlyWhatWasTyped) {
    const ScriptedRelease release;
    EXPECT_EQ(get(release, {"-t", "https://git.example"}).code, ExitCode::Success);
    EXPECT_EQ(get(release,
                  {"-t", "https://git.example:8443/team/tool.git", "-p",
                   "vcs:repository:ro,vcs:issue:rw", "-p", "vcs:wiki", "-u", "bob", "--ttl", "5m"})
                  .code,
              ExitCode::Success);
    EXPECT_EQ(get(release, {"-t", "HTTPS://eve@Git.Example:443/My%20Team/"}).code,
              ExitCode::Success);
    EXPECT_EQ(release.requests(),
              (Texts{"patd=1\nop=get\nprotocol=https\nhost=git.example\n\n",
                     "patd=1\nop=get\nprotocol=https\nhost=git.example:8443\n"
                     "path=team/tool.git\nusername=bob\n"
                     "permission=vcs:issue:rw,vcs:repository:ro,vcs:wiki\nttl=300\n\n",
                     "patd=1\nop=get\nprotocol=https\nhost=git.example\npath=My Team\n"
                     "username=eve\n\n"}));
}

TEST(ScriptToken, AsksForTheSamePlaceBehindTheGateway) {
    const ScriptedRelease release;
    client::Script script;
    script.status.set("gateway", "http://127.0.0.1:9200");
    EXPECT_EQ(get(release,
                  {"--through-gateway", "-t", "https://forge.example:8443/My%20Team", "-p",
                   "vcs:repository:ro"},
                  script)
                  .code,
              ExitCode::Success);
    EXPECT_EQ(get(release, {"--through-gateway", "-t", "https://forge.example"}, script).code,
              ExitCode::Success);
    EXPECT_EQ(release.requests(), (Texts{"patd=1\nop=get\nprotocol=http\nhost=127.0.0.1:9200\n"
                                         "path=forge.example:8443/My Team\n"
                                         "permission=vcs:repository:ro\n\n",
                                         "patd=1\nop=get\nprotocol=http\nhost=127.0.0.1:9200\n"
                                         "path=forge.example\n\n"}));
    const Ran none = get(release, {"--through-gateway", "-t", "https://forge.example"});
    EXPECT_EQ(none.code, ExitCode::Usage);
    EXPECT_NE(none.err.find("GatewayOrigin="), std::string::npos) << none.err;
    EXPECT_EQ(get(release, {"--through-gateway", "-t", "http://localhost"}, script).code,
              ExitCode::Usage);
    EXPECT_EQ(release.requests().size(), 2U);
}

TEST(ScriptToken, AsksNobodyForWhatCannotBe) {
    const ScriptedRelease release;
    for (const Texts& arguments : {Texts{"-t", "git.example"},
                                   {"-t", "https://git.example?q"},
                                   {"-t", "https://u:p@git.example"},
                                   {"-t", "https://u@git.example", "-u", "v"},
                                   {"-t", "https://a", "-p", "no:no:no"},
                                   {"-t", "https://a", "-u", ""},
                                   {"-t", "https://a", "--ttl", "5x"},
                                   {"-t", "https://a", "--ttl", "-5m"}})
        EXPECT_EQ(get(release, arguments).code, ExitCode::Usage) << arguments.back();
    EXPECT_TRUE(release.requests().empty());
}

TEST(ScriptToken, NamesALifetimeThatNoMachineAllowsAndAsksNobodyForIt) {
    const ScriptedRelease release;
    EXPECT_EQ(get(release, {"-t", "https://a", "--ttl", "2h"}).err,
              "patctl: --ttl 2h: at most 1h\n");
    EXPECT_EQ(get(release, {"-t", "https://a", "--ttl", "5x"}).err,
              "patctl: --ttl 5x: the units are s, m, h, d, w and y, as in 5d\n");
    EXPECT_TRUE(release.requests().empty());
    EXPECT_EQ(get(release, {"-t", "https://a", "--ttl", "3600"}).code, ExitCode::Success);
}

TEST(ScriptToken, WithoutAUrlTakesTheOneTargetOfTheOnlyTokenThatFits) {
    const ScriptedRelease release;
    client::Dictionary expired = token({"vcs"}, {"https://old.example"});
    expired.set("expires", kNow);
    client::Dictionary rejected = token({"vcs"}, {"https://rejected.example"});
    rejected.set("state", "rejected");
    const client::Script script{
        .tokens = {expired, rejected, token({"vcs:issue"}, {"https://issue.example"}),
                   token({"vcs:repository:rw"}, {"https://git.example/team"}),
                   token({}, {"https://forge.example"})}};
    EXPECT_EQ(get(release, {"-p", "vcs:repository:ro"}, script).code, ExitCode::Success);
    EXPECT_EQ(release.requests(), Texts{"patd=1\nop=get\nprotocol=https\nhost=git.example\n"
                                        "path=team\npermission=vcs:repository:ro\n\n"});
    // Three fit where nothing is asked for.
    const Ran tied = get(release, {}, script);
    EXPECT_EQ(tied.code, ExitCode::Usage);
    EXPECT_NE(tied.err.find("-t"), std::string::npos);
    EXPECT_EQ(get(release, {"-p", "vcs:wiki:ro"}, script).code, ExitCode::NotFound);
    EXPECT_EQ(get(release, {}).code, ExitCode::NotFound);
    for (const Texts& targets : {Texts{}, Texts{"https://a.example", "https://b.example"}})
        EXPECT_EQ(get(release, {}, {.tokens = {token({"vcs"}, targets)}}).code, ExitCode::Usage);
    EXPECT_EQ(release.requests().size(), 1U);
}

TEST(ScriptToken, NamesTheTokensOfWhichOneIsToBeChosen) {
    const ScriptedRelease release;
    const auto refusal = [&](const std::vector<client::Dictionary>& tokens) {
        return get(release, {}, {.tokens = tokens}).err;
    };
    const client::Dictionary one = token({"vcs"}, {"https://a.example"});
    EXPECT_EQ(refusal({one, one}),
              "patctl: 'laptop' (AbCdE01234), 'laptop' (AbCdE01234) can do this; say where with -t "
              "URL\n");
    EXPECT_EQ(refusal({token({"vcs"}, {})}),
              "patctl: 'laptop' (AbCdE01234) has no target, so it cannot be released; run 'patctl "
              "edit AbCdE01234 -t URL'\n");
    EXPECT_EQ(
        refusal({token({"vcs"}, {"https://a.example", "https://b.example"})}),
        "patctl: 'laptop' (AbCdE01234) is for https://a.example, https://b.example; say which "
        "with -t URL\n");
}

TEST(ScriptToken, PassesOnWhatPatdSaysOfTheToken) {
    const ScriptedRelease release(
        "error=ConfirmRequired\ntext=The token 7cPKz6CXY1 'deploy' waits for you to open it: "
        "patctl "
        "unlock 7cPKz6CXY1\nquit=1\n\n");
    EXPECT_EQ(get(release, {"-t", "https://git.example"}).err,
              "patctl: The token 7cPKz6CXY1 'deploy' waits for you to open it: patctl unlock "
              "7cPKz6CXY1\n");
    EXPECT_EQ(
        get(release, {"-t", "https://git.example", "--json"}).err,
        "{\"error\":\"ConfirmRequired\",\"message\":\"The token 7cPKz6CXY1 'deploy' waits for "
        "you to open it: patctl unlock 7cPKz6CXY1\"}\n");
    EXPECT_EQ(get(ScriptedRelease("\n"), {"-t", "https://git.example"}).err,
              "patctl: none of your tokens is for https://git.example; see: patctl explain "
              "'https://git.example'\n");
}

TEST(ScriptToken, SaysWhatNoTokenCanDoAndNamesAMistypedPermission) {
    const ScriptedRelease none("\n");
    const Texts wanted{"-p", "vcs:merge:rw", "-t", "https://git.example", "-u", "bob"};
    const auto catalogue = [](const char* object) {
        return client::Script{.permissions = {dictionary({{"area", "vcs"},
                                                          {"object", object},
                                                          {"description", "Things"},
                                                          {"access", Texts{"ro", "rw"}}})}};
    };
    const Ran ran = get(none, wanted, catalogue("merge"));
    EXPECT_EQ(ran.code, ExitCode::NotFound);
    EXPECT_EQ(ran.err,
              "patctl: none of your tokens can do vcs:merge:rw at https://git.example as bob; see: "
              "patctl explain 'https://git.example' -p vcs:merge:rw -u 'bob'\n");
    const Ran mistyped = get(none, wanted, catalogue("merges"));
    EXPECT_EQ(mistyped.err,
              "patctl: vcs:merge:rw: there is no object 'merge' in vcs; did you mean "
              "vcs:merges:rw?\n");
    EXPECT_EQ(get(none, {"-p", "vcs:merge:rw"}, catalogue("merges")).err, mistyped.err);
}

TEST(ScriptToken, SaysWhyThereIsNone) {
    for (const auto& [reply, code] :
         {std::pair("\n", ExitCode::NotFound),
          std::pair("error=Locked\ntext=t\nquit=1\n\n", ExitCode::Refused),
          std::pair("error=Expired\ntext=t\n\n", ExitCode::Refused),
          std::pair("error=Ambiguous\ntext=t\n\n", ExitCode::Failure),
          std::pair("error=FromTheFuture\ntext=t\n\n", ExitCode::Failure),
          std::pair("password\n\n", ExitCode::Usage), std::pair("", ExitCode::Unreachable)}) {
        const Ran ran = get(ScriptedRelease(reply), {"-t", "https://git.example"});
        EXPECT_EQ(ran.code, code) << reply;
        EXPECT_EQ(ran.out, "");
        EXPECT_NE(ran.err, "");
    }
    Patctl alone;
    EXPECT_EQ(alone.run({"get", "-t", "https://git.example"}).code, ExitCode::Unreachable);
}

// Who may write into the directory of the socket, but is neither root nor its owner, gets nothing.
TEST(ScriptToken, AsksNobodyButPatd) {
    const ScriptedRelease release;
    const std::string directory = release.path().substr(0, release.path().rfind('/'));
    ASSERT_EQ(chown(directory.c_str(), 1, 1), 0);
    EXPECT_EQ(get(release, {"-t", "https://git.example"}).code, ExitCode::Success);
    const support::TemporaryDirectory own;
    const std::string path = own.file("socket");
    UniqueFd listener;
    {
        ASSERT_EQ(chmod(own.path().c_str(), 0777), 0);
        const support::AsUid other(Uid(4000));
        listener = support::ScriptedLineServer::listen_at(path);
    }
    Patctl patctl;
    patctl.line_socket = path;
    EXPECT_EQ(patctl.run({"get", "-t", "https://git.example"}).code, ExitCode::Unreachable);
}

}  // namespace
}  // namespace patd::cli
