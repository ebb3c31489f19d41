// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What `explain` says of a URL is what the real git gets that has it as a remote: one daemon, asked
// over its bus and, by the real git and the real helper, over its line socket.
#include "daemon/line/line_server.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/process.h"
#include "tests/support/turning.h"

#include <future>

namespace patd {
namespace {

constexpr Uid kMe{0};  // who runs the tests

class ExplainedPlaces : public support::BusFixture {
  protected:
    void SetUp() override {
        BusFixture::SetUp();
        server_ = LineServer::create({*loop_, line_->verbs, clock_, turns_},
                                     listen_at(home_.file("socket")).value())
                      .value();
    }
    void TearDown() override { server_.reset(); }

    // A token whose secret says its user name.
    void keep(const std::string& username, const std::string& target) {
        import(kMe, "for-" + username, {.targets = {target}, .username = username});
    }
    // Whose token git gets; "" for none.
    std::string given(const std::string& url) {
        support::ProcessOptions options;
        options.arguments = {"/usr/bin/git",
                             "-c",
                             "credential.helper=",
                             "-c",
                             "credential.helper=" PATD_TEST_HELPER,
                             "-c",
                             "credential.useHttpPath=true",
                             "credential",
                             "fill"};
        options.environment = {"PATH=/usr/bin:/bin",    "HOME=" + home_.path().string(),
                               "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=/",
                               "GIT_ASKPASS=",          "GIT_TERMINAL_PROMPT=0"};
        options.directory = home_.path();
        options.input = "url=" + url + "\n";
        auto process =
            std::async(std::launch::async, [&] { return support::run_process(options); });
        EXPECT_TRUE(support::turn_until(*loop_, [&] {
            return process.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        }));
        return after("password=for-", process.get().output);
    }
    // Whose token `explain` says that it gets.
    std::string explained(const std::string& url) {
        const support::Reply reply =
            manager(support::kRootBus, "Explain", [&](sd_bus_message* message) {
                support::must(sd_bus_message_append(message, "s", url.c_str()), "append");
                bus::Dict().append_to(message).value();
            });
        if (!reply.ok() || reply.string() != "released")
            return "";
        sd_bus_message* message = reply.message.get();
        support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
        while (sd_bus_message_at_end(message, 0) == 0) {
            bus::Dict row = support::read_dict(reply);
            if (row.take<std::string>("verdict").value() == "released")
                return row.take<std::string>("username").value().value_or("");
        }
        return "";
    }
    static std::string after(const std::string& mark, const std::string& text) {
        const std::size_t at = text.find(mark);
        if (at == std::string::npos)
            return "";
        const std::size_t begin = at + mark.size();
        return text.substr(begin, text.find('\n', begin) - begin);
    }

