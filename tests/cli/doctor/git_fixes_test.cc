// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/git_helpers.h"
#include "cli/git/git_chain.h"
#include "cli/io/process.h"
#include "tests/cli/doctor/machine_fixture.h"

#include <cstdlib>
#include <map>
#include <set>

namespace patd::cli::doctor {
namespace {

constexpr char kHelper[] = "/usr/bin/git-credential-pat";
constexpr const char* kUrls[] = {kSomewhere,
                                 "https://github.com/a/b",
                                 "https://gist.github.com/a",
                                 "https://git.example/team/x",
                                 "https://git.example:8443/x",
                                 "https://alice@git.example/x",
                                 "https://dev.azure.com/org/p",
                                 "https://other.example/x"};

// Files of a home, by name; "system" is the system's, "local" the repository's own.
using Files = std::map<std::string, std::string>;
using Chains = std::map<std::string, std::vector<ConfigLine>>;

// The user's git in a repository below ~/repos, as doctor sees it, and a shell that runs what
// doctor prints: the real git and the real patctl.
class GitFixes : public MachineTest {
  protected:
    GitFixes() {
        setenv("HOME", tree_.path().c_str(), 1);
        setenv("GIT_CONFIG_SYSTEM", tree_.file("system").c_str(), 1);
        unsetenv("XDG_CONFIG_HOME");
        put(kHelper, "", 0, 0755);
    }
    ~GitFixes() override {
        std::filesystem::current_path("/");
        unsetenv("GIT_CONFIG_COUNT");
    }

    void begin(const Files& files) {
        std::filesystem::current_path(tree_.path());
        for (const auto& [name, text] : last_)
            std::filesystem::remove(tree_.file(name));
        std::filesystem::remove_all(tree_.file("repos"));
        ASSERT_EQ(shell("git init -q repos/repo"), 0);
        for (const auto& [name, text] : files) {
            const std::string path =
                name == "local" ? tree_.file("repos/repo/.git/config") : tree_.file(name);
            std::filesystem::create_directories(std::filesystem::path(path).parent_path());
            std::ofstream(path, std::ios::app) << text;
        }
        last_ = files;
        std::filesystem::create_directories(tree_.file("repos/repo/sub"));
        std::filesystem::current_path(tree_.file("repos/repo/sub"));
    }
    static int shell(const std::string& command) {
        // The test is root already.
        const std::string before = std::string("patctl() { ") + PATD_PATCTL +
                                   " \"$@\" >/dev/null 2>&1; }; sudo() { \"$@\"; }; ";
        return run_process({"bash", "-c", before + command}).value().status;
    }
    std::vector<Finding> find() const {
        client::Dictionary token;
        token.set("id", "AbCdE01234");
        token.set("targets",
                  std::vector<std::string>{"https://github.com", "https://git.example/team",
                                           "https://dev.azure.com/org"});
        Findings findings;
        check_git(machine_, {token}, findings);
        return findings.all();
    }
    static Chains ask() {
        Chains chains;
        const std::vector<ConfigLine> lines = read_credential_lines().value();
        for (const char* url : kUrls)
            chains[url] = ask_git(lines, url).value().helpers;
        return chains;
    }
    static bool has(const std::vector<ConfigLine>& chain, const ConfigLine& line) {
        return std::any_of(chain.begin(), chain.end(), [&](const ConfigLine& other) {
            return other.key == line.key && other.value == line.value;
        });
    }
    // Whether a finding speaks of this helper, or of all that git asks in its place.
    static bool names(const std::vector<Finding>& found, const Finding& fixed,
                      const std::string& url, const ConfigLine& line) {
        if (fixed.text == "git does not ask patd")
            return line.is_general();
        if (fixed.text.starts_with("for ")) {
            const std::string place = fixed.text.substr(4, fixed.text.find(' ', 4) - 4);
            return url.starts_with(place);
        }
        return std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
            return finding.text.find(describe(line)) != std::string::npos;
        });
    }
    // Runs every fix once, each in the configuration as it was.
    void check(const Files& files) {
        begin(files);
        const std::vector<Finding> found = find();
        for (const Finding& finding : found) {
            begin(files);
            const Chains before = ask();
            SCOPED_TRACE(finding.text + "\n -> " + finding.fix);
            if (finding.fix.starts_with("unset "))
                unsetenv("GIT_CONFIG_COUNT");
            else
                ASSERT_EQ(shell(finding.fix), 0);
            for (const Finding& left : find())
                EXPECT_NE(left.text, finding.text);
            for (const auto& [url, helpers] : ask()) {
                for (const ConfigLine& line : before.at(url))
                    EXPECT_TRUE(has(helpers, line) || is_ours(line) ||
                                names(found, finding, url, line))
                        << url << " lost " << describe(line);
                for (const ConfigLine& line : helpers)
                    EXPECT_TRUE(has(before.at(url), line) || is_ours(line))
                        << url << " won " << describe(line);
            }
        }
        fixed_ += found.size();
    }

