// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the other tools than git wait for: the helper under each of its other names as a whole
// process, compared with git-credential-pat get, against the same patd.
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>

namespace patd::bench {
namespace {

constexpr char kGit[] = "git-credential-pat get";

struct ToolOptions : Options {
    bool stand_in = false;
};

// What each tool says, and a part of what it is to hear.
std::vector<std::pair<std::string, Command>> all_commands(const std::string& program,
                                                          const std::string& host) {
    const std::string url = "https://" + host;
    const std::vector<std::string> environment = environment_with(
        {R"(KUBERNETES_EXEC_INFO={"kind":"ExecCredential",)"
         R"("apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":")" +
         url + R"("},"interactive":false}})"});
    const auto command = [&](std::vector<std::string> arguments, std::string input,
                             std::string expected) {
        arguments.insert(arguments.begin(), program);
        return Command{std::move(arguments), environment, std::move(input), std::move(expected)};
    };
    return {
        {kGit, command({"get"}, "protocol=https\nhost=" + host + "\n", "password=")},
        {"pat-get", command({"pat-get", url}, "", "\n")},
        {"docker-credential-pat", command({"docker-credential-pat", "get"}, host, "\"Secret\":")},
        {"pat-askpass", command({"pat-askpass", "Password for '" + url + "': "}, "", "\n")},
        {"cargo-credential-pat", command({"cargo-credential-pat", "--cargo-plugin"},
                                         R"({"v":1,"registry":{"index-url":"sparse+)" + url +
                                             R"(/","name":"priv"},"kind":"get","operation":"read"})"
                                             "\n",
                                         "\"token\":")},
        {"pat-kubectl", command({"pat-kubectl"}, "", "\"token\":")},
        {"pat-aws", command({"pat-aws", url}, "", "\"SecretAccessKey\":")},
        {"pat-keyring", command({"pat-keyring", "get", url, "root"}, "", "\n")},
        {"pat-go", command({"pat-go", url}, "", "Authorization: ")},
        {"terraform-credentials-pat",
         command({"terraform-credentials-pat", "get", host}, "", "\"token\":")},
        {"pat-pnpm", command({"pat-pnpm", url}, "", "Bearer ")},
        {"pat-vault-client", command({"pat-vault-client", "--vault-id", url}, "", "\n")},
        {"pat-bazel", command({"pat-bazel", "get"}, R"({"uri":")" + url + "\"}", "Authorization")},
    };
}

Report run(const ToolOptions& options) {
    const Workspace workspace;
    const LineServer server = options.stand_in
                                  ? start_echo(workspace, "socket",
                                               "authtype=Basic\ncredential=cm9vdDpmaXhlZA==\n"
                                               "username=root\npassword=fixed\n\n")
                                  : start_patd(workspace, {"socket", {1, 100}, "none"});
    const std::string host = options.stand_in ? "host0.example" : server.seeded.hosts.front();
    const std::string program = built_program("bench/git-credential-pat-bench");
    std::vector<Contender> contenders;
    for (const auto& [name, command] : all_commands(program, host))
        contenders.push_back({name, "us", [command] { return run_timed(command) * 1e6; }});
    const std::vector<Series> all = measure_rounds(contenders, options.rounds);

    Report report("Other tools: whole processes");
    report.add_note(std::string("Server: ") + (options.stand_in ? "stand-in" : "patd") + ". " +
                    std::to_string(options.rounds) + " rounds.");
    for (const Series& series : all)
        report.add(series);
    for (std::size_t i = 1; i < all.size(); ++i)
        report.add_ratio(all[i].name + " / " + kGit, paired_ratio(all[i], all.front()),
                         Target{Bound::AtMost, 1.3});
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::ToolOptions options;
        options.rounds = 200;
        CLI::App app("the helper's other names beside git-credential-pat");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_flag("--stand-in", options.stand_in,
                     "a server that gives a fixed answer, not patd");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
