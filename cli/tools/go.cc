// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/tools/ini_file.h"
#include "cli/tools/tool.h"

namespace patd::cli::tools {
namespace {
namespace go {

constexpr char kProgram[] = "pat-go";
constexpr IniKey kAuth{"", "GOAUTH"};
constexpr char kOwn[] = "netrc";  // what go does where nothing is said
constexpr char kEveryHost[] = "every host";

std::filesystem::path go_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("GOENV"); file && *file != "off")
        return *file;
    return around.folder("XDG_CONFIG_HOME", ".config") / "go" / "env";
}

std::string command_for(const Surroundings& around) {
    const std::string program = around.program(kProgram);
    return program.find_first_of(" \t\"';") == std::string::npos ? program : "'" + program + "'";
}

// The commands of a GOAUTH, each with the blanks around it.
std::vector<std::string> commands_of(const std::string& value) {
    std::vector<std::string> commands;
    for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t end = std::min(value.find(';', begin), value.size());
        commands.push_back(value.substr(begin, end - begin));
        begin = end + 1;
    }
    return commands;
}

bool is_ours(const std::string& command) {
    const std::size_t at = command.find(kProgram);
    return at != std::string::npos && at > 0 && command[at - 1] == '/';
}

bool asks_ours(const std::string& value) {
    for (const std::string& command : commands_of(value)) {
        if (is_ours(command))
            return true;
    }
    return false;
}

std::string without_ours(const std::string& value) {
    std::string left;
    for (const std::string& command : commands_of(value)) {
        if (!is_ours(command))
            left += (left.empty() ? "" : ";") + command;
    }
    return left;
}

// The first one is asked first. Where nothing was said, go's own stays behind ours.
Result<std::string> edit(const std::string& text, const std::string& command, const Order& order,
                         bool wrote_line) {
    const std::string value = value_of(TRY(kLines.flatten(text)), kAuth);
    if (order.undo && asks_ours(value)) {
        const std::string left = without_ours(value);
        return left.empty() || (wrote_line && left == std::string(" ") + kOwn)
                   ? without_line(kLines, text, kAuth, "")
                   : with_value(kLines, text, kAuth, left);
    }
    if (order.undo || asks_ours(value))
        return text;
    if (value.empty())
        return with_line(kLines, text, kAuth, command + "; " + kOwn, "");
    return with_value(kLines, text, kAuth, command + ";" + value);
}

Result<Plan> plan_go(const Surroundings& around, const Order& order) {
    if (!order.names.empty())
        return Error{Errc::MalformedRequest, "go: it asks for every host; name none"};
    if (variable("GOENV") == "off")
        return Error{Errc::BadFile,
                     "GOENV is off, so that go reads no file; unset it, or set "
                     "GOAUTH in the environment"};
    const std::filesystem::path file = go_file(around);
    const std::string before = value_of(TRY(read_flat(file, kLines)), kAuth);
    if (!order.undo && before == "off")
        return Error{Errc::BadFile,
                     shown_file(file.string()) + ": GOAUTH is off; run: go env -u GOAUTH"};
    const bool wrote_line = around.record.has_made("go", kAuth.key);
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kLines,
                         [&](const std::string& text) {
                             return edit(text, command_for(around), order, wrote_line);
                         },
                         [](const std::string& name) { return name == name_of(kAuth); },
                         around.record.has_made("go", file)})));
    const FlatText after = TRY(kLines.flatten(plan.files.front().after.value_or("")));
    if (asks_ours(value_of(after, kAuth)))
        plan.places = {kEveryHost};
    if (before.empty() || wrote_line)
        plan.wrote.emplace_back(kAuth.key);
    if (!order.undo && variable("GOAUTH"))
        plan.notes.emplace_back("GOAUTH in the environment wins; unset it");
    return plan;
}

Result<Standing> look_at_go(const Surroundings& around) {
    Standing standing;
    const std::string value = value_of(TRY(read_flat(go_file(around), kLines)), kAuth);
    for (const std::string& command : commands_of(value)) {
        if (!is_ours(command))
            continue;
        standing.places = {kEveryHost};
        const std::size_t begin = command.find('/');
        check_program(command.substr(begin, command.find(kProgram) + sizeof kProgram - 1 - begin),
                      "go", standing);
    }
    if (standing.places.empty())
        standing.could = token_hosts(around);
    const std::string set = variable("GOAUTH").value_or("");
    if (!standing.places.empty() && !set.empty() && !asks_ours(set))
        standing.troubles.push_back(
            {false, "go takes GOAUTH from the environment, which does not name patd",
             "unset GOAUTH"});
    check_record(around, "go", "", standing);
    return standing;
}

}  // namespace go
}  // namespace

const Tool kGo = {
    "go",           "",          "all modules, in go's env file (GOAUTH; go 1.24 and later)",
    "go",           go::go_file, go::plan_go,
    go::look_at_go,
};

}  // namespace patd::cli::tools
