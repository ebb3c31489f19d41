// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What children cost: releasing and verifying one compared with an imported token's release and a
// plain verify; a release from a large set of tokens compared with one from a set of one; and many
// verifies in one write compared with redis.
#include "bench/connection.h"
#include "bench/placement.h"
#include "bench/redis.h"
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <random>

namespace patd::bench {
namespace {

struct ChildOptions : Options {
    Placement placement = Placement::Free;
};

constexpr std::size_t kCalls = 2000;
constexpr std::size_t kBatch = 256;
constexpr std::size_t kBatches = 100;

// A server's requests, and what every answer contains.
struct Questions {
    std::string socket;
    std::vector<std::string> requests;
    std::string end = "\n\n";
    std::string expected;
};

void check(bool right) {
    if (!right)
        throw std::runtime_error("a wrong answer");
}

double microseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
        .count();
}

// Microseconds per call, one after the other on one connection, each request picked at random.
Contender one_by_one(const std::string& name, const Questions& questions,
                     std::size_t calls = kCalls) {
    return {name, "us", [&questions, calls] {
                static std::mt19937_64 generator(1);
                std::uniform_int_distribution<std::size_t> pick(0, questions.requests.size() - 1);
                Connection connection(questions.socket);
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t call = 0; call < calls; ++call) {
                    const std::string_view answer =
                        connection.call(questions.requests[pick(generator)], questions.end);
                    check(answer.find(questions.expected) != std::string_view::npos);
                }
                return microseconds_since(start) / static_cast<double>(calls);
            }};
}

std::size_t count_in(std::string_view text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size()))
        ++count;
    return count;
}

// One request for all the secrets of `verifies`.
std::string verify_of_many(const std::vector<std::string>& verifies) {
    const std::string key = "token=";
    std::string request = "patd=1\nop=verify\npermission=vcs:repository:ro\ntokens=";
    for (std::size_t i = 0; i < kBatch; ++i) {
        const std::string& one = verifies[i];
        const std::size_t from = one.find(key) + key.size();
        request += (i == 0 ? "" : " ") + one.substr(from, one.find('\n', from) - from);
    }
    return request + "\n\n";
}

// Secrets a second, with kBatch in each request.
Contender in_one_request(const std::string& name, const std::string& socket,
                         const std::string& request) {
    return {name, "secrets/s", [socket, request] {
                Connection client(socket);
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t batch = 0; batch < kBatches; ++batch)
                    check(count_in(client.call(request, "\n\n"), "=valid ") == kBatch);
                return static_cast<double>(kBatches * kBatch) * 1e6 / microseconds_since(start);
            }};
}

// Calls a second, with kBatch requests in one write.
Contender batched(const std::string& name, const Questions& questions) {
    std::string requests;
    std::size_t size = 0;
    Connection connection(questions.socket);
    for (std::size_t i = 0; i < kBatch; ++i) {
        requests += questions.requests[i];
        size += connection.call(questions.requests[i], questions.end).size();
    }
    return {name, "calls/s", [&questions, requests, size] {
                Connection client(questions.socket);
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t batch = 0; batch < kBatches; ++batch) {
                    const std::string_view answers = client.call_for(requests, size);
                    check(count_in(answers, questions.expected) == kBatch);
                }
                return static_cast<double>(kBatches * kBatch) * 1e6 / microseconds_since(start);
            }};
}

Questions gets_of(const LineServer& server, const std::string& expected) {
    Questions questions{server.socket, {}, "\n\n", expected};
    for (std::size_t i = 0; i < server.seeded.hosts.size(); ++i)
        questions.requests.push_back(get_request(server.seeded.hosts[i], server.seeded.paths[i]));
    return questions;
}

// Verifies of a fresh child of each token.
Questions child_verifies_of(const LineServer& server) {
    Questions questions{server.socket, {}, "\n\n", "valid=1\n"};
    const Questions gets = gets_of(server, "password=patc1_");
    Connection connection(server.socket);
    for (const std::string& get : gets.requests) {
        const std::string answer(connection.call(get, "\n\n"));
        const std::size_t begin = answer.find(gets.expected);
        check(begin != std::string::npos);
        const std::size_t from = begin + std::string("password=").size();
        questions.requests.push_back(
            "patd=1\nop=verify\ntoken=" + answer.substr(from, answer.find('\n', from) - from) +
            "\npermission=vcs:repository:ro\n\n");
    }
    return questions;
}

// Ratios of the same series by name, in the order of the report.
class Measured {
  public:
    Measured(const std::vector<Series>& series, Report& report)
        : series_(series), report_(report) {}
    // Divides the first by the second; both are times or both rates.
    void compare(std::size_t a, std::size_t b, std::optional<Target> target) {
        report_.add_ratio(series_[a].name + " / " + series_[b].name,
                          paired_ratio(series_[a], series_[b]), target);
    }

  private:
    const std::vector<Series>& series_;
    Report& report_;
};

