// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/abuses.h"

#include "bench/connection.h"
#include "bench/server.h"
#include "bench/storm/bus_attack.h"
#include "bench/storm/bus_client.h"
#include "bench/storm/line_attack.h"
#include "common/base/names.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace patd::bench {
namespace {

constexpr std::uint32_t kFirstSubUid = 200000;
constexpr std::uint32_t kSubUids = 8;
constexpr std::size_t kPipelined = 300;
constexpr std::size_t kImports = 1000;
constexpr std::size_t kTargetsPerImport = 12;  // the call has 1.1 MB
constexpr std::size_t kLargeBytes = 1048576;
constexpr std::size_t kEvents = 1000;
// Some are left for patd itself and the victim; two attackers alone would take more.
constexpr std::size_t kDescriptors = 80;
constexpr char kHalf[] = "patd=1\nop=get\nprotocol=https\n";

std::string verify_request(const std::string& secret) {
    return "patd=1\nop=verify\ntoken=" + secret + "\n\n";
}

std::string batch_request(const std::vector<std::string>& secrets) {
    std::string list;
    for (const std::string& secret : secrets)
        list.append(list.empty() ? "" : " ").append(secret);
    return "patd=1\nop=verify\ntokens=" + list + "\n\n";
}

Attack flood_with(const std::string& request) {
    return [request](const Aim& aim, Tally& tally) { flood(aim, tally, flood_of(request)); };
}

Attack get_in_a_row(const std::string& host, std::size_t count, std::size_t connections) {
    return [host, count, connections](const Aim& aim, Tally& tally) {
        Flood how;
        for (std::size_t i = 0; i < count; ++i)
            how.requests += get_request(host);
        how.count = count;
        how.connections = connections;
        flood(aim, tally, how);
    };
}

// Checks of the account that the process runs as.
void check_own(const Aim& aim, Tally& tally) {
    const passwd* account = ::getpwuid(::getuid());
    if (account == nullptr)
        throw std::runtime_error("no account");
    flood(aim, tally,
          flood_of(std::string("patd=1\nop=check\nuser=") + account->pw_name +
                   "\npassword=wrong\n\n"));
}

Attack talk_of(NextCall next) {
    return [next = std::move(next)](const Aim& aim, Tally& tally) { talk(aim, tally, {next}); };
}

Attack pour_of(MakeCall make) {
    return [make = std::move(make)](const Aim& aim, Tally& tally) { pour(aim, tally, make); };
}

NextCall again_and_again(const char* member) {
    return [member](sd_bus* bus, std::size_t, sd_bus_message*) {
        return new_manager_call(bus, member);
    };
}

const std::string& large_text() {
    static const std::string kText(kLargeBytes, 'x');
    return kText;
}

bus::MessagePtr with_create(bus::MessagePtr call, const std::string& description) {
    must_do(
        sd_bus_message_append(call.get(), "sasa{sv}", description.c_str(), 1, "area0:thing0:rw", 0),
        "sd_bus_message_append");
    return call;
}

bus::MessagePtr new_explain(sd_bus* bus) {
    bus::MessagePtr call = new_manager_call(bus, "Explain");
    const std::string url = std::string("https://") + kCollectorHost;
    must_do(sd_bus_message_append(call.get(), "sa{sv}", url.c_str(), 0), "sd_bus_message_append");
    return call;
}

bus::MessagePtr new_list_events(sd_bus* bus) {
    bus::MessagePtr call = new_manager_call(bus, "ListEvents");
    must_do(sd_bus_message_append(call.get(), "a{sv}", 1, "limit", "u", kEvents),
            "sd_bus_message_append");
    return call;
}

void append_import(sd_bus_message* call, std::size_t number) {
    const auto must = [](int result) { must_do(result, "ImportMany"); };
    const std::string description = "import " + std::to_string(number);
    must(sd_bus_message_open_container(call, 'a', "{sv}"));
    must(sd_bus_message_append(call, "{sv}", "description", "s", description.c_str()));
    must(sd_bus_message_append(call, "{sv}", "username", "s", "storm"));
    must(sd_bus_message_open_container(call, 'e', "sv"));
    must(sd_bus_message_append(call, "s", "targets"));
    must(sd_bus_message_open_container(call, 'v', "as"));
    must(sd_bus_message_open_container(call, 'a', "s"));
    for (std::size_t i = 0; i < kTargetsPerImport; ++i) {
        const std::string url = "https://host" + std::to_string(i) + ".storm.example/team/" +
                                std::to_string(number) + "/a-path-of-some-length-as-forges-have";
        must(sd_bus_message_append(call, "s", url.c_str()));
    }
    for (int level = 0; level < 4; ++level)
        must(sd_bus_message_close_container(call));
}

bus::MessagePtr new_import_many(sd_bus* bus) {
    bus::MessagePtr call = new_manager_call(bus, "ImportMany");
    must_do(sd_bus_message_open_container(call.get(), 'a', "a{sv}"), "open_container");
    for (std::size_t i = 0; i < kImports; ++i)
        append_import(call.get(), i);
    must_do(sd_bus_message_close_container(call.get()), "close_container");
    return call;
}

// Begins an operation, cancels it, and so on.
NextCall begin_and_cancel(MakeCall begin) {
    return [begin = std::move(begin)](sd_bus* bus, std::size_t, sd_bus_message* last) {
        const char* path = nullptr;
        if (last == nullptr || sd_bus_message_has_signature(last, "o") == 0 ||
            sd_bus_message_is_method_error(last, nullptr) != 0 ||
            sd_bus_message_read(last, "o", &path) < 0)
            return begin(bus);
        return new_call(bus, path, names::kOperationInterface, "Cancel");
    };
}

bus::MessagePtr subscribe_or_not(sd_bus* bus, std::size_t step, sd_bus_message*) {
    return new_manager_call(bus, step % 2 == 0 ? "Subscribe" : "Unsubscribe");
}

void only_compute(const Aim&, Tally& tally) {
    while (true)
        ++tally.sent;  // not requests, but it is working
}

// Makes as many events as one answer can have.
void make_events(const Aim& aim) {
    constexpr std::chrono::milliseconds kPatience{5000};
    Connection connection(aim.line_socket, kPatience);
    for (std::size_t i = 0; i < kEvents; ++i)
        (void)connection.call(get_request(kGuesserHost), "\n\n");
}

// The same line-socket attack on the program that only answers.
Attack on_floor(Attack attack) {
    return [attack = std::move(attack)](const Aim& aim, Tally& tally) {
        Aim floor = aim;
        floor.line_socket = aim.floor_socket;
        attack(floor, tally);
    };
}

Attack coming_and_going(const std::string& beginning) {
    return [beginning](const Aim& aim, Tally& tally) { come_and_go(aim, tally, beginning); };
}

void add_line_references(std::vector<Abuse>& abuses, const Cast& cast) {
    const std::vector<Uid> stranger = {cast.stranger};
    constexpr char kOf[] = " a program that only answers";
    const std::string line = "reference: line, ";
    for (const Abuse& abuse :
         {Abuse{line + "capability of" + kOf, stranger, flood_with("patd=1\nop=capability\n\n")},
          Abuse{line + "connect and close at" + kOf, stranger, coming_and_going("")},
          Abuse{line + "gone in mid-request at" + kOf, stranger, coming_and_going(kHalf)}}) {
        abuses.push_back(abuse);
        abuses.back().attack = on_floor(abuse.attack);
        abuses.back().is_reference = true;
        abuses.back().asks_line_floor = true;
    }
}

void add_references(std::vector<Abuse>& abuses, const Cast& cast) {
    Abuse computing{
        "reference: two that only compute", {cast.stranger, cast.stranger}, only_compute};
    Abuse chatting{"reference: bus, ListNames of the bus itself",
                   {cast.stranger},
                   talk_of([](sd_bus* bus, std::size_t, sd_bus_message*) {
                       return new_bus_call(bus, "ListNames");
                   })};
    Abuse calling{"reference: bus, Status of a program that only answers, no reply",
                  {cast.stranger},
                  pour_of([](sd_bus* bus) { return new_floor_call(bus, "Status"); })};
    Abuse filling{"reference: bus, 1 MiB to a program that only answers, no reply",
                  {cast.stranger},
                  pour_of([](sd_bus* bus) {
                      return with_create(new_floor_call(bus, "Create"), large_text());
                  })};
    Abuse talking{"reference: bus, calls of a program that only answers",
                  {cast.stranger},
                  talk_of([](sd_bus* bus, std::size_t, sd_bus_message*) {
                      return new_floor_call(bus, "Status");
                  })};
    for (Abuse* abuse : {&calling, &filling, &talking})
        abuse->asks_floor = true;
    for (Abuse* abuse : {&computing, &chatting, &calling, &filling, &talking}) {
        abuse->is_reference = true;
        abuses.push_back(std::move(*abuse));
    }
}

void add_line(std::vector<Abuse>& abuses, const Cast& cast) {
    const std::vector<Uid> stranger = {cast.stranger};
    abuses.push_back({"line: bad verify", stranger, [](const Aim& aim, Tally& tally) {
                          flood(aim, tally, flood_of(verify_request(aim.wrong_secrets.front())));
                      }});
    abuses.push_back({"line: bad verify, a token's id", stranger, [](const Aim& aim, Tally& tally) {
                          flood(aim, tally, flood_of(verify_request(aim.forged_secret)));
                      }});
    abuses.push_back({"line: bad verify of 256", stranger, [](const Aim& aim, Tally& tally) {
                          flood(aim, tally, flood_of(batch_request(aim.wrong_secrets)));
                      }});
    abuses.push_back(
        {"line: get that finds nothing", stranger, flood_with(get_request("nothing.example"))});
    abuses.push_back({"line: unknown op", stranger, flood_with("patd=1\nop=unknown\n\n")});
    abuses.push_back({"line: capability", stranger, flood_with("patd=1\nop=capability\n\n")});
    abuses.push_back({"line: connect and close", stranger, coming_and_going("")});
    abuses.push_back({"line: gone in mid-request", stranger, coming_and_going(kHalf)});
    abuses.push_back({"line: half requests", stranger,
                      [](const Aim& aim, Tally& tally) { hold(aim, tally, kHalf); }});
    abuses.push_back({"line: answers not read", stranger, [](const Aim& aim, Tally& tally) {
                          Flood how = flood_of("patd=1\nop=capability\n\n");
                          how.reads = false;
                          flood(aim, tally, how);
                      }});
    abuses.push_back({"line: 300 dear gets in a write",
                      {cast.committee},
                      get_in_a_row(kCommitteeHost, kPipelined, 1)});
    abuses.push_back(
        {"line: get of 1,000 x 48", {cast.collector}, get_in_a_row(kCollectorHost, 1, 4)});
    abuses.push_back(
        {"line: gets of an exposure", {cast.guesser}, [](const Aim& aim, Tally& tally) {
             Aim exposed = aim;
             exposed.line_socket = expose(aim);
             flood(exposed, tally, flood_of(get_request(kGuesserHost)));
         }});
    Abuse silent{
        "line: 8 sub-uids, silent", {}, [](const Aim& aim, Tally& tally) { hold(aim, tally, ""); }};
    for (std::uint32_t i = 0; i < kSubUids; ++i)
        silent.uids.emplace_back(kFirstSubUid + i);
    Abuse exhausting = silent;
    exhausting.name = "line: few descriptors";
    exhausting.descriptors = kDescriptors;
    abuses.push_back(std::move(silent));
    abuses.push_back(std::move(exhausting));
}

void add_check(std::vector<Abuse>& abuses, const Cast& cast) {
    abuses.push_back({"check: wrong password", {cast.guesser}, check_own});
    abuses.push_back({"check: wrong, two accounts", {cast.guesser, cast.collector}, check_own});
    abuses.push_back({"check: no password", {cast.stranger}, check_own});
}

void add_bus(std::vector<Abuse>& abuses, const Cast& cast) {
    const std::vector<Uid> stranger = {cast.stranger};
    const auto manager = [](const char* member) {
        return [member](sd_bus* bus) { return new_manager_call(bus, member); };
    };
    abuses.push_back({"bus: Status, no reply", stranger, pour_of(manager("Status"))});
    abuses.push_back({"bus: Lock, no reply", stranger, pour_of(manager("Lock"))});
    abuses.push_back({"bus: List of 1,000", {cast.collector}, talk_of(again_and_again("List"))});
    abuses.push_back(
        {"bus: Explain of 1,000 x 48",
         {cast.collector},
         talk_of([](sd_bus* bus, std::size_t, sd_bus_message*) { return new_explain(bus); })});
    abuses.push_back({"bus: ListEvents of 1,000", {cast.guesser}, [](const Aim& aim, Tally& tally) {
                          make_events(aim);
                          talk(aim, tally, {[](sd_bus* bus, std::size_t, sd_bus_message*) {
                                   return new_list_events(bus);
                               }});
                      }});
    abuses.push_back({"bus: Create and Cancel", stranger, talk_of(begin_and_cancel([](sd_bus* bus) {
                          return with_create(new_manager_call(bus, "Create"), "storm");
                      }))});
    abuses.push_back({"bus: ImportMany and Cancel", stranger, [](const Aim& aim, Tally& tally) {
                          talk(aim, tally, {begin_and_cancel(new_import_many), 2, 2});
                      }});
    abuses.push_back({"bus: Expose and Cut", {cast.guesser}, [](const Aim& aim, Tally& tally) {
                          talk(aim, tally,
                               {[&](sd_bus* bus, std::size_t, sd_bus_message* last) {
                                    return expose_or_cut(aim, bus, last);
                                },
                                2, 4});
                      }});
    abuses.push_back({"bus: Next, not read", stranger, leave_prompts_unread});
    abuses.push_back({"bus: Subscribe, Unsubscribe", stranger, talk_of(subscribe_or_not)});
    abuses.push_back({"bus: 1 MiB, no reply", stranger, pour_of([](sd_bus* bus) {
                          return with_create(new_manager_call(bus, "Create"), large_text());
                      })});
}

}  // namespace

std::vector<Abuse> all_abuses(const Cast& cast) {
    std::vector<Abuse> abuses;
    add_references(abuses, cast);
    add_line_references(abuses, cast);
    add_line(abuses, cast);
    add_check(abuses, cast);
    add_bus(abuses, cast);
    return abuses;
}

}  // namespace patd::bench
