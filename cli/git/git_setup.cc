// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_setup.h"

#include "cli/git/git_chain.h"
#include "cli/git/git_fix.h"
#include "cli/git/path_targets.h"
#include "cli/io/process.h"
#include "common/line/helper_command.h"
#include "common/token/place.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;
using Lines = std::vector<ConfigLine>;

constexpr char kKey[] = "credential.helper";
constexpr std::size_t kPlaces = 64;  // that git is asked about at once
constexpr int kLinks = 40;           // one behind the other, as many as the kernel follows

bool is_none_of(const Lines& lines, bool (*what)(const ConfigLine&)) {
    return std::none_of(lines.begin(), lines.end(), what);
}

// Whether `value` starts `helper`, perhaps with options of its own.
bool starts(const std::string& value, const std::string& helper) {
    return value == helper || value.starts_with(helper + " ");
}

// What git reads up to the end of `scope`.
Result<Lines> read_up_to(GitScope scope, Where where) {
    Lines lines = TRY(read_credential_lines(where));
    std::erase_if(lines, [&](const ConfigLine& line) {
        return line.scope != "system" && (scope == GitScope::System || line.scope != "global");
    });
    return lines;
}

const char* name_of(GitScope scope) {
    return scope == GitScope::System ? "system" : "global";
}

bool is_written(GitScope scope, const ConfigLine& line) {
    return line.origin == "file:" + written_file(scope);
}

// What is to be written to the file of a scope, and what git will read up to there then.
class Draft {
  public:
    Draft(GitScope scope, Lines lines) : scope_(scope), lines_(std::move(lines)) {}

    // All helpers of that key, or with a value those that are it.
    void remove(const std::string& key, const std::optional<std::string>& value = {}) {
        change_.removals.push_back(value ? Texts{"--fixed-value", "--unset-all", key, *value}
                                         : Texts{"--unset-all", key});
        std::erase_if(lines_, [&](const ConfigLine& line) {
            return is_written(scope_, line) && line.key == key && (!value || line.value == *value);
        });
    }
    void append(const std::string& section, const Texts& helpers) {
        change_.sections.push_back({section, helpers});
        for (const std::string& helper : helpers)
            lines_.push_back({name_of(scope_), "", section + ".helper", helper});
    }

    GitScope scope() const { return scope_; }
    const Lines& lines() const { return lines_; }
    Result<void> write() const { return change_helpers(scope_, change_); }

  private:
    GitScope scope_;
    Lines lines_;
    HelperChange change_;
};

// Ours and what stays behind it, in the place of every other helper that git asks everywhere.
Result<bool> is_set_up(const Lines& lines, const std::string& helper) {
    const Asked asked = TRY(ask_git(lines, kSomewhere));
    if (asked.helpers.empty() || !starts(asked.helpers.front().value, helper) ||
        !std::all_of(asked.helpers.begin() + 1, asked.helpers.end(), keeps_nothing))
        return false;
    // What is not named yet is forgotten too.
    bool forgets = false;
    for (const ConfigLine& line : lines) {
        if (line.is_general() && line.value == asked.helpers.front().value)
            return forgets;
        forgets = line.is_general() && line.value.empty();
    }
    return false;
}

// The file behind links, which need not be there yet.
std::filesystem::path resolve(std::filesystem::path file) {
    std::error_code failed;
    for (int links = 0; links < kLinks && std::filesystem::is_symlink(file, failed); ++links)
        file = file.parent_path() / std::filesystem::read_symlink(file, failed);
    std::filesystem::path resolved = std::filesystem::weakly_canonical(file, failed);
    return failed ? file : resolved;
}

struct Readers {
    bool all = true;   // everybody here may read it
    bool some = true;  // others than its owner may, by their group or all
};

// What is not there yet might be for some once it is written.
Readers readers_of(const std::filesystem::path& name) {
    using std::filesystem::perms;
    const std::filesystem::path file = resolve(name);
    Readers readers;
    const auto look_at = [&](const std::filesystem::path& path, perms wanted) {
        std::error_code failed;
        const std::filesystem::file_status status = std::filesystem::status(path, failed);
        const bool is_there = std::filesystem::exists(status);
        const perms given = status.permissions() & wanted;
        readers.all = readers.all && is_there && given == wanted;
        readers.some = readers.some && (!is_there || given != perms::none);
    };
    look_at(file, perms::group_read | perms::others_read);
    for (std::filesystem::path folder = file.parent_path();; folder = folder.parent_path()) {
        look_at(folder, perms::group_exec | perms::others_exec);
        if (folder == folder.parent_path())
            return readers;
    }
}