    void check_all(const std::vector<Files>& all) {
        for (const Files& files : all) {
            std::string trace;
            for (const auto& [name, text] : files)
                trace += "== " + name + "\n" + text;
            SCOPED_TRACE(trace);
            check(files);
        }
        EXPECT_GE(fixed_, all.size());
    }

    const std::string store_ = "[credential]\n\thelper = store\n";
    const std::string shell_ = "[credential]\n\thelper = \"!f() { echo username=x; }; f\"\n";
    const std::string ours_ = std::string("[credential]\n\thelper =\n\thelper = ") + kHelper + "\n";
    const std::string alone_ = std::string("[credential]\n\thelper = ") + kHelper + "\n";
    const std::string gh_ =
        "[credential \"https://github.com\"]\n\thelper =\n\thelper = !/usr/bin/gh auth "
        "git-credential\n[credential \"https://gist.github.com\"]\n\thelper =\n"
        "\thelper = !/usr/bin/gh auth git-credential\n";
    const std::string manager_ =
        "[credential]\n\thelper =\n\thelper = /usr/local/bin/git-credential-manager\n"
        "\tcredentialStore = secretservice\n[credential \"https://dev.azure.com\"]\n"
        "\tuseHttpPath = true\n";
    std::size_t fixed_ = 0;

  private:
    Files last_;
};

// Every fix that doctor prints, run as printed, makes its finding go away, and takes no helper
// from a place of which the finding does not speak.
TEST_F(GitFixes, OfOtherHelpersAndManagers) {
    check_all({{{".gitconfig", store_}},
               {{".gitconfig", gh_}},
               {{".gitconfig", manager_}},
               {{".gitconfig", ours_ + gh_}},
               {{".gitconfig", gh_ + ours_}},
               {{".gitconfig", store_ + gh_}, {"system", alone_}}});
}

TEST_F(GitFixes, OfChainsBehindPatd) {
    check_all({{{".gitconfig", manager_ + "\thelper = x\n"}, {"system", ours_}},
               {{".gitconfig", alone_}, {"system", "[credential]\n\thelper = osxkeychain\n"}},
               {{".gitconfig", ours_ + "\thelper = libsecret\n\thelper = cache --timeout 9\n"}},
               {{".gitconfig", "[credential]\n\thelper = cache\n\thelper = oauth\n" + gh_}},
               {{".gitconfig", ours_ + "\thelper = oauth\n" + gh_ + store_}},
               {{".gitconfig", ours_ + shell_ + gh_}}});
}

TEST_F(GitFixes, OfIncludesAndRepositories) {
    check_all(
        {{{".gitconfig", ours_ + "[includeIf \"gitdir:~/repos/\"]\n\tpath = repos.inc\n" + gh_},
          {"repos.inc", store_ + gh_}},
         {{".gitconfig", ours_ + "[include]\n\tpath = more.inc\n"}, {"more.inc", shell_ + gh_}},
         {{".gitconfig", ours_}, {"local", store_}},
         {{".gitconfig", ours_}, {"local", shell_ + "\thelper = store --file it's\n"}},
         {{".gitconfig", ours_},
          {"local", "[include]\n\tpath = own.inc\n"},
          {"repos/repo/.git/own.inc", store_}},
         {{".gitconfig", ours_}, {"local", "[credential]\n\thelper =\n\thelper = store\n"}}});
}

TEST_F(GitFixes, OfPlacesOfTheirOwn) {
    check_all({{{".gitconfig", "[user]\n\tname = x\n"}, {".config/git/config", ours_ + store_}},
               {{".config/git/config", ours_ + store_ + gh_}},
               {{".gitconfig",
                 ours_ + "[credential \"https://git.example\"]\n\thelper = store\n"
                         "[credential \"https://git.example:8443\"]\n\thelper = cache\n"
                         "[credential \"https://alice@git.example\"]\n\thelper = libsecret\n"
                         "[credential \"https://*.example\"]\n\thelper = osxkeychain\n"}},
               {{".gitconfig", store_ + "[credential \"https://git.example\"]\n\thelper = " +
                                   kHelper + "\n" + gh_}},
               {{".gitconfig", "[credential]\n\tuseHttpPath = true\n\thelper = pat\n" + gh_}},
               {{".gitconfig", "[credential]\n\thelper =\n\thelper = /gone/git-credential-pat\n"},
                {"system", gh_}}});
}

TEST_F(GitFixes, OfTheEnvironmentGoThere) {
    setenv("GIT_CONFIG_KEY_0", "credential.helper", 1);
    setenv("GIT_CONFIG_VALUE_0", "store", 1);
    begin({{".gitconfig", ours_}});
    setenv("GIT_CONFIG_COUNT", "1", 1);
    const std::vector<Finding> found = find();
    ASSERT_FALSE(found.empty());
    EXPECT_NE(found[0].text.find("of the command configuration"), std::string::npos);
    EXPECT_EQ(found[0].fix, "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS");
    unsetenv("GIT_CONFIG_COUNT");
    for (const Finding& left : find())
        EXPECT_NE(left.text, found[0].text);
}

}  // namespace
}  // namespace patd::cli::doctor