// Turns time per call into calls per second.
Contender as_rate(Contender contender) {
    return {contender.name, "calls/s",
            [measure = std::move(contender.measure)] { return 1e6 / measure(); }};
}

// `other`: where the other build is, if it is measured.
void add_ratios(Report& report, const std::vector<Series>& series, std::size_t other) {
    Measured measured(series, report);
    measured.compare(0, 1, Target{Bound::AtMost, 1.2});
    measured.compare(2, 3, Target{Bound::AtMost, 1.1});
    measured.compare(4, 5, Target{Bound::AtMost, 1.5});
    measured.compare(6, 7, Target{Bound::AtMost, 1.5});
    measured.compare(8, 10, Target{Bound::AtLeast, 50});
    measured.compare(8, 11, Target{Bound::AtLeast, 1.0});
    measured.compare(9, 11, std::nullopt);
    measured.compare(11, 10, std::nullopt);
    measured.compare(12, 10, std::nullopt);
    if (other < series.size())
        measured.compare(0, other, Target{Bound::AtMost, 0.5});
}

Report run(const ChildOptions& options) {
    place_servers(options.placement);
    const Workspace workspace;
    const auto start = [&](const std::string& name, const Seed& seed,
                           const std::string& build = "") {
        return start_patd(workspace,
                          {.name = name, .seed = seed, .bus_address = "none", .build = build});
    };
    const LineServer issued = start("issued", {.tokens_per_owner = 100});
    LineServer other;
    if (!options.against.empty())
        other = start("against", {.tokens_per_owner = 100}, options.against);
    const LineServer imported =
        start("imported", {.tokens_per_owner = 100, .kind = TokenKind::Imported});
    const LineServer one = start("one", {.tokens_per_owner = 1, .targets_per_token = 50});
    const LineServer many = start("many", {.tokens_per_owner = 200, .targets_per_token = 50});
    const LineServer one_path =
        start("onepath", {.tokens_per_owner = 1, .targets_per_token = 50, .one_host = true});
    const LineServer many_paths =
        start("paths", {.tokens_per_owner = 200, .targets_per_token = 50, .one_host = true});
    const LineServer verified = start("verified", {.owners = 10, .tokens_per_owner = 100});
    const std::string many_secrets = verify_of_many(verified.seeded.verifications);
    const LineServer nothing = start_echo(
        workspace, "nothing", std::string(Connection(verified.socket).call(many_secrets, "\n\n")));
    const RedisServer redis = start_redis(workspace);
    place_clients(options.placement);

    const std::string child = "password=patc1_";
    const Questions child_gets = gets_of(issued, child);
    const Questions imported_gets = gets_of(imported, "password=pat1_");
    const Questions child_verifies = child_verifies_of(issued);
    const Questions plain_verifies{issued.socket, issued.seeded.verifications, "\n\n", "valid=1\n"};
    const Questions one_gets = gets_of(one, child);
    const Questions many_gets = gets_of(many, child);
    const Questions one_path_gets = gets_of(one_path, child);
    const Questions many_path_gets = gets_of(many_paths, child);
    const Questions verifies{verified.socket, verified.seeded.verifications, "\n\n", "valid=1\n"};
    const Questions redis_gets{redis.socket, redis.requests, redis.value + "\r\n", redis.value};
    const Questions other_gets = options.against.empty() ? Questions{} : gets_of(other, child);
    std::vector<Contender> contenders = {
        one_by_one("get, a child", child_gets),
        one_by_one("get, an imported secret", imported_gets),
        one_by_one("verify, a child", child_verifies),
        one_by_one("verify, a token", plain_verifies),
        one_by_one("get, 200 tokens of 50 targets", many_gets),
        one_by_one("get, 1 token of 50 targets", one_gets),
        one_by_one("get, 200 tokens of 50 paths on one host", many_path_gets),
        one_by_one("get, 1 token of 50 paths on one host", one_path_gets),
        in_one_request("verify, 256 secrets in one request", verified.socket, many_secrets),
        batched("verify, 256 requests in one write", verifies),
        as_rate(one_by_one("redis GET, one by one", redis_gets)),
        batched("redis GET, 256 in one write", redis_gets),
        in_one_request("nothing, the bytes of 256 secrets", nothing.socket, many_secrets),
    };
    const std::size_t others = contenders.size();
    if (!options.against.empty())
        contenders.push_back(one_by_one("get, a child, the other build", other_gets));
    const std::vector<Series> series = measure_rounds(contenders, options.rounds);
    Report report("Children, large sets and many requests in one write");
    report.add_note(std::to_string(options.rounds) + " rounds of " + std::to_string(kCalls) +
                    " calls, or of " + std::to_string(kBatches) + " writes of " +
                    std::to_string(kBatch) + " requests, on one connection. " +
                    placement_text(options.placement));
    for (const Series& each : series)
        report.add(each);
    add_ratios(report, series, others);
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::ChildOptions options;
        options.rounds = 40;
        CLI::App app("children, large sets and many requests in one write");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        patd::bench::add_against(app, options);
        patd::bench::add_placement(app, options.placement);
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