// What would have to be done for a line that cannot be copied into the file of `scope`; "" where it
// can. A command may hold a password, and another file may be more private than that one.
std::string fix_copied(GitScope scope, const ConfigLine& line) {
    if (!line.is_helper() || line.is_general() || !line.value.starts_with('!') ||
        keeps_nothing(line) || is_ours(line) || is_written(scope, line))
        return {};
    if (!is_main_file(line))
        return "move the include after patd's lines, or remove it";
    if (readers_of(config_file_of(line)).all || !readers_of(written_file(scope)).some)
        return {};
    return line.scope == "system"
               ? "set up git for the whole machine: sudo patctl setup git --system"
               : "move its lines to " + printable(written_file(scope)) + " first";
}

Result<void> refuse_to_copy_commands(GitScope scope, const Lines& lines) {
    for (const ConfigLine& line : lines) {
        if (const std::string fix = fix_copied(scope, line); !fix.empty())
            return Error{Errc::AccessDenied,
                         printable(line.key) + " in " + printable(config_file_of(line)) +
                             " is a shell command and would be copied into another file; " + fix};
    }
    return {};
}

// Ours for every place. Lines of ours that are there go, but for a shell command, which may hold a
// secret and would stand in an argument, and those of an included file: our empty helper forgets
// them.
void draft_everywhere(Draft& draft, const std::string& helper, const Asked& before) {
    Texts helpers = {"", helper};
    for (const ConfigLine& line : before.helpers) {
        if (keeps_nothing(line))
            helpers.push_back(line.value);
    }
    std::set<std::string> old;
    for (const ConfigLine& line : draft.lines()) {
        if (line.scope == name_of(draft.scope()) && line.is_general() && is_ours(line) &&
            !line.value.starts_with('!'))
            old.insert(line.value);
    }
    for (const std::string& value : old)
        draft.remove(kKey, value);
    draft.append("credential", helpers);
}

using Places = std::map<std::string, Lines>;  // by key: whom git asks there

Result<Places> ask_of_places(const Lines& lines) {
    Places places;
    for (const std::string& key : keys_of_places(lines)) {
        // What git takes for no URL has no say.
        if (const Result<Asked> asked = ask_git(lines, url_of_key(key)))
            places.emplace(key, asked->helpers);
    }
    return places;
}

std::string section_of(const std::string& key) {
    return key.substr(0, key.rfind('.'));
}

// The helpers of places of their own that were asked before, after the lines that forget them.
Result<void> draft_places(Draft& draft, const Places& before) {
    for (const auto& [key, helpers] : before) {
        const Lines now = TRY(ask_git(draft.lines(), url_of_key(key))).helpers;
        Texts own;
        for (const ConfigLine& line : helpers) {
            if (line.key == key)
                own.push_back(line.value);
        }
        const bool all = std::all_of(own.begin(), own.end(), [&](const std::string& value) {
            return std::any_of(now.begin(), now.end(), [&](const ConfigLine& line) {
                return line.key == key && line.value == value;
            });
        });
        if (all || own.empty())
            continue;
        // Who was asked first is asked first again, and not patd before him.
        if (helpers.front().key == key)
            own.insert(own.begin(), "");
        draft.remove(key);
        draft.append(section_of(key), own);
    }
    return {};
}

// Whether it is a shell command with a password written into it, and not one that it looks up.
bool holds_password(const ConfigLine& line) {
    constexpr std::string_view kSecretMark = "password=";
    const std::string_view value = line.value;
    if (!value.starts_with('!'))
        return false;
    for (std::size_t at = value.find(kSecretMark); at != std::string_view::npos;
         at = value.find(kSecretMark, at + 1)) {
        const std::size_t next = value.find_first_not_of("\"'\\", at + kSecretMark.size());
        if (next != std::string_view::npos &&
            std::string_view("$`%; ").find(value[next]) == std::string_view::npos)
            return true;
    }
    return false;
}

Result<ExitCode> fail_to_read(const Session& session, const Error& error) {
    if (!run_process({"git", "--version"}))
        return session.fail("NoGit",
                            "git is not installed, or not on PATH; run: sudo apt install git",
                            ExitCode::Failure);
    return session.fail("GitConfig", error.context + ": " + fix_unreadable(error.context),
                        ExitCode::Failure);
}

// None when the service cannot be asked: the helper is set up all the same, and doctor looks again.
// Whose tokens they are is a matter of the user's own configuration.
std::vector<client::Dictionary> find_tokens(const Session& session, const GitSetup& setup) {
    if (setup.scope == GitScope::System)
        return {};
    if (setup.tokens)
        return *setup.tokens;
    Result<client::TokensClient> client = session.connect();
    Result<std::vector<client::Dictionary>> tokens = client ? client->list() : client.error();
    return tokens ? std::move(*tokens) : std::vector<client::Dictionary>();
}

