// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/home_netrc.h"

#include "tests/cli/git_home.h"

#include <sys/stat.h>

namespace patd::cli {
namespace {

class HomeNetrc : public GitHome {
  protected:
    static std::string told(const std::string& url) {
        return tell_of_netrc(Target::parse(url).value().origin());
    }
};

TEST_F(HomeNetrc, IsToldForTheHostsThatItNames) {
    EXPECT_EQ(told("https://git.example"), "");
    std::ofstream(home_ / ".netrc") << "machine a.example login a password hunter2\n\n"
                                       "machine git.example login b password hunter2\n"
                                       "machine name.example login c\n"
                                       "machine Word.example password hunter2\n"
                                       "machine no.example\n";
    EXPECT_EQ(
        told("https://git.example/team"),
        "git sends what line 3 of ~/.netrc says to https://git.example before it asks any helper");
    // libcurl looks at the name alone.
    EXPECT_NE(told("http://a.example:8080"), "");
    EXPECT_NE(told("https://name.example").find("line 4 "), std::string::npos);
    EXPECT_NE(told("https://word.example").find("line 5 "), std::string::npos);
    for (const char* url : {"https://no.example", "https://x.git.example", "imap://git.example"})
        EXPECT_EQ(told(url), "") << url;
}

TEST_F(HomeNetrc, ADefaultIsForEveryHost) {
    std::ofstream(home_ / ".netrc") << "machine git.example login a password hunter2\n"
                                       "default login b password hunter2\n";
    EXPECT_NE(told("https://git.example").find("line 1 "), std::string::npos);
    EXPECT_NE(told("https://other.example").find("line 2 "), std::string::npos);
}

TEST_F(HomeNetrc, APipeIsNotWaitedFor) {
    ASSERT_EQ(mkfifo((home_ / ".netrc").c_str(), 0600), 0);
    EXPECT_EQ(told("https://git.example"), "");
}

TEST_F(HomeNetrc, ItsFixOpensIt) {
    std::ofstream(home_ / ".netrc") << "machine git.example login b password c\n";
    const std::string command = "EDITOR='sed -i 1d'; " + fix_netrc();
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(told("https://git.example"), "");
}

}  // namespace
}  // namespace patd::cli