    support::TemporaryDirectory home_;
    std::unique_ptr<LineServer> server_;
};

struct Row {
    std::string url;
    const char* whose;
};

const std::vector<Row> kRows = {
    {"https://git.example", "host"},
    {"https://git.example/", "host"},
    {"https://git.example//", "host"},
    {"https://git.example/other", "host"},
    {"https://git.example/team", "team"},
    {"https://git.example/team/", "team"},
    {"https://git.example/team///", "team"},
    {"https://git.example//team", "team"},
    {"https://git.example/team.git", "team"},
    {"https://git.example/team/x.git", "team"},
    {"https://git.example/teams", "host"},
    {"https://git.example/Team", "host"},
    {"HTTPS://GIT.Example:443/team", "team"},
    {"https://git.example/team/tool", "tool"},
    {"https://git.example/team/tool.git/info/lfs", "tool"},
    // What a target cannot hold, and a slash that was escaped.
    {"https://git.example/team%2Ftool", "tool"},
    {"https://git.example/team%2ftool%2F", "tool"},
    {"https://git.example/%2Fteam", "team"},
    {"https://git.example/%2F%2Fteam", "host"},
    {"https://git.example/%2F", "host"},
    {"https://git.example/%2F%2F", "host"},
    {"https://git.example/team%252Ftool", "host"},
    {"https://git.example/team//tool", "host"},
    {"https://git.example/team%2F/tool", "host"},
    {"https://git.example/team/./tool", "host"},
    {"https://git.example/team/../tool", "host"},
    {"https://git.example/team/%2e%2E/x", "host"},
    {"https://git.example/team/..", "host"},
    {"https://git.example/..", "host"},
    {"https://git.example/team/...", "team"},
    {"https://git.example/team.", "host"},
    {"https://git.example/team/tool.", "team"},
    {"https://git.example/team\\tool", "host"},
    {"https://git.example/team/a\\b", "team"},
    {"https://git.example/team/a\\..\\b", "host"},
    {"https://git.example/team/%5C..", "host"},
    {"https://git.example/team?tab=x", "host"},
    {"https://git.example/team/?tab=x", "team"},
    {"https://git.example/team/tool?a/b", "team"},
    {"https://git.example/team%3Ftab", "host"},
    {"https://git.example?team", "host"},
    {"https://git.example#team", "host"},
    {"https://git.example/?team", "host"},
    {"https://git.example/team#readme", "host"},
    {"https://git.example/team/#readme", "team"},
    {"https://git.example/team%23x", "host"},
    {"https://git.example/team/*", "team"},
    {"https://git.example/*", "host"},
    {"https://git.example/team%00", "host"},
    {"https://git.example/team/%00", "team"},
    {"https://git.example/team%", "host"},
    {"https://git.example/team/%zz", "team"},
    {"https://git.example/%74eam", "team"},
    {"https://git.example/My Team", "blank"},
    {"https://git.example/My%20Team/x", "blank"},
    {"https://git.example/My+Team/x", "host"},
    {"https://git.example/My%2520Team", "host"},
    {"https://git.example/team ", "host"},
    {"https://git.example/team%20", "host"},
    {"https://git.example/team/ ", "team"},
    {"https://git.example/ team", "host"},
    {"https://git.example/b\xc3\xbc", "umlaut"},
    {"https://git.example/b%C3%BC/x", "umlaut"},
    {"https://git.example/b%c3%bc.git", "umlaut"},
    {"https://git.example/bu\xcc\x88", "host"},
    {"https://git.example/b%FC", "host"},
    {"https://git.example/team/\xe2\x80\xaex", "host"},
    {"https://git.example/" + std::string(256, 'p'), "host"},
    {"https://git.example/" + std::string(257, 'p'), "host"},
    {"https://git.example/team/" + std::string(300, 'p'), "host"},
    {"https://git.example/" + std::string(65529, 'p'), "host"},
    // Whoever asks with a control byte is answered nothing.
    {"https://git.example/" + std::string(65530, 'p'), ""},
    {"https://git.example/team/\x01", ""},
    {"https://git.example/team/%01", ""},
    {"https://git.example/team/\t", ""},
    {"https://git.example/team/%0a", ""},
    {"https://git.example/team/%0d", ""},
    {"https://git.example/team/%0dx", ""},
    {"https://git.example/team/%7f", ""},
    // User names.
    {"https://host@git.example/team", "host"},
    {"https://team@git.example/team/tool", "team"},
    {"https://t%65am@git.example/team/tool", "team"},
    {"https://@git.example/team", "team"},
    {"https://tool:@git.example/team/tool", ""},
    {"https://nobody@git.example/team", ""},
    {"https://%ff@git.example/team", ""},
    {"https://a%0ab@git.example/team", ""},
    {"https://a\\b@git.example/team", ""},
    {"https://a@b@git.example/team", ""},
    {"https://ghp_0123456789abcdefghij@git.example/team", ""},
    // Hosts, ports and protocols.
    {"https://git.example./team", ""},
    {"https://git..example/team", ""},
    {"https://git.example:/team", ""},
    {"https://git.example:0443/team", ""},
    {"https://git.example:8443/team", "port"},
    {"https://git.example%2Fteam", ""},
    {"https://b\xc3\xbc.example", ""},
    {"https://xn--b-xga.example/x", "idn"},
    {"https://XN--b-XGA.example", "idn"},
    {"https://[2001:DB8::0:1]/a//b", "six"},
    {"https://[2001:db8::1%25eth0]/", ""},
    {"http://git.example/team", ""},
    {"ftp://git.example/team", ""},
    {"ssh://git.example/team", ""},
    {"git.example/team", ""},
    {"https:///team", ""},
    {"smtp://mail.example:587", "mail"},
    {"smtp://mail.example", ""},
};

// Rows C2, C4 and C5.
TEST_F(ExplainedPlaces, AreAnsweredAsGitIsInEverySpelling) {
    keep("host", "https://git.example");
    keep("team", "https://git.example/team");
    keep("tool", "https://git.example/team/tool");
    keep("blank", "https://git.example/My%20Team");
    keep("umlaut", "https://git.example/b%C3%BC");
    keep("port", "https://git.example:8443");
    keep("idn", "https://xn--b-xga.example");
    keep("six", "https://[2001:db8::1]");
    keep("mail", "smtp://mail.example:587");
    for (const Row& row : kRows) {
        const std::string shown = row.url.substr(0, 100);
        const std::string whose = given(row.url);
        EXPECT_EQ(whose, row.whose) << shown;
        EXPECT_EQ(explained(row.url), whose) << shown;
    }
}

// Where no token is for the whole host, the two agree that there is none.
TEST_F(ExplainedPlaces, HaveNoTokenOfAPathWhereNoTargetCanHoldTheirs) {
    keep("team", "https://git.example/team");
    for (const Row& row : kRows) {
        if (row.url.find("git.example") == std::string::npos)
            continue;
        const std::string whose = given(row.url);
        EXPECT_TRUE(whose.empty() || whose == "team") << row.url.substr(0, 100);
        EXPECT_EQ(explained(row.url), whose) << row.url.substr(0, 100);
    }
}

}  // namespace
}  // namespace patd