// Where git has to tell the path, because a token of the caller's is bound to one.
Result<std::set<std::string>> write_paths(const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> set;
    for (const std::string& origin : path_bound_origins(tokens)) {
        if (sends_path(origin) && sends_path(origin, Where::Anywhere))
            continue;
        TRY(change_git_config(GitScope::Global, {"credential." + origin + ".useHttpPath", "true"}));
        set.insert(origin);
    }
    return set;
}

// Helpers of places that git forgets where a condition includes their file, as it is read before
// the lines that forget it: by key and file.
Result<std::set<std::pair<std::string, std::string>>> find_forgotten() {
    std::set<std::pair<std::string, std::string>> forgotten;
    for (const ConditionalFile& file : TRY(read_conditional_files())) {
        for (const ConfigLine& line : file.own) {
            if (!line.is_helper() || line.is_general() || line.value.empty())
                continue;
            const Result<Asked> asked = ask_git(file.around, url_of_key(line.key));
            const bool is_asked =
                !asked || std::any_of(asked->helpers.begin(), asked->helpers.end(),
                                      [&](const ConfigLine& other) {
                                          return other.key == line.key && other.value == line.value;
                                      });
            if (!is_asked)
                forgotten.emplace(line.key, file.file);
        }
    }
    return forgotten;
}

void warn_of_forgotten(const Session& session, GitScope scope) {
    const auto forgotten = find_forgotten();
    if (!forgotten)
        return;
    for (const auto& [key, file] : *forgotten)
        session.warn(
            "warning: git will not use " + printable(key) + " of " + printable(file) +
            ", a conditional include; move that include after patd's lines: " +
            (scope == GitScope::System ? "sudo git config --system" : "git config --global") +
            " --edit");
}

// What git says after all was written.
struct SetupOutcome {
    std::string helper;
    std::set<std::string> paths;
    Asked somewhere;
    std::vector<std::pair<std::string, Asked>> places;  // those that differ, by URL or pattern
    Lines others;  // that are asked beside ours, and may keep a copy
};

Result<SetupOutcome> look(const std::string& helper, const std::vector<client::Dictionary>& tokens,
                          const std::optional<std::string>& url) {
    const Lines lines = TRY(read_credential_lines());
    Asked somewhere = TRY(ask_git(lines, url.value_or(kSomewhere)));
    SetupOutcome outcome{helper, {}, std::move(somewhere), {}, {}};
    std::map<std::string, std::string> urls;  // what is asked about, by what is shown for it
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            if (const Result<Target> target = Target::parse(text))
                urls.emplace(target->url(), target->url());
        }
    }
    for (const std::string& key : keys_of_places(lines)) {
        const std::string place = place_of_key(key);
        const bool is_pattern = place.find('*') != std::string::npos;
        urls.emplace(is_pattern ? place : url_of_key(key), url_of_key(key));
    }
    const auto add_others = [&](const Asked& asked) {
        if (is_none_of(asked.helpers, is_ours))
            return;
        for (const ConfigLine& line : asked.helpers) {
            const bool known = std::any_of(
                outcome.others.begin(), outcome.others.end(), [&](const ConfigLine& other) {
                    return other.key == line.key && other.value == line.value;
                });
            if (!known && !is_ours(line) && !keeps_nothing(line))
                outcome.others.push_back(line);
        }
    };
    add_others(outcome.somewhere);
    for (const auto& [place, asked_of] : urls) {
        const Result<Asked> asked = ask_git(lines, asked_of);
        if (!asked || outcome.places.size() >= kPlaces)
            continue;
        add_others(*asked);
        if (is_none_of(asked->helpers, is_ours))
            outcome.places.emplace_back(place, *asked);
    }
    return outcome;
}

nlohmann::json outcome_json(const SetupOutcome& outcome) {
    nlohmann::json others = nlohmann::json::array();
    for (const ConfigLine& line : outcome.others)
        others.push_back({{"scope", line.scope}, {"origin", line.origin}, {"key", line.key}});
    nlohmann::json places = nlohmann::json::array();
    for (const auto& [url, asked] : outcome.places)
        places.push_back({{"url", url}, {"asks", name_chain(asked.helpers)}});
    return {{"helper", outcome.helper},
            {"others", others},
            {"paths", outcome.paths},
            {"not_asked_for", places}};
}

// A pattern stands for more places than anybody would give away at once.
std::string command_for(const std::string& place) {
    return place.find('*') == std::string::npos
               ? ": patctl setup git " + printable(quote_for_shell(place))
               : " for one of these: patctl setup git URL";
}

