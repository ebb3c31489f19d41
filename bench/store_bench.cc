// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The store alone, without a daemon around it: finding a token among 100, 10,000 and 1,000,000, and
// inserting one compared with appending 4 KiB to a file and syncing it. Every owner has 1,000
// tokens.
#include "bench/report.h"
#include "bench/server.h"
#include "common/base/unique_fd.h"
#include "common/token/token_string.h"
#include "daemon/store/tokens/token_store.h"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <random>
#include <stdexcept>

namespace patd::bench {
namespace {

using store::TokenStore;

constexpr std::size_t kTokensPerOwner = 1000;
constexpr std::uint32_t kFirstOwner = 100000;
constexpr std::uint32_t kInsertingOwner = 50000;
constexpr std::size_t kFinds = 100;
constexpr std::size_t kPasses = 20;
constexpr std::size_t kWrites = 20;
constexpr std::size_t kAppendBytes = 4096;

struct StoreOptions : Options {
    std::size_t largest = 1'000'000;
};

template <typename T>
T must(Result<T> result) {
    if (!result)
        throw std::runtime_error("store: " + std::string(errc_name(result.error().code)) + " " +
                                 result.error().context);
    if constexpr (!std::is_void_v<T>)
        return std::move(result).value();
}

double microseconds(std::size_t calls, const std::function<void(std::size_t)>& call) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < calls; ++i)
        call(i);
    const std::chrono::duration<double, std::micro> elapsed =
        std::chrono::steady_clock::now() - start;
    return elapsed.count() / static_cast<double>(calls);
}

TokenStore::NewToken make_token(std::uint32_t owner, Random& random) {
    Token token{must(TokenId::generate(random)), Uid(owner), "user" + std::to_string(owner)};
    token.description = "a laptop and its scripts";
    token.permissions = must(parse_permission_list("vcs:repository:rw,project:issue:ro"));
    token.targets = must(parse_targets({"https://git.example.org/team"}));
    token.username = token.owner_name;
    token.created = 1'800'000'000;
    return {token, must(make_issued_secret(token.id, random))};
}

// One filled store, and the measurements on it.
class Subject {
  public:
    Subject(const std::string& directory, std::size_t tokens) : size_(tokens) {
        if (::mkdir(directory.c_str(), 0700) != 0)
            throw std::runtime_error("cannot make " + directory);
        SecretBuffer key(32);
        const std::span<char> free = key.free_space();
        must(random_.fill({reinterpret_cast<std::uint8_t*>(free.data()), free.size()}));
        key.grow(free.size());
        store_ = must(TokenStore::open({directory, true}, MasterKey(std::move(key)), random_));
        while (ids_.size() < tokens)
            add_owner(std::min(kTokensPerOwner, tokens - ids_.size()));
    }

    std::string size_text() const { return std::to_string(size_) + " tokens"; }

    // Every token is looked up once after a change, so that none comes from the cache.
    double find_first() {
        std::uniform_int_distribution<std::size_t> pick(0, ids_.size() - kFinds);
        double total = 0;
        for (std::size_t pass = 0; pass < kPasses; ++pass) {
            must(store_->insert_many({}));
            const std::size_t first = pick(generator_);
            total += microseconds(kFinds, [&](std::size_t i) { find(ids_[first + i]); });
        }
        return total / static_cast<double>(kPasses);
    }

    double find_again() {
        return microseconds(kFinds * kPasses, [&](std::size_t) { find(ids_.front()); });
    }

    // The owner of inserted tokens has at most 500, then another owner follows.
    double insert() {
        std::vector<TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < kWrites; ++i)
            tokens.push_back(make_token(
                kInsertingOwner + static_cast<std::uint32_t>(inserted_++ / 500), random_));
        return microseconds(kWrites, [&](std::size_t i) {
            must(store_->insert(tokens[i].first, tokens[i].second));
        });
    }

  private:
    void find(const TokenId& id) {
        if (!must(store_->find(id)))
            throw std::runtime_error("the store lost a token");
    }

    void add_owner(std::size_t count) {
        const auto owner = kFirstOwner + static_cast<std::uint32_t>(ids_.size() / kTokensPerOwner);
        std::vector<TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < count; ++i) {
            tokens.push_back(make_token(owner, random_));
            ids_.push_back(tokens.back().first.id);
        }
        must(store_->insert_many(tokens));
    }

    std::size_t size_;
    SystemRandom random_;
    std::mt19937_64 generator_{1};
    std::unique_ptr<TokenStore> store_;
    std::vector<TokenId> ids_;
    std::size_t inserted_ = 0;
};

// What any durable log of one's own would cost.
class AppendedFile {
  public:
    explicit AppendedFile(const std::string& path)
        : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

    double append() {
        return microseconds(kWrites, [&](std::size_t) {
            const auto count = ::write(file_.get(), block_.data(), block_.size());
            if (count != static_cast<ssize_t>(block_.size()) || ::fdatasync(file_.get()) != 0)
                throw std::runtime_error("cannot append");
        });
    }

  private:
    UniqueFd file_;
    std::array<char, kAppendBytes> block_{};
};

Report run(const StoreOptions& options) {
    const Workspace workspace;
    std::deque<Subject> subjects;
    for (const std::size_t size : {std::size_t{100}, std::size_t{10'000}, options.largest})
        subjects.emplace_back(workspace.disk("store" + std::to_string(size)), size);
    AppendedFile appended(workspace.disk("appended"));
    ::sync();

    std::vector<Contender> finds;
    std::vector<Contender> writes{
        {"append 4 KiB + fdatasync", "us", [&] { return appended.append(); }}};
    for (Subject& subject : subjects) {
        finds.push_back(
            {"find, " + subject.size_text(), "us", [&] { return subject.find_first(); }});
        writes.push_back(
            {"insert, " + subject.size_text(), "us", [&] { return subject.insert(); }});
    }
    finds.push_back({"find again", "us", [&] { return subjects.back().find_again(); }});
    const std::vector<Series> found = measure_rounds(finds, options.rounds);
    const std::vector<Series> written = measure_rounds(writes, options.rounds);

    Report report("the store alone");
    report.add_note(std::to_string(options.rounds) + " rounds of " +
                    std::to_string(kFinds * kPasses) + " finds of random issued tokens and " +
                    std::to_string(kWrites) + " writes.");
    for (const std::vector<Series>* group : {&found, &written}) {
        for (const Series& series : *group)
            report.add(series);
    }
    // scale_bench shows what a client notices of it, and has the target.
    for (std::size_t i = 1; i < subjects.size(); ++i)
        report.add_ratio(found[i].name + " / " + found[0].name, paired_ratio(found[i], found[0]));
    for (std::size_t i = 1; i < written.size(); ++i)
        report.add_ratio(written[i].name + " / " + written[0].name,
                         paired_ratio(written[i], written[0]), Target{Bound::AtMost, 1.15});
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::StoreOptions options;
        options.rounds = 30;
        CLI::App app("The store alone: find and insert by the size of the store");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_option("--largest", options.largest, "tokens in the largest store");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
