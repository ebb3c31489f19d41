// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/gateway.h"

#include "common/base/unique_fd.h"
#include "tests/cli/doctor/machine_fixture.h"
#include "tests/cli/fake_systemd.h"
#include "tests/cli/git_home.h"
#include "tests/cli/private_bus.h"
#include "tests/cli/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <optional>

namespace patd::cli::doctor {
namespace {

constexpr char kForge[] = "https://forge.example";
constexpr char kUndo[] = " -> patctl setup gateway --undo\n";

// A place of the loopback where something listens, until it ends.
class Listening {
  public:
    Listening() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(fd_.get(), raw, size), 0);
        EXPECT_EQ(listen(fd_.get(), 4), 0);
        EXPECT_EQ(getsockname(fd_.get(), raw, &size), 0);
        origin_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    const std::string& origin() const { return origin_; }
    void end() { fd_.reset(); }

  private:
    UniqueFd fd_;
    std::string origin_;
};

client::Dictionary token_of(const std::string& forge) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    token.set("through-gateway", true);
    token.set("targets", std::vector<std::string>{forge + "/team"});
    return token;
}

client::UnitState state(const char* name, const char* load, const char* file, const char* active) {
    return {name, load, file, active, "dead", "", 0, 0};
}

// "SEVERITY: TEXT -> FIX", one a line.
std::string lines_of(const Findings& findings) {
    std::string text;
    for (const Finding& found : findings.all())
        text += std::string(severity_name(found.severity)) + ": " + found.text + " -> " +
                found.fix + "\n";
    return text;
}

class GatewayCheck : public GitConfigTest {
  protected:
    std::string found(const std::string& gateway,
                      const std::vector<client::Dictionary>& tokens) const {
        client::Dictionary status;
        if (!gateway.empty())
            status.set("gateway", gateway);
        Findings findings;
        check_gateway(machine_, status, tokens, findings);
        return lines_of(findings);
    }
    void set_up(const std::string& gateway, const std::vector<client::Dictionary>& tokens) const {
        client::Script script;
        script.status.set("gateway", gateway);
        script.tokens = tokens;
        EXPECT_EQ(Patctl(script).run({"setup", "gateway"}).code, ExitCode::Success);
    }

    Machine machine_{home_.string(), Uid(0), Uid(kPatd), Uid(kPatdAuth), kNow, true};
    Listening gateway_;
};

TEST_F(GatewayCheck, FindsNothingWhereNothingIsSetUp) {
    EXPECT_EQ(found("", {}), "");
    EXPECT_EQ(found(gateway_.origin(), {}), "");
    EXPECT_EQ(found("", {some_token()}), "");
}

TEST_F(GatewayCheck, ATokenNeedsAGatewayToGoThrough) {
    const std::string text = found("", {token_of(kForge)});
    EXPECT_TRUE(
        text.starts_with("error: tokens for https://forge.example go through the gateway, "
                         "and GatewayOrigin= is not set, so nobody gets them"))
        << text;
    // Not the name of the shipped file: /etc may have one of that name, to mask or replace it.
    EXPECT_TRUE(
        text.ends_with(" | sudo tee /etc/patd/patd.conf.d/60-gateway-origin.conf && "
                       "sudo systemctl reload patd.service\n"))
        << text;
}

TEST_F(GatewayCheck, GitHasToBeSentThere) {
    EXPECT_EQ(found(gateway_.origin(), {token_of(kForge)}),
              "warning: git does not reach https://forge.example through the gateway, where its "
              "token would be released -> patctl setup gateway\n");
    // Written by hand, and half of it.
    write(".gitconfig",
          "[url \"" + gateway_.origin() + "/forge.example/\"]\n\tinsteadOf = " + kForge + "/\n");
    EXPECT_EQ(found(gateway_.origin(), {token_of(kForge)}),
              "warning: git does not tell patd the path at the gateway, so it gets no token there "
              "-> patctl setup gateway\n");
    write(".gitconfig", "");
    set_up(gateway_.origin(), {token_of(kForge)});
    EXPECT_EQ(found(gateway_.origin(), {token_of(kForge)}), "");
}