std::string format(const SetupOutcome& outcome, const std::optional<std::string>& url) {
    const std::string where = url ? " for " + printable(*url) : "";
    std::string text = is_none_of(outcome.somewhere.helpers, is_ours)
                           ? "git still asks " + name_chain(outcome.somewhere.helpers) + where +
                                 ", because of its configuration here; see 'patctl doctor'."
                           : "git now asks " + outcome.helper + " for credentials" + where + ".";
    for (const std::string& origin : outcome.paths)
        text +=
            "\ngit now sends the path of URLs at " + origin + ", because a token is bound to one.";
    if (url)
        return text;
    for (const auto& [place, asked] : outcome.places)
        text += "\nFor " + printable(place) + " git asks " + name_chain(asked.helpers) +
                ", as before, not patd. To change that" + command_for(place);
    return text;
}

}  // namespace

Result<void> write_helper(GitScope scope, const std::string& helper) {
    // What holds in this directory alone is not to be written for all.
    const Lines lines = TRY(read_up_to(scope, Where::Anywhere));
    const Lines here = TRY(read_up_to(scope, Where::Here));
    if (TRY(is_set_up(lines, helper)) && TRY(is_set_up(here, helper)))
        return {};
    const Asked before = TRY(ask_git(lines, kSomewhere));
    TRY(refuse_to_copy_commands(scope, lines));
    const Places places = TRY(ask_of_places(lines));
    Draft draft(scope, lines);
    draft_everywhere(draft, helper, before);
    TRY(draft_places(draft, places));
    return draft.write();
}

Result<void> write_helper_for(GitScope scope, const std::string& helper, const std::string& url) {
    const Target target = TRY(parse_place(url)).target;
    const std::string section = "credential." + target.url();
    const Lines lines = TRY(read_up_to(scope, Where::Anywhere));
    const auto is_alone = [&](const Lines& read) -> Result<bool> {
        const Lines asked = TRY(ask_git(read, target.url())).helpers;
        return asked.size() == 1 && starts(asked.front().value, helper);
    };
    if (TRY(is_alone(lines)) && TRY(is_alone(TRY(read_up_to(scope, Where::Here)))))
        return {};
    const std::string key = section + ".helper";
    // Options of the helper stay.
    const auto old = std::find_if(lines.rbegin(), lines.rend(), [&](const ConfigLine& line) {
        return line.key == key && starts(line.value, helper);
    });
    return change_helpers(
        scope, {.removals = {{"--unset-all", key}},
                .sections = {{section, {"", old == lines.rend() ? helper : old->value}}}});
}

bool sends_path(const std::string& origin, Where where) {
    const Result<Lines> lines = read_credential_lines(where);
    const Result<Asked> asked = lines ? ask_git(*lines, origin + "/path") : lines.error();
    return asked && asked->tells_path;
}

Result<ExitCode> set_up_git(const Session& session, const GitSetup& setup) {
    if (setup.url)
        TRY(parse_place(*setup.url));
    if (setup.scope == GitScope::System && secure_getenv("GIT_CONFIG_NOSYSTEM") != nullptr)
        return session.fail("GitConfig",
                            "git ignores the system configuration; run: unset "
                            "GIT_CONFIG_NOSYSTEM",
                            ExitCode::Failure);
    const Result<Lines> lines = read_credential_lines();
    if (!lines)
        return fail_to_read(session, lines.error());
    const std::string helper = line::format_helper(find_helper());
    const std::vector<client::Dictionary> tokens = find_tokens(session, setup);
    const Result<void> written = setup.url ? write_helper_for(setup.scope, helper, *setup.url)
                                           : write_helper(setup.scope, helper);
    const Result<std::set<std::string>> paths =
        written ? write_paths(tokens) : Result<std::set<std::string>>(written.error());
    if (!paths)
        return session.fail("GitConfig", paths.error().context, ExitCode::Failure);
    Result<SetupOutcome> looked = look(helper, tokens, setup.url);
    if (!looked)
        return session.fail("GitConfig", looked.error().context, ExitCode::Failure);
    SetupOutcome& outcome = *looked;
    outcome.paths = *paths;
    TRY(session.report(outcome_json(outcome), format(outcome, setup.url)));
    if (session.json)
        return ExitCode::Success;
    for (const ConfigLine& other : outcome.others)
        session.warn("warning: git also asks " + describe_other(other));
    if (!setup.url)
        warn_of_forgotten(session, setup.scope);
    for (const ConfigLine& line : *lines) {
        if (line.scope != "command" && holds_password(line))
            session.warn("warning: " + printable(line.key) +
                         " contains a password, which every user can read while git runs it: "
                         "import it with 'patctl import', and remove it: git "
                         "config --file " +
                         printable(quote_for_shell(config_file_of(line))) + " --edit");
    }
    return ExitCode::Success;
}

}  // namespace patd::cli
