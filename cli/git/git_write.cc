// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_write.h"

#include "cli/git/git_block.h"
#include "cli/git/git_chain.h"
#include "cli/git/git_file.h"
#include "cli/io/replaced_file.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/line/helper_command.h"
#include "common/token/place.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;
using Lines = std::vector<ConfigLine>;

constexpr char kGeneral[] = "credential";

// Whether `value` starts the program `helper`, in any spelling, perhaps with options of its own.
bool starts(const std::string& value, const std::string& helper) {
    return line::find_helper_program(value) == helper;
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

// Ours and what stays behind it, in the place of every other helper that git asks everywhere.
Result<bool> is_set_up(const Lines& lines, const std::string& helper, Others others) {
    const Asked asked = TRY(ask_git(lines, kSomewhere));
    if (asked.helpers.empty() || !starts(asked.helpers.front().value, helper))
        return false;
    if (others == Others::Forgotten &&
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

struct Readers {
    bool all = true;   // everybody here may read it
    bool some = true;  // others than its owner may, by their group or all
};

// What is not there yet might be for some once it is written.
Readers readers_of(const std::filesystem::path& name) {
    using std::filesystem::perms;
    const std::filesystem::path file = resolve_links(name);
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
std::string fix_copied(GitScope scope, const ConfigLine& line, Others others) {
    if (!line.is_helper() || (line.is_general() && others == Others::Forgotten) ||
        !line.value.starts_with('!') || keeps_nothing(line) || is_ours(line) ||
        is_written(scope, line))
        return {};
    if (!is_main_file(line))
        return "move the include after patd's lines, or remove it";
    if (readers_of(config_file_of(line)).all || !readers_of(written_file(scope)).some)
        return {};
    return line.scope == "system"
               ? "set up git for the whole machine:" + own_line("sudo patctl setup git --system")
               : "move its lines to " + printable(written_file(scope)) + " first";
}

Result<void> refuse_to_copy_commands(GitScope scope, const Lines& lines, Others others) {
    for (const ConfigLine& line : lines) {
        if (const std::string fix = fix_copied(scope, line, others); !fix.empty())
            return Error{Errc::AccessDenied,
                         printable(line.key) + " in " + printable(config_file_of(line)) +
                             " is a shell command and would be copied into another file; " + fix};
    }
    return {};
}

using Places = std::map<std::string, Lines>;  // by key: whom git asks there

Result<Places> ask_of_places(const Lines& lines) {
    Places places;
    for (const std::string& key : keys_of_places(lines)) {
        // What git takes for no URL has no say; but git must be there to say so.
        if (const Result<Asked> asked = ask_git(lines, url_of_key(key)))
            places.emplace(key, asked->helpers);
        else
            TRY(ask_git(lines, kSomewhere));
    }
    return places;
}

// A file that is locked, what git reads of it outside of all repositories, and what is to become of
// the block in it.
class Draft {
  public:
    Draft(GitScope scope, Lines read, std::string text)
        : scope_(scope), read_(std::move(read)), text_(std::move(text)), parts_(part_file(text_)) {}

    // Finds out which of the lines are the block's.
    Result<void> part();

    // Where lines of others follow the block, it stays before them, and a further one is begun:
    // what is for one place alone changes nothing else.
    void leave_before_others();

    // What git reads now, and what it will read.
    const Lines& read() const { return read_; }
    Lines drafted() const {
        Lines lines = others_;
        for (const BlockSection& section : sections) {
            for (const std::string& helper : section.helpers)
                lines.push_back({name_of(scope_), "", section.name + ".helper", helper});
            if (section.tells_path)
                lines.push_back({name_of(scope_), "", section.name + ".usehttppath", "true"});
        }
        return lines;
    }
    // The file without the block, but with what others have written into it.
    std::string without() const;

    BlockSections sections;  // of the block that will be

  private:
    // Whether `setup git` has written it: what it copies stands elsewhere too.
    bool is_own(const ConfigLine& line) const {
        if (line.key.ends_with(".usehttppath"))
            return line.value == "true";
        return line.is_helper() &&
               (line.value.empty() || is_ours(line) ||
                std::any_of(others_.begin(), others_.end(), [&](const ConfigLine& other) {
                    return other.key == line.key && other.value == line.value;
                }));
    }

    GitScope scope_;
    Lines read_;
    std::string text_;
    PartedFile parts_;
    Lines others_;   // of read_, without what is the block's own
    Lines strange_;  // what others have written into the block
};

Result<void> Draft::part() {
    others_ = read_;
    if (!parts_.has_block)
        return {};
    Lines before = TRY(read_text(parts_.before));
    Lines block = TRY(read_text(parts_.block));
    const auto has_no_say = [](const ConfigLine& line) {
        return !line.key.starts_with("credential.") ||
               !(line.is_helper() || line.key.ends_with(".username") ||
                 line.key.ends_with(".usehttppath"));
    };
    Lines with_a_say = block;
    std::erase_if(before, has_no_say);
    std::erase_if(with_a_say, has_no_say);
    // Of the file's lines those of the block come after those before it.
    std::size_t at = 0;
    std::erase_if(others_, [&](const ConfigLine& line) {
        if (!is_written(scope_, line))
            return false;
        const std::size_t here = at++;
        return here >= before.size() && here < before.size() + with_a_say.size();
    });
    Lines own;
    for (const ConfigLine& line : block)
        (is_own(line) ? own : strange_).push_back(line);
    sections = to_sections(own);
    for (ConfigLine line : strange_) {
        line.scope = name_of(scope_);
        line.origin = "file:" + written_file(scope_);
        if (!has_no_say(line))
            others_.push_back(line);
    }
    return {};
}

void Draft::leave_before_others() {
    if (parts_.after.find_first_not_of(" \t\r\n") == std::string::npos)
        return;
    others_ = read_;
    strange_.clear();
    sections.clear();
    parts_ = PartedFile();
    parts_.before = text_;
}

std::string Draft::without() const {
    std::string text = parts_.before;
    for (const ConfigLine& line : strange_)
        text += format_line(line);
    return text + parts_.after;
}

// Changes the block of a file under its lock. `change` says whether it has to be written.
Result<void> rewrite(GitScope scope, const std::string& options,
                     const std::function<Result<bool>(Draft&)>& change) {
    LockedGitFile file = TRY(LockedGitFile::take(scope, options));
    const std::optional<std::string> text = TRY(file.read());
    const PartedFile parts = part_file(text.value_or(""));
    // What holds in this directory alone is not to be written for all.
    Draft draft(scope, TRY(read_up_to(scope, Where::Anywhere)), text.value_or(""));
    TRY(draft.part());
    if (!TRY(change(draft)))
        return {};
    std::optional<std::string> rest = draft.without();
    if (!text || (parts.made_file && rest->empty()))
        rest.reset();
    return file.replace(append_block(rest, draft.sections));
}

// The helpers of places of their own that were asked before, after the lines that forget them.
Result<void> draft_places(Draft& draft, const Places& before) {
    for (const auto& [key, helpers] : before) {
        const Lines now = TRY(ask_git(draft.drafted(), url_of_key(key))).helpers;
        Texts own;
        for (const ConfigLine& line : helpers) {
            if (line.key == key)
                own.push_back(line.value);
        }
        const bool all = std::all_of(own.begin(), own.end(), [&](const auto& value) {
            return std::any_of(now.begin(), now.end(), [&](const ConfigLine& line) {
                return line.key == key && line.value == value;
            });
        });
        if (all || own.empty())
            continue;
        // Who was asked first is asked first again, and not patd before him.
        if (helpers.front().key == key)
            own.insert(own.begin(), "");
        draft.sections.push_back({key.substr(0, key.rfind('.')), own});
    }
    return {};
}

// Ours for every place, and what stays behind it.
BlockSection draft_general(const std::string& helper, const Lines& before, Others others) {
    Texts helpers = {"", line::format_helper(helper)};
    for (const ConfigLine& line : before) {
        if (keeps_nothing(line) || (others == Others::Kept && !is_ours(line)))
            helpers.push_back(line.value);
    }
    return {kGeneral, helpers};
}

// The last block, if there is one.
Result<bool> undo_block(GitScope scope) {
    const std::string name = written_file(scope);
    std::error_code failed;
    LockedGitFile::remove_left(scope);
    if (!std::filesystem::exists(name, failed))
        return false;
    LockedGitFile file = TRY(LockedGitFile::take(scope, " --undo"));
    const std::string text = TRY(file.read()).value_or("");
    const PartedFile parts = part_file(text);
    if (!parts.has_block)
        return false;
    Draft draft(scope, TRY(read_up_to(scope, Where::Anywhere)), text);
    TRY(draft.part());
    const std::string rest = draft.without();
    if (rest.empty() && parts.made_file)
        TRY(file.remove());
    else
        TRY(file.replace(rest));
    return true;
}

}  // namespace

Result<void> write_helper(GitScope scope, const std::string& helper, Others others) {
    const std::string options = others == Others::Kept ? " --keep" : "";
    return rewrite(scope, options, [&](Draft& draft) -> Result<bool> {
        const Lines here = TRY(read_up_to(scope, Where::Here));
        if (TRY(is_set_up(draft.read(), helper, others)) && TRY(is_set_up(here, helper, others)))
            return false;
        const Asked before = TRY(ask_git(draft.read(), kSomewhere));
        TRY(refuse_to_copy_commands(scope, draft.read(), others));
        const Places places = TRY(ask_of_places(draft.read()));
        // What tells the path of a place stays.
        BlockSections paths;
        for (const BlockSection& section : draft.sections) {
            if (section.tells_path)
                paths.push_back({section.name, {}, true});
        }
        draft.sections = {draft_general(helper, before.helpers, others)};
        TRY(draft_places(draft, places));
        draft.sections.insert(draft.sections.end(), paths.begin(), paths.end());
        return true;
    });
}

Result<void> write_helper_for(GitScope scope, const std::string& helper, const std::string& url) {
    const Target target = TRY(parse_place(url)).target;
    const std::string section = std::string(kGeneral) + "." + target.url();
    const auto is_alone = [&](const Lines& read) -> Result<bool> {
        const Lines asked = TRY(ask_git(read, target.url())).helpers;
        return asked.size() == 1 && starts(asked.front().value, helper);
    };
    return rewrite(scope, " " + quote_for_shell(url), [&](Draft& draft) -> Result<bool> {
        const Lines here = TRY(read_up_to(scope, Where::Here));
        if (TRY(is_alone(draft.read())) && TRY(is_alone(here)))
            return false;
        // Options of the helper stay.
        const Lines& lines = draft.read();
        const auto old = std::find_if(lines.rbegin(), lines.rend(), [&](const ConfigLine& line) {
            return line.key == section + ".helper" && starts(line.value, helper);
        });
        draft.leave_before_others();
        bool tells_path = false;
        std::erase_if(draft.sections, [&](const BlockSection& other) {
            tells_path = tells_path || (other.name == section && other.tells_path);
            return other.name == section;
        });
        draft.sections.push_back(
            {section,
             {"", old == lines.rend() ? line::format_helper(helper) : old->value},
             tells_path});
        return true;
    });
}

Result<void> write_paths(GitScope scope, const std::set<std::string>& origins) {
    if (origins.empty())
        return {};
    return rewrite(scope, "", [&](Draft& draft) -> Result<bool> {
        draft.leave_before_others();
        for (const std::string& origin : origins)
            draft.sections.push_back({std::string(kGeneral) + "." + origin, {}, true});
        return true;
    });
}

Result<bool> undo_setup(GitScope scope) {
    bool undone = false;
    while (TRY(undo_block(scope)))
        undone = true;
    return undone;
}

}  // namespace patd::cli
