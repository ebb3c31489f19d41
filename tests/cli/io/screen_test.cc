// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/screen.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace patd::cli {
namespace {

// A folder with a program `less`, the only one that is found, and nothing in the environment.
class Screen : public testing::Test {
  protected:
    Screen() {
        for (const char* name : {"PATCTL_PAGER", "PAGER", "LESS", "NO_COLOR"})
            unsetenv(name);
        setenv("PATH", folder_.c_str(), 1);
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~Screen() override { setenv("PATH", path_.c_str(), 1); }

    void install_less() const {
        std::ofstream(folder_ + "/less") << "#!/bin/sh\necho \"less $LESS secure=$LESSSECURE\"\n"
                                            "while read -r line; do echo \"shown $line\"; done\n";
        std::filesystem::permissions(folder_ + "/less", std::filesystem::perms::owner_all);
    }
    static void resize(const Person& person) {
        const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
        EXPECT_EQ(ioctl(person.terminal(), TIOCSWINSZ, &size), 0);
    }
    static std::string text_of(int lines) {
        std::string text;
        for (int i = 0; i < lines; ++i)
            text += "line\n";
        return text;
    }
    static std::string show(const std::string& text) {
        Person person({});
        resize(person);
        EXPECT_TRUE(write_paged(person.terminal(), text));
        return person.leave();
    }

  private:
    std::string path_ = getenv("PATH");
    std::string folder_ = testing::TempDir() + "patctl-screen-" + std::to_string(getpid());
};

TEST_F(Screen, ATerminalHasTheSizeThatItSaysAndAFileHasNone) {
    Person person({});
    EXPECT_FALSE(screen_size(person.terminal()));
    resize(person);
    EXPECT_EQ(screen_size(person.terminal())->columns, 80U);
    EXPECT_EQ(screen_size(person.terminal())->rows, 24U);
    const Scratch file;
    EXPECT_FALSE(screen_size(file.fd()));
    EXPECT_FALSE(shows_color(file.fd()));
}

TEST_F(Screen, WhatFitsIsShownWithoutAPager) {
    install_less();
    EXPECT_EQ(show(text_of(23)).find("less"), std::string::npos);
}

TEST_F(Screen, WhatIsLongerIsShownByLess) {
    install_less();
    const std::string shown = show(text_of(24));
    EXPECT_TRUE(shown.starts_with("less FRX ")) << shown;
    EXPECT_NE(shown.find("shown line"), std::string::npos) << shown;
}

TEST_F(Screen, WithoutAPagerItIsShownAsItIs) {
    EXPECT_TRUE(show(text_of(24)).starts_with("line\r\n"));
}

TEST_F(Screen, AFileGetsAllOfIt) {
    install_less();
    const Scratch file;
    ASSERT_TRUE(write_paged(file.fd(), text_of(100)));
    EXPECT_EQ(file.content(), text_of(100));
}

TEST_F(Screen, RootsPagerStartsNothingElse) {
    ASSERT_EQ(geteuid(), 0U);
    install_less();
    setenv("PATCTL_PAGER", "echo from the environment", 1);
    setenv("PAGER", "echo from the environment", 1);
    setenv("LESSOPEN", "|echo from the environment", 1);
    const std::string shown = show(text_of(24));
    EXPECT_TRUE(shown.starts_with("less FRX secure=1")) << shown;
    EXPECT_EQ(shown.find("environment"), std::string::npos) << shown;
}

TEST_F(Screen, WhoeverWasRootShowsItWithoutAPager) {
    ASSERT_EQ(geteuid(), 0U);
    install_less();
    setenv("PAGER", "echo from the environment", 1);
    const auto show_as_another = [] {
        ASSERT_EQ(setuid(65534), 0);
        _exit(show(text_of(24)).starts_with("line\r\n") ? 0 : 1);
    };
    EXPECT_EXIT(show_as_another(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace patd::cli
