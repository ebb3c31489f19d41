// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/conversation.h"

#include "tests/cli/converse/program.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace patd::cli {
namespace {

using Members = std::vector<std::string>;

client::Script new_secret_script() {
    return {.prompts = {{"secret", "Password of alice: "}},
            .secret = "the-new-secret",
            .result = dictionary({{"id", kSomeId}, {"acknowledge", true}})};
}

// The outcome of the message, and the errors' names and fields.
std::string ending(const nlohmann::json& ended) {
    if (ended.value("type", "") != "ended")
        return ended.dump();
    std::string text = ended["outcome"];
    for (const nlohmann::json& error : ended["errors"]) {
        const std::string name = error["name"];
        text += " " + name.substr(name.rfind('.') + 1);
        if (!error["field"].is_null())
            text += ":" + error["field"].get<std::string>();
    }
    return text;
}

TEST(Conversation, GoesFromBeginToEnded) {
    Program program(new_secret_script());
    program.start(begin("create", kLaptop, R"(,"language":"de")"));
    EXPECT_EQ(program.hear(),
              nlohmann::json::parse(R"({"type":"prompt","prompt":1,"style":"secret",)"
                                    R"("text":"Password of alice: ","seconds":30})"));
    program.say(answer(1, "swordfish"));
    EXPECT_EQ(program.hear(), nlohmann::json::parse(R"({"type":"commit"})"));
    EXPECT_EQ(program.hear(), nlohmann::json::parse(R"({"type":"secret","id":"AbCdE01234",)"
                                                    R"("secret":"the-new-secret","seconds":60})"));
    EXPECT_EQ(program.patctl.service.members(), (Members{"Create", "Next", "Next", "Commit"}));
    program.say(kAcknowledge);
    EXPECT_EQ(program.hear(),
              nlohmann::json::parse(R"({"type":"ended","outcome":"done",)"
                                    R"("result":{"id":"AbCdE01234"},"errors":[]})"));
    EXPECT_EQ(program.hear(), nullptr);
    const Ran ran = program.wait();
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(program.patctl.service.answers(), Members{"swordfish"});
    EXPECT_EQ(program.patctl.service.members().back(), "Acknowledge");
}

TEST(Conversation, HasAnyNumberOfPromptsOfEveryStyle) {
    Program program({.prompts = {{"info", "Touch your key"},
                                 {"secret", "Password: "},
                                 {"error", "M\xc3\xb6p \x1b[31m"},
                                 {"visible", "Code: "}},
                     .result = dictionary({{"removed", std::uint32_t{3}}})});
    program.start(begin("remove-all"));
    EXPECT_EQ(program.hear()["style"], "info");
    EXPECT_EQ(program.hear()["prompt"], 2);
    program.say(answer(2, "p\\u00e4ss\\ud83d\\ude00"));
    const nlohmann::json error = program.hear();
    EXPECT_EQ(error["text"], "M\xc3\xb6p \x1b[31m");
    EXPECT_TRUE(error["seconds"].is_null());
    EXPECT_TRUE(std::all_of(program.last.begin(), program.last.end(), [](char c) {
        return c >= ' ' && c <= '~';
    })) << program.last;
    EXPECT_EQ(program.hear()["style"], "visible");
    program.say(answer(4, ""));
    EXPECT_EQ(program.hear()["type"], "commit");
    EXPECT_EQ(program.hear()["result"], nlohmann::json::parse(R"({"removed":3})"));
    // The sinks of texts come back empty.
    EXPECT_EQ(program.patctl.service.answers().at(1), "p\xc3\xa4ss\xf0\x9f\x98\x80");
}

TEST(Conversation, DropsASecretThatNobodyAcknowledges) {
    for (const char* instead : {kCancel, "", "{}", R"({"type":"answer","prompt":1,"text":"x"})",
                                R"({"type":"begin","operation":"lock"})"}) {
        Program program(new_secret_script());
        program.start(begin("create", kLaptop));
        program.hear();
        program.say(answer(1, "swordfish"));
        program.hear();
        EXPECT_EQ(program.hear()["type"], "secret");
        if (*instead == '\0') {
            program.hang_up();
        } else {
            program.say(instead);
        }
        EXPECT_TRUE(program.hear()["result"].empty()) << instead;
        EXPECT_NE(program.wait().code, ExitCode::Success);
        EXPECT_EQ(program.patctl.service.members(),
                  (Members{"Create", "Next", "Next", "Commit", "Cancel"}))
            << instead;
    }
}

TEST(Conversation, IsCancelledAtEveryPrompt) {
    for (const bool hangs_up : {false, true}) {
        Program program(new_secret_script());
        program.start(begin("create", kLaptop));
        program.hear();
        if (hangs_up)
            program.hang_up();
        else
            program.say(kCancel);
        EXPECT_EQ(ending(program.hear()), "cancelled Cancelled");
        EXPECT_EQ(program.wait().code, ExitCode::CannotAsk);
        EXPECT_EQ(program.patctl.service.members(), (Members{"Create", "Next", "Cancel"}));
    }
}

TEST(Conversation, BeginsNothingWithoutBegin) {
    for (const auto& [line, end] : std::vector<std::pair<std::string, std::string>>{
             {kCancel, "cancelled Cancelled"},
             {kAcknowledge, "refused OutOfOrder"},
             {answer(1, "x"), "refused OutOfOrder"},
             {"", "refused MalformedRequest"},
             {"nonsense", "refused MalformedRequest"},
             {begin("launch"), "refused UnknownOption:operation"},
             {std::string(70'000, 'x'), "refused LimitExceeded"}}) {
        Program program;
        program.start();
        program.say(line);
        EXPECT_EQ(ending(program.hear()), end) << line.substr(0, 60);
        EXPECT_NE(program.wait().code, ExitCode::Success);
        EXPECT_EQ(program.patctl.service.members(), Members());
    }
    Program silent;
    silent.start();
    EXPECT_EQ(silent.hang_up().code, ExitCode::CannotAsk);
    EXPECT_EQ(ending(silent.hear()), "cancelled Cancelled");
}

TEST(Conversation, TakesNoAnswerToAnotherPrompt) {
    for (const char* line :
         {R"({"type":"answer","prompt":2,"text":"x"})",
          R"({"type":"answer","prompt":0,"text":"x"})",
          R"({"type":"answer","prompt":1.0,"text":"x"})", R"({"type":"acknowledge"})"}) {
        Program program(new_secret_script());
        program.start(begin("create", kLaptop));
        program.hear();
        program.say(line);
        EXPECT_EQ(ending(program.hear()), "refused OutOfOrder") << line;
        EXPECT_EQ(program.patctl.service.answers(), Members());
    }
}

TEST(Conversation, RefusesAnswersThatAreTooLong) {
    Program program(new_secret_script());
    program.start(begin("create", kLaptop));
    program.hear();
    program.say(answer(1, std::string(513, 'x')));
    EXPECT_EQ(ending(program.hear()), "refused InvalidPassword:password");
    Program import({.prompts = {{"token-secret", "Secret: "}}});
    import.start(begin("import", R"({"description":"a","targets":["https://a.example"],)"
                                 R"("username":"b"})"));
    EXPECT_EQ(import.hear()["seconds"], 60);
    import.say(answer(1, std::string(4097, 'x')));
    EXPECT_EQ(ending(import.hear()), "refused InvalidSecret:secret");
}

TEST(Conversation, TellsWhyTheServiceRefuses) {
    client::Script script = new_secret_script();
    script.errors = {{"Next", "org.patd.Tokens1.Error.WrongPassword"}};
    Program program(script);
    program.start(begin("create", kLaptop));
    program.hear();
    program.say(answer(1, "wrong"));
    const nlohmann::json ended = program.hear();
    EXPECT_EQ(ending(ended), "refused WrongPassword:password");
    EXPECT_EQ(ended["errors"][0]["message"], "The password was wrong; nothing was changed.");
    EXPECT_EQ(program.wait().code, ExitCode::Refused);
}

TEST(Conversation, SaysWhenItIsNotKnownWhetherTheChangeWasMade) {
    for (const char* member : {"Commit", "Acknowledge"}) {
        client::Script script = new_secret_script();
        script.errors = {{member, "org.freedesktop.DBus.Error.NoReply"}};
        Program program(script);
        program.start(begin("create", kLaptop));
        program.hear();
        program.say(answer(1, "swordfish"));
        program.hear();
        nlohmann::json next = program.hear();
        if (next["type"] == "secret") {
            program.say(kAcknowledge);
            next = program.hear();
        }
        EXPECT_EQ(ending(next), "unknown Unavailable") << member;
    }
    client::Script script = new_secret_script();
    script.errors = {{"Acknowledge", "org.patd.Tokens1.Error.OperationGone"}};
    Program program(script);
    program.start(begin("create", kLaptop));
    program.hear();
    program.say(answer(1, "swordfish"));
    program.hear();
    program.hear();
    program.say(kAcknowledge);
    EXPECT_EQ(ending(program.hear()), "refused OperationGone");
}

TEST(Conversation, EndsWhenNobodyReads) {
    Program program(new_secret_script());
    program.hear_no_more();
    const auto previous = std::signal(SIGPIPE, SIG_IGN);
    program.start(begin("create", kLaptop));
    EXPECT_EQ(program.wait().code, ExitCode::Failure);
    std::signal(SIGPIPE, previous);
    EXPECT_EQ(program.patctl.service.members(), (Members{"Create", "Next", "Cancel"}));
}

}  // namespace
}  // namespace patd::cli
