// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/setup_record.h"
#include "cli/tools/tool_file.h"
#include "common/client/dictionary.h"
#include "common/token/target.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patd::cli::tools {

// Where tools keep their files, and what they can be set up for.
struct Surroundings {
    std::filesystem::path home;
    std::filesystem::path programs;  // the folder of patd's programs
    TargetList places;               // of the caller's tokens
    SetupRecord record;              // what was set up before

    static Surroundings look(TargetList places);
    std::string program(const char* name) const { return (programs / name).string(); }
    // Where XDG has a kind of files: `variable`, or else below the home.
    std::filesystem::path folder(const char* variable, const char* below) const;
};

// What was asked for.
struct Order {
    std::vector<std::string> names{};  // places, as they were typed; none: those of all tokens
    bool all_hosts = false;            // every host, also those without a token
    bool link = false;                 // the program under the name that the tool looks for
    bool undo = false;
};

// A link to a program of patd's, or a script that starts one.
struct LinkChange {
    std::filesystem::path link;
    std::string target;
    std::string script{};  // "": a link
    bool remove = false;
};

// All that is to become different for one tool.
struct Plan {
    std::vector<FileChange> files{};
    std::vector<LinkChange> links{};
    std::vector<std::string> places{};  // that patd is asked for afterwards
    std::vector<std::string> notes{};   // what stays as it is, and what is left to do
    std::vector<std::string> wrote{};   // what a later --undo could not tell from others' lines
};

struct Trouble {
    bool is_error;
    std::string text;  // one sentence without its stop
    std::string fix;
};

// How a tool stands today.
struct Standing {
    std::vector<std::string> places{};  // that it asks patd for
    std::vector<std::string> could{};   // that it could ask patd for, of one's tokens
    std::vector<Trouble> troubles{};
};

struct Tool {
    const char* name;
    const char* takes;    // what its places are called in the usage
    const char* meaning;  // of `patctl setup NAME`
    const char* program;  // the tool itself, on PATH
    std::filesystem::path (*file)(const Surroundings&);
    // BadFile: a file of the tool's cannot be read or added to; InvalidTarget, InvalidArgument: a
    // name. Their contexts are for people.
    Result<Plan> (*plan)(const Surroundings&, const Order&);
    Result<Standing> (*look)(const Surroundings&);
};

// All of them, in the order in which they are listed.
std::span<const Tool* const> all_tools();

extern const Tool kDocker;
extern const Tool kPodman;
extern const Tool kCargo;
extern const Tool kPip;
extern const Tool kAws;
extern const Tool kKubectl;
extern const Tool kGo;
extern const Tool kPnpm;
extern const Tool kTerraform;
extern const Tool kAnsible;
extern const Tool kBazel;

// Where the service's tokens are for: each place once, in the order of their URLs.
TargetList places_of_tokens(const std::vector<client::Dictionary>& tokens);

// A variable of the environment that is not empty.
std::optional<std::string> variable(const char* name);
// A path of the caller's as an environment variable has it, with ~/ in front or not.
std::filesystem::path path_of(const Surroundings& around, const std::string& text);
// Where a program is found on PATH; none: nowhere.
std::optional<std::filesystem::path> find_program(const std::string& name);

// What was typed as a place: HOST[:PORT], or a URL of https. InvalidTarget.
Result<Target> read_web_place(const std::string& typed);
// Those that were named, or else the places of all tokens that are for `protocol`: their hosts, or
// what stands where others have a host. NotFound: neither.
Result<std::vector<std::string>> hosts_of(const Surroundings& around, const Order& order,
                                          const char* tool);
Result<std::vector<std::string>> labels_of(const Surroundings& around, const Order& order,
                                           const char* tool, const char* protocol);
// The same of tokens alone.
std::vector<std::string> token_hosts(const Surroundings& around);
std::vector<std::string> token_labels(const Surroundings& around, const char* protocol);

// A program of patd's that a tool is told to start is not there.
void check_program(const std::string& program, const char* tool, Standing& standing);
// What a record has and the file has not.
void check_record(const Surroundings& around, const char* tool, const std::string& reason,
                  Standing& standing);

// A path as it stands in a command that is there to be pasted.
std::string pasted(const std::filesystem::path& file);
// With %XX for every byte of ASCII that is no letter, no digit and not in `kept`.
std::string escaped(std::string_view text, std::string_view kept);
bool contains(const std::vector<std::string>& texts, const std::string& text);
std::string join(const std::vector<std::string>& texts);

}  // namespace patd::cli::tools