TEST_F(GatewayCheck, SomethingHasToAnswerThere) {
    const std::string origin = gateway_.origin();
    set_up(origin, {token_of(kForge)});
    gateway_.end();
    EXPECT_EQ(found(origin, {}).substr(0, 33), "warning: git still goes to the ga");
    EXPECT_EQ(found(origin, {token_of(kForge)}),
              "error: nothing answers at " + origin +
                  ", which is GatewayOrigin=, and your tokens go through it -> sudo apt "
                  "install patd-gateway && sudo systemctl enable --now patd-gateway.socket\n");
    EXPECT_EQ(found("http://[::1]:1", {some_token()}).find("nothing answers"),
              found("http://localhost:1", {some_token()}).find("nothing answers"));
    EXPECT_NE(found("http://localhost:1", {some_token()}).find("warning: nothing answers"),
              std::string::npos);
}

TEST_F(GatewayCheck, LinesAreNotLeftBehind) {
    const std::string other = "https://other.example";
    set_up(gateway_.origin(), {token_of(kForge), token_of(other)});
    EXPECT_EQ(found(gateway_.origin(), {token_of(kForge), token_of(other)}), "");
    const std::string text =
        "warning: git still goes to the gateway for https://other.example, "
        "and no token of yours for it goes through the gateway";
    EXPECT_EQ(found(gateway_.origin(), {token_of(kForge)}), text + " -> patctl setup gateway\n");
    EXPECT_TRUE(found(gateway_.origin(), {some_token()}).ends_with(kUndo));
    // The package is gone, and with it the option.
    EXPECT_TRUE(found("", {}).ends_with(kUndo));
    EXPECT_TRUE(found("", {token_of(kForge)}).starts_with(text + kUndo));
    Patctl().run({"setup", "gateway", "--undo"});
    EXPECT_EQ(found("", {}), "");
}

// A machine with systemd.
class GatewayUnits : public GatewayCheck {
  protected:
    GatewayUnits() {
        setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1);
        std::filesystem::create_directories(home_ / "run/systemd/system");
    }
    ~GatewayUnits() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    // The gateway's nginx, and what gives it secrets.
    static std::vector<client::UnitState> with_others(const client::UnitState& unit) {
        const char* load = unit.load == "not-found" ? "not-found" : "loaded";
        return {unit, state("patd-gateway.service", load, "disabled", "inactive"),
                state("patd-http-gateway.socket", load, "enabled", "active"),
                state("patd-http-gateway.service", load, "indirect", "inactive")};
    }

    PrivateBus bus_;
};

TEST_F(GatewayUnits, SayWhyNothingAnswers) {
    gateway_.end();
    struct Case {
        client::UnitState unit;
        const char* fix;
    };
    const char* name = "patd-gateway.socket";
    const Case cases[] = {
        {state(name, "not-found", "", "inactive"),
         "sudo apt install patd-gateway && sudo systemctl enable --now patd-gateway.socket"},
        {state(name, "loaded", "disabled", "inactive"),
         "sudo systemctl enable --now patd-gateway.socket"},
        {state(name, "loaded", "enabled", "failed"), "journalctl -x -u 'patd*' -n 20"},
        {state(name, "masked", "masked", "inactive"), "sudo systemctl unmask patd-gateway.socket"},
        {state(name, "loaded", "enabled", "active"), "sudo systemctl restart patd-gateway.socket"},
    };
    for (const Case& wrong : cases) {
        const FakeSystemd systemd(bus_.address(), with_others(wrong.unit));
        const std::string text = found(gateway_.origin(), {});
        EXPECT_TRUE(text.ends_with(std::string(" -> ") + wrong.fix + "\n")) << text;
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    }
}

