// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// docs/git-answers.md, row by row: the real helper and the real daemon's line socket, spoken to as
// git 2.39 does (it is Debian's and runs here) and as git 2.46 and later do, byte for byte.
#include "daemon/line/line_server.h"
#include "daemon/line/line_verbs.h"
#include "tests/support/line_services.h"
#include "tests/support/process.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <regex>

namespace patd {
namespace {

using support::ProcessOptions;
using support::ProcessResult;
using support::text_of;

constexpr Uid kMe{0};  // who runs the tests
constexpr char kPlace[] = "protocol=https\nhost=git.example\n";
constexpr char kNewer[] = "capability[]=authtype\ncapability[]=state\n";
// What git adds, beside the state, when it asks again after a 401; git-lfs does not.
constexpr char kRefused[] = "authtype=Basic\nephemeral=1\n";

class GitAnswers : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_, StepUpSockets{step_up_.path(), home_.file("enroll.sock")});
        server_ = LineServer::create({*loop_, line_->verbs, clock_, turns_},
                                     listen_at(home_.file("socket")).value())
                      .value();
    }
    void TearDown() override { server_.reset(); }

    // Runs a program beside the socket while the daemon serves.
    ProcessResult run(const std::vector<std::string>& arguments, const std::string& input) {
        ProcessOptions options;
        options.arguments = arguments;
        options.environment = {"PATH=/usr/bin:/bin",
                               "HOME=" + home_.path().string(),
                               "GIT_CONFIG_NOSYSTEM=1",
                               "GIT_CEILING_DIRECTORIES=/",
                               "GIT_ASKPASS=",
                               "GIT_TERMINAL_PROMPT=0",
                               "XDG_CACHE_HOME=" + home_.file("cache")};
        options.directory = home_.path();
        options.input = input;
        auto process =
            std::async(std::launch::async, [&] { return support::run_process(options); });
        const auto ended = [&] {
            return process.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        };
        EXPECT_TRUE(support::turn_until(*loop_, ended));
        return process.get();
    }
    std::string helper(const std::string& verb, const std::string& input,
                       const std::vector<std::string>& options = {}) {
        std::vector<std::string> arguments = {PATD_TEST_HELPER};
        arguments.insert(arguments.end(), options.begin(), options.end());
        arguments.push_back(verb);
        const ProcessResult result = run(arguments, input);
        errors_ = result.errors;
        EXPECT_EQ(result.status, 0) << result.errors;
        return result.output;
    }
    void write_git_config(const std::string& credential) const {
        std::ofstream(home_.file(".gitconfig")) << "[credential]\n" << credential;
    }
    static std::string value_of(const std::string& answer, const std::string& key) {
        const std::size_t begin = ("\n" + answer).find("\n" + key + "=");
        if (begin == std::string::npos)
            return "(none)";
        const std::size_t from = begin + key.size() + 1;
        return answer.substr(from, answer.find('\n', from) - from);
    }
    // What is in the middle of an authtype answer: a child, which must verify.
    bool is_live(const std::string& answer) {
        const std::string decoded =
            run({"/usr/bin/base64", "-d"}, value_of(answer, "credential")).output;
        const TokenSecret child = support::secret_of(decoded.substr(decoded.find(':') + 1));
        const auto verification =
            line_->verifier.verify(support::caller_of(Uid(33)), child.reveal(), {});
        return verification.value().valid.has_value();
    }
    std::string read(const std::string& name) const {
        std::ifstream file(home_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    support::TemporaryDirectory home_;
    support::ScriptedStepUp step_up_{*loop_, home_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    std::unique_ptr<LineServer> server_;
    std::string errors_;
};

// Row C16.
TEST_F(GitAnswers, CapabilitySaysWhatIsUnderstood) {
    EXPECT_EQ(helper("capability", ""), "version 0\ncapability authtype\ncapability state\n");
}

TEST_F(GitAnswers, OlderGitGetsAPlainAnswer) {
    import(kMe, "not-a-real-secret", {.username = "alice"});
    EXPECT_EQ(helper("get", kPlace), "username=alice\npassword=not-a-real-secret\n\n");
}

TEST_F(GitAnswers, GitThatUnderstandsAuthtypeOnlyGetsNoState) {
    import(kMe, "not-a-real-secret", {.username = "alice"});
    EXPECT_EQ(helper("get", std::string("capability[]=authtype\n") + kPlace),
              "capability[]=authtype\nauthtype=Basic\n"
              "credential=YWxpY2U6bm90LWEtcmVhbC1zZWNyZXQ=\nephemeral=1\n\n");
}

TEST_F(GitAnswers, GitThatUnderstandsStateOnlyGetsAPlainAnswerAndASecondChance) {
    import(kMe, "not-a-real-secret", {.username = "alice"});
    const std::string answer = helper("get", std::string("capability[]=state\n") + kPlace);
    EXPECT_EQ(answer, "capability[]=state\nusername=alice\npassword=not-a-real-secret\nstate[]=" +
                          value_of(answer, "state[]") + "\ncontinue=1\n\n");
}

// Row C8.
TEST_F(GitAnswers, NewerGitGetsACredentialThatNobodyKeeps) {
    const support::Issued issued = issue(kMe, {.permissions = "vcs"});
    const std::string answer = helper("get", std::string(kNewer) + kPlace,
                                      {"--permission", "vcs:repository:ro", "--ttl", "5m"});
    const std::string expires = std::to_string(support::FakeClock::kStart + 300);
    EXPECT_EQ(answer, std::string(kNewer) +
                          "authtype=Basic\ncredential=" + value_of(answer, "credential") +
                          "\nephemeral=1\npassword_expiry_utc=" + expires + "\nstate[]=pat:c:" +
                          issued.token.id.text() + ":1:" + expires + "\ncontinue=1\n\n");
    EXPECT_TRUE(is_live(answer));
}

// Where a repository lies as files, git 2.46 and later fetch the objects with the password alone.
TEST_F(GitAnswers, NewerGitThatTellsNoOtherHelperGetsThePasswordToo) {
    import(kMe, "not-a-real-secret", {.username = "alice"});
    write_git_config("helper = store\nhelper =\nhelper = /usr/bin/git-credential-pat\n");
    const std::string answer = helper("get", std::string(kNewer) + kPlace);
    EXPECT_EQ(answer, std::string(kNewer) +
                          "authtype=Basic\ncredential=YWxpY2U6bm90LWEtcmVhbC1zZWNyZXQ=\n"
                          "ephemeral=1\nusername=alice\npassword=not-a-real-secret\nstate[]=" +
                          value_of(answer, "state[]") + "\ncontinue=1\n\n");
    write_git_config("helper =\nhelper = /usr/bin/git-credential-pat\nhelper = cache\n");
    EXPECT_EQ(value_of(helper("get", std::string(kNewer) + kPlace), "password"), "(none)");
}

TEST_F(GitAnswers, BothFormsOfAnAnswerComeBackAsOne) {
    const Token token = import(kMe, "not-a-real-secret", {.username = "alice"});
    write_git_config("helper = pat\n");
    const std::string answer = helper("get", std::string(kNewer) + kPlace);
    const std::string back =
        std::string(kNewer) + kPlace + kRefused + "credential=" + value_of(answer, "credential") +
        "\nusername=alice\npassword=not-a-real-secret\nstate[]=" + value_of(answer, "state[]") +
        "\n";
    EXPECT_EQ(helper("store", back), "");
    EXPECT_EQ(store_->count(kMe).value(), 1U);
    EXPECT_EQ(helper("erase", back), "");
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

TEST_F(GitAnswers, ABearerTargetGetsABearerToken) {
    import(kMe, "elsewhere",
           {.targets = {"bearer+https://git.example/api", "https://git.example/else"},
            .username = "alice"});
    const std::string in_api = "protocol=https\nhost=git.example\npath=api/v4\n";
    const std::string answer = helper("get", std::string(kNewer) + in_api);
    EXPECT_EQ(answer, std::string(kNewer) +
                          "authtype=Bearer\ncredential=elsewhere\nephemeral=1\nstate[]=" +
                          value_of(answer, "state[]") + "\ncontinue=1\n\n");
    EXPECT_EQ(helper("get", in_api), "username=alice\npassword=elsewhere\n\n");
    const std::string beside =
        helper("get", std::string(kNewer) + "protocol=https\nhost=git.example\npath=else\n");
    EXPECT_EQ(value_of(beside, "authtype"), "Basic");
}

TEST_F(GitAnswers, ABearerChildIsGoodWhereItsTargetIs) {
    issue(kMe, {.targets = {"bearer+https://git.example"}});
    const std::string answer = helper("get", std::string(kNewer) + kPlace);
    EXPECT_EQ(value_of(answer, "authtype"), "Bearer");
    const TokenSecret child = support::secret_of(value_of(answer, "credential"));
    VerifyRequest wanted;
    wanted.audience = Origin::parse("https://git.example").value();
    EXPECT_TRUE(
        line_->verifier.verify(support::caller_of(Uid(33)), child.reveal(), wanted).value().valid);
}

TEST_F(GitAnswers, SecondChanceAfterARegenerateIsAFreshAndLastAnswer) {
    const support::Issued issued = issue(kMe);
    const std::string first = helper("get", std::string(kNewer) + kPlace);
    edit(issued.token, [](Token& token) -> Result<void> {
        ++token.generation;
        return {};
    });
    EXPECT_FALSE(is_live(first));
    const std::string second =
        helper("get", std::string(kNewer) + kRefused + "state[]=" + value_of(first, "state[]") +
                          "\n" + kPlace);
    EXPECT_TRUE(is_live(second));
    EXPECT_EQ(value_of(second, "continue"), "(none)");
}

// As git 2.47.3 and 2.55.0 ask: with the name of an answer that had one, and without its secrets.
TEST_F(GitAnswers, SecondChanceOfBothFormsIsAskedForWithTheName) {
    write_git_config("helper = pat\n");
    const support::Issued issued = issue(kMe);
    const std::string first = helper("get", std::string(kNewer) + kPlace);
    ASSERT_NE(value_of(first, "password"), "(none)");
    const std::string again =
        std::string(kNewer) + kRefused + kPlace + "username=" + value_of(first, "username") +
        "\npassword_expiry_utc=" + value_of(first, "password_expiry_utc") +
        "\nwwwauth[]=Basic realm=git\nstate[]=" + value_of(first, "state[]") + "\n";
    EXPECT_EQ(helper("get", again), "quit=1\n");
    edit(issued.token, [](Token& token) -> Result<void> {
        ++token.generation;
        return {};
    });
    const std::string second = helper("get", again);
    EXPECT_TRUE(is_live(second));
    EXPECT_NE(value_of(second, "password"), "(none)");
    EXPECT_EQ(value_of(second, "continue"), "(none)");
}

TEST_F(GitAnswers, SecondChanceAfterAnExpiryIsAFreshAndLastAnswer) {
    issue(kMe);
    const std::string first = helper("get", std::string(kNewer) + kPlace, {"--ttl", "5s"});
    clock_.advance(std::chrono::seconds(5));
    EXPECT_FALSE(is_live(first));
    const std::string second = helper(
        "get",
        std::string(kNewer) + kRefused + "state[]=" + value_of(first, "state[]") + "\n" + kPlace,
        {"--ttl", "5s"});
    EXPECT_TRUE(is_live(second));
    EXPECT_EQ(value_of(second, "continue"), "(none)");
}

TEST_F(GitAnswers, SecondChanceForAChildThatIsAliveIsARefusal) {
    issue(kMe);
    const std::string first = helper("get", std::string(kNewer) + kPlace);
    const std::string again =
        std::string(kNewer) + kRefused + "state[]=" + value_of(first, "state[]") + "\n" + kPlace;
    EXPECT_EQ(helper("get", again), "quit=1\n");
    EXPECT_NE(errors_.find("https://git.example refused the valid token "), std::string::npos)
        << errors_;
}

// git 2.55 has no try left then, after two without a credential: it would neither come back nor say
// `erase`, and a refused secret would be tried for ever.
TEST_F(GitAnswers, TheFirstAnswerIsTheLastWhereNegotiateIsOffered) {
    import(kMe, "not-a-real-secret", {.username = "alice"});
    const std::string newer = std::string(kNewer) + kPlace;
    for (const std::string challenges : {"wwwauth[]=Negotiate\nwwwauth[]=Basic realm=git\n",
                                         "wwwauth[]=Basic realm=git, NEGOTIATE\n",
                                         "wwwauth[]=Basic realm=git\nwwwauth[]=negotiate\n"}) {
        const std::string answer = helper("get", newer + challenges);
        EXPECT_NE(value_of(answer, "state[]"), "(none)") << challenges;
        EXPECT_EQ(value_of(answer, "continue"), "(none)") << challenges;
    }
    const std::string answer = helper("get", newer + "wwwauth[]=Basic realm=git\n");
    EXPECT_EQ(value_of(answer, "continue"), "1");
    helper("erase", newer + kRefused + "credential=" + value_of(answer, "credential") +
                        "\nstate[]=" + value_of(answer, "state[]") + "\n");
    EXPECT_EQ(helper("get", newer), "quit=1\n");
}

TEST_F(GitAnswers, SecondChanceForAnImportedSecretRejectsIt) {
    const Token token = import(kMe, "not-a-real-secret");
    const std::string first = helper("get", std::string(kNewer) + kPlace);
    const std::string again =
        std::string(kNewer) + kRefused + "state[]=" + value_of(first, "state[]") + "\n" + kPlace;
    EXPECT_EQ(helper("get", again), "quit=1\n");
    EXPECT_EQ(stored(token.id)->state, TokenState::Rejected);
}

// git-lfs 3.6 asks again with the state when the server has no lock API (404): nothing was refused.
TEST_F(GitAnswers, TheStateAloneGetsTheImportedSecretAgain) {
    const Token token = import(kMe, "not-a-real-secret");
    const std::string imported = helper("get", std::string(kNewer) + kPlace);
    const std::string again = helper(
        "get", std::string(kNewer) + "state[]=" + value_of(imported, "state[]") + "\n" + kPlace);
    EXPECT_EQ(value_of(again, "credential"), value_of(imported, "credential"));
    EXPECT_EQ(value_of(again, "continue"), "(none)");
    EXPECT_EQ(stored(token.id)->state, TokenState::Active);
}

TEST_F(GitAnswers, TheStateAloneGetsAFreshChild) {
    issue(kMe);
    const std::string child = helper("get", std::string(kNewer) + kPlace);
    const std::string fresh = helper(
        "get", std::string(kNewer) + "state[]=" + value_of(child, "state[]") + "\n" + kPlace);
    EXPECT_TRUE(is_live(fresh));
    EXPECT_EQ(value_of(fresh, "continue"), "(none)");
}

// When the server did refuse it, git-lfs says `erase` and asks again for ever, also of other
// helpers: it must be told once that there is nothing else.
TEST_F(GitAnswers, TheStateAloneIsARefusalAfterItsErase) {
    issue(kMe);
    const std::string state = value_of(helper("get", std::string(kNewer) + kPlace), "state[]");
    const std::string named = std::string(kNewer) + "state[]=" + state + "\n" + kPlace;
    EXPECT_EQ(helper("erase", kRefused + named), "");
    EXPECT_EQ(helper("get", named), "quit=1\n");
    EXPECT_NE(errors_.find("https://git.example refused the valid token "), std::string::npos)
        << errors_;
    EXPECT_TRUE(is_live(helper("get", std::string(kNewer) + kPlace))) << "another command";
}

TEST_F(GitAnswers, SuccessAndFailureComeBackWithTheStateAlone) {
    issue(kMe);
    const std::string answer = helper("get", std::string(kNewer) + kPlace);
    const std::string again = "authtype=Basic\ncredential=" + value_of(answer, "credential") +
                              "\nephemeral=1\n" + kPlace +
                              "state[]=" + value_of(answer, "state[]") + "\n";
    EXPECT_EQ(helper("store", kNewer + again), "");
    EXPECT_EQ(errors_, "");
    EXPECT_EQ(helper("erase", kNewer + again), "");
    EXPECT_TRUE(errors_.starts_with("git-credential-pat: https://git.example refused token '"))
        << errors_;
    EXPECT_EQ(events(kMe), (std::vector<std::string>{"release ok", "store ok", "erase ok"}));
    EXPECT_EQ(store_->count(kMe).value(), 1U);
}

TEST_F(GitAnswers, RefusalsLookTheSameToEveryGit) {
    issue(kMe);
    store_->set_locked(kMe, true).value();
    for (const std::string& abilities : {std::string(), std::string(kNewer)}) {
        EXPECT_EQ(helper("get", abilities + kPlace), "quit=1\n");
        EXPECT_EQ(errors_, "git-credential-pat: Your tokens are locked; run 'patctl unlock'.\n");
    }
}

// The real git of this machine, which sends a URL's parts as it pleases: what explain calls one
// place is one to the helper.
TEST_F(GitAnswers, RealGitGetsTheTokenInEverySpellingOfItsPlace) {
    import(kMe, "for-the-host", {.username = "host"});
    import(kMe, "for-the-path",
           {.targets = {"https://git.example/My%20Team/tool"}, .username = "path"});
    struct {
        const char* url;
        const char* password;  // nullptr: none, and no word of it
    } const rows[] = {
        {"https://git.example/My%20Team/tool", "for-the-path"},
        {"https://Git.Example:443/My%20Team/tool.git/", "for-the-path"},
        {"https://path@git.example/M%79%20Team/tool.git/info/lfs", "for-the-path"},
        {"https://git.example/My Team/tool/x", "for-the-path"},
        {"https://git.example/My%20Team/tool-x", "for-the-host"},
        {"https://git.example/My%2520Team/tool", "for-the-host"},
        {"https://git.example/My%20Team/tool/../x", "for-the-host"},
        {"https://git.example/a*b?c#d\\e/%ff/%00//x", "for-the-host"},
        {"https://git.example/My%20Team/tool/%2e%2e/x", "for-the-host"},
        {"https://host@GIT.EXAMPLE", "for-the-host"},
        {"https://other@git.example", nullptr},
        {"https://git.example:8443", nullptr},
        {"cert:///home/alice/key.pem", nullptr},
        {"ftp://git.example/x", nullptr},
        {"smtp://git.example:465", nullptr},
    };
    for (const auto& row : rows) {
        const ProcessResult filled = run({"/usr/bin/git", "-c", "credential.helper=", "-c",
                                          "credential.helper=" PATD_TEST_HELPER, "-c",
                                          "credential.useHttpPath=true", "credential", "fill"},
                                         "url=" + std::string(row.url) + "\n");
        EXPECT_EQ(value_of(filled.output, "password"),
                  row.password == nullptr ? "(none)" : row.password)
            << row.url << " " << filled.errors;
        EXPECT_EQ(filled.errors.find("git-credential-pat:"), std::string::npos) << filled.errors;
    }
    // Asked without git, as git's own helpers may be.
    EXPECT_EQ(helper("get", "url=https://path@git.example/My%20Team/tool.git\n\n"),
              "username=path\npassword=for-the-path\n\n");
    EXPECT_EQ(errors_, "");
}

// The real git of this machine: what it stored, it gets; what it rejects, it is asked for anew.
TEST_F(GitAnswers, RealGitGetsWhatItStoredAndForgetsWhatItRejects) {
    const auto git = [&](const char* verb, const std::string& input) {
        return run({"/usr/bin/git", "-c", "credential.helper=", "-c",
                    "credential.helper=" PATD_TEST_HELPER, "credential", verb},
                   input);
    };
    const std::string bob = std::string(kPlace) + "username=bob\npassword=old\n";
    const std::string eve = std::string(kPlace) + "username=eve\npassword=old\n";
    for (const std::string& stored : {bob, eve})
        EXPECT_EQ(git("approve", stored).status, 0);
    EXPECT_EQ(git("fill", std::string(kPlace) + "username=bob\n").output, bob);
    EXPECT_EQ(git("fill", std::string(kPlace) + "username=eve\n").output, eve);
    EXPECT_EQ(git("reject", bob).status, 0);
    EXPECT_EQ(git("fill", kPlace).output, eve);
    EXPECT_EQ(git("reject", kPlace).status, 0);
    // It would ask now; nobody is there to answer.
    const ProcessResult asks = git("fill", kPlace);
    EXPECT_NE(asks.errors.find("could not read Username"), std::string::npos) << asks.errors;
    EXPECT_EQ(asks.errors.find("git-credential-pat"), std::string::npos) << asks.errors;
    EXPECT_EQ(git("approve", bob).status, 0);
    EXPECT_EQ(git("fill", kPlace).output, bob);
    // As git-credential-oauth stands behind a helper that stores.
    EXPECT_EQ(helper("store", bob + "password_expiry_utc=1\noauth_refresh_token=next\n"), "");
    EXPECT_EQ(helper("get", kPlace), "username=bob\noauth_refresh_token=next\n\n");
}

// Row C9: the token is still there, and its owner sees it.
TEST_F(GitAnswers, RealGitShowsWhichTokenWasRefused) {
    const support::Issued issued = issue(kMe);
    const std::vector<std::string> git = {
        "/usr/bin/git", "-c", "credential.helper=", "-c", "credential.helper=" PATD_TEST_HELPER,
        "credential"};
    std::vector<std::string> fill = git;
    fill.emplace_back("fill");
    std::vector<std::string> reject = git;
    reject.emplace_back("reject");
    const ProcessResult filled = run(fill, kPlace);
    const ProcessResult refused = run(reject, filled.output);
    EXPECT_EQ(refused.status, 0);
    EXPECT_EQ(refused.output, "");
    EXPECT_TRUE(
        refused.errors.starts_with("git-credential-pat: https://git.example refused token '" +
                                   issued.token.description + "' (" + issued.token.id.text()))
        << refused.errors;
}

// The real git of this machine with the chain store, pat, cache. It knows no `ephemeral`, so that
// store keeps what works: a child, which is dead in minutes, and doctor warns.
TEST_F(GitAnswers, RealGitWithAChainKeepsAChildAtMost) {
    const support::Issued issued = issue(kMe);
    const std::string kept = home_.file("kept");
    const std::vector<std::string> git = {"/usr/bin/git",
                                          "-c",
                                          "credential.helper=",
                                          "-c",
                                          "credential.helper=store --file=" + kept,
                                          "-c",
                                          "credential.helper=" PATD_TEST_HELPER,
                                          "-c",
                                          "credential.helper=cache",
                                          "credential"};
    const auto with = [&](const char* verb) {
        std::vector<std::string> arguments = git;
        arguments.push_back(verb);
        return arguments;
    };
    const ProcessResult filled = run(with("fill"), kPlace);
    ASSERT_EQ(filled.status, 0) << filled.errors;
    // git 2.40 and later repeat the expiry.
    EXPECT_EQ(std::regex_replace(filled.output, std::regex("password_expiry_utc=\\d+\n"), ""),
              std::string(kPlace) +
                  "username=root\npassword=" + value_of(filled.output, "password") + "\n");
    EXPECT_EQ(token_shape(value_of(filled.output, "password")), TokenShape::Child);
    EXPECT_EQ(run(with("approve"), filled.output).status, 0);
    EXPECT_EQ(read("kept").find(text_of(issued.secret)), std::string::npos);
    EXPECT_EQ(events(kMe).back(), "store ok");
    EXPECT_EQ(run({"/usr/bin/git", "credential-cache", "exit"}, "").status, 0);
}

// Row C8.
// What git 2.46 and later tell every helper of the chain after a success. Neither store nor cache
// finds anything in it to keep.
TEST_F(GitAnswers, OtherHelpersOfAChainKeepNothingOfWhatNewerGitPassesOn) {
    issue(kMe);
    const std::string kept = home_.file("kept");
    const std::vector<std::string> store = {"/usr/bin/git", "credential-store", "--file=" + kept};
    const std::vector<std::string> cache = {"/usr/bin/git", "credential-cache"};
    const auto with = [](std::vector<std::string> arguments, const char* verb) {
        arguments.push_back(verb);
        return arguments;
    };
    const std::string request = std::string(kNewer) + kPlace;
    EXPECT_EQ(run(with(store, "get"), request).output, "");
    const std::string answer = helper("get", request);
    const std::string credential = value_of(answer, "credential");
    const std::string passed_on = std::string(kNewer) + "authtype=Basic\ncredential=" + credential +
                                  "\nephemeral=1\n" + kPlace +
                                  "password_expiry_utc=" + value_of(answer, "password_expiry_utc") +
                                  "\nstate[]=" + value_of(answer, "state[]") + "\n";
    for (const auto& other : {store, cache})
        EXPECT_EQ(run(with(other, "store"), passed_on).status, 0);
    EXPECT_EQ(helper("store", passed_on), "");
    EXPECT_FALSE(std::filesystem::exists(kept));
    EXPECT_EQ(run(with(cache, "get"), request).output, "");
    EXPECT_EQ(run(with(cache, "exit"), "").status, 0);
}

}  // namespace
}  // namespace patd