TEST_F(GatewayUnits, SayWhatIsToBeInstalledOrSet) {
    {
        const FakeSystemd systemd(
            bus_.address(), with_others(state("patd-gateway.socket", "not-found", "", "inactive")));
        EXPECT_TRUE(found("", {token_of(kForge)})
                        .ends_with(" -> sudo apt install patd-gateway && sudo systemctl enable "
                                   "--now patd-gateway.socket\n"));
    }
    std::vector<client::UnitState> units =
        with_others(state("patd-gateway.socket", "loaded", "enabled", "active"));
    units[2] = state("patd-http-gateway.socket", "loaded", "enabled", "failed");
    const FakeSystemd systemd(bus_.address(), units);
    const std::string text = found("", {token_of(kForge)});
    EXPECT_NE(text.find("patd-http-gateway.socket is failed"), std::string::npos) << text;
    EXPECT_NE(text.find("60-gateway-origin.conf"), std::string::npos) << text;
}

class HttpCheck : public MachineTest {
  protected:
    HttpCheck() {
        setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1);
        put_folder("/run/systemd/system");
    }
    ~HttpCheck() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    std::string found(const std::optional<client::UnitState>& socket = {}) {
        const FakeSystemd systemd(
            bus_.address(),
            {socket.value_or(state("patd-http.socket", "loaded", "enabled", "active")),
             state("patd-http.service", socket ? socket->load.c_str() : "loaded", "indirect",
                   "inactive")});
        Findings findings;
        check_http(machine_, findings);
        return lines_of(findings);
    }
    void configure(const std::string& text) const {
        put_folder("/usr/libexec/patd");
        std::filesystem::create_symlink(PATD_HTTP_BINARY,
                                        machine_.at("/usr/libexec/patd/patd-http"));
        put("/etc/patd/http.d/10-site.conf", text);
    }

    PrivateBus bus_;
};

TEST_F(HttpCheck, FindsNothingWhereItIsNotInstalledOrRuns) {
    EXPECT_EQ(found(state("patd-http.socket", "not-found", "", "inactive")), "");
    EXPECT_EQ(found(), "");
}

TEST_F(HttpCheck, ItIsEnabledAndHasNotFailed) {
    const char* name = "patd-http.socket";
    EXPECT_EQ(found(state(name, "loaded", "disabled", "inactive")),
              "warning: patd-http is installed, but not enabled -> sudo systemctl enable --now "
              "patd-http.socket\n");
    EXPECT_NE(found(state(name, "loaded", "enabled", "failed")).find("journalctl"),
              std::string::npos);
    EXPECT_TRUE(found(state(name, "loaded", "disabled", "active"))
                    .ends_with(" -> sudo systemctl enable --now patd-http.socket\n"));
}

TEST_F(HttpCheck, TheAccountsThatItNamesExist) {
    configure("[Http]\nServerAccounts=root wwwdata\nIntrospectionAccounts=Gh0 root\n");
    const std::string file = machine_.at("/etc/patd/http.d/10-site.conf");
    const std::string fix =
        " -> sudoedit '" + file + "' && sudo systemctl restart patd-http.service\n";
    EXPECT_EQ(found(), "warning: " + file +
                           ":2: ServerAccounts= names wwwdata, an account that this machine does "
                           "not have" +
                           fix + "warning: " + file +
                           ":3: IntrospectionAccounts= names an account that this machine does "
                           "not have" +
                           fix);
}

TEST_F(HttpCheck, ItsConfigurationHasNoFault) {
    configure("[Http]\nTlsInFront=maybe\n");
    EXPECT_TRUE(found().starts_with("error: ")) << found();
    EXPECT_NE(found().find("http.d/10-site.conf:2: TlsInFront= takes yes or no"),
              std::string::npos);
}

}  // namespace
}  // namespace patd::cli::doctor
