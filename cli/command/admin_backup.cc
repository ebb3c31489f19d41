// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/command/token_name.h"
#include "cli/git/git_config.h"
#include "cli/io/descriptor_io.h"
#include "cli/io/new_file.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"
#include "cli/text/shown_value.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "cli/text/wrap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace patd::cli {
namespace {

constexpr std::size_t kCopyBytes = 65536;

struct RestoreOptions {
    std::string file;
    std::vector<std::string> accept;
    bool keep_dead = false;
};

std::string describe_backup(const client::Dictionary& manifest) {
    return "The backup holds " + counted(manifest.count("tokens"), "token") +
           ". Only the master key can open it: see 'patctl admin export-key'.";
}

// A file without a name, since patd writes and reads regular files alone: at the other end of
// anything else somebody could keep it waiting.
Result<UniqueFd> make_own_file() {
    const char* folder = secure_getenv("TMPDIR");
    const std::string place = folder == nullptr ? "/var/tmp" : folder;
    UniqueFd file = make_nameless_file(place);
    if (!file)
        return Error{Errc::Internal, place + ": " + std::generic_category().message(errno)};
    return file;
}

Result<void> copy_all(int from, int to) {
    std::vector<char> chunk(kCopyBytes);
    while (true) {
        const ssize_t count = read(from, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::Internal,
                         "the backup cannot be read: " + std::generic_category().message(errno)};
        if (count == 0)
            return {};
        TRY(write_all(to, std::span<const char>(chunk.data(), static_cast<std::size_t>(count))));
    }
}

bool is_regular_file(int fd) {
    struct stat facts {};
    return fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

// Into a pipe, of which standard error tells.
Result<ExitCode> back_up_to(const Session& session, int output) {
    if (isatty(output) == 1)
        return session.fail_usage(
            "a backup does not go to a terminal; give a file, or pipe it into a program");
    const UniqueFd file = TRY(make_own_file());
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary manifest = TRY(client.admin_backup(file.get()));
    if (lseek(file.get(), 0, SEEK_SET) != 0)
        return Error{Errc::Internal, "the backup cannot be read"};
    TRY(copy_all(file.get(), output));
    const std::string words =
        session.json ? format_json(to_json(manifest)) : describe_backup(manifest) + "\n";
    TRY(write_all(session.environment().errors, words));
    return ExitCode::Success;
}

Result<ExitCode> back_up(const Session& session, const std::string& path) {
    if (session.output_fd)
        return back_up_to(session, *session.output_fd);
    if (path == "-")
        return back_up_to(session, session.environment().output);
    if (path.empty())
        return session.fail_usage("give a file, - for standard output, or --output-fd N");
    NewFile file = TRY(NewFile::create(path, shown_file(path)));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary manifest = TRY(client.admin_backup(file.fd()));
    TRY(file.keep());
    TRY(session.report(to_json(manifest), describe_backup(manifest)));
    return ExitCode::Success;
}

client::Dictionary to_dictionary(const std::vector<std::string>& ids, bool keep_dead) {
    client::Dictionary sent;
    if (!ids.empty())
        sent.set("accept-rollback", ids);
    if (keep_dead)
        sent.set("keep-dead", true);
    return sent;
}

std::string format_dead(const std::vector<client::Dictionary>& dead, const Style& style) {
    Table table({"USER", "ID", {"DESCRIPTION", Fit::Shortened}, "CAUSE", {"DIED", Fit::Whole, 1}});
    for (const client::Dictionary& token : dead) {
        const UnixTime died = token.time("died");
        table.add({printable(token.text("user")), printable(token.text("id")),
                   printable(token.text("description")), printable(token.text("cause")),
                   died == 0 ? "-" : format_time(died)});
    }
    return table.format(style);
}

std::string format_result(const client::Dictionary& result) {
    std::string text = counted(result.count("restored"), "token") + " restored, " +
                       std::to_string(result.count("present")) + " already present";
    if (result.count("revived") > 0)
        text += ", " + std::to_string(result.count("revived")) + " valid again";
    if (result.count("damaged") > 0)
        text += ", " + std::to_string(result.count("damaged")) + " damaged in the backup";
    return text + ".\n";
}

// The backup in a command that is run anew; what came through a pipe has no name.
std::string name_for_shell(const std::string& file) {
    return file == "-" ? "BACKUP" : printable(quote_for_shell(file));
}

Result<void> print(const Session& session, const client::Restoration& restoration,
                   const RestoreOptions& options) {
    if (session.json) {
        nlohmann::json json = to_json(restoration.result);
        json["dead"] = to_json(restoration.dead);
        return session.print_json(json);
    }
    if (!restoration.dead.empty()) {
        TRY(session.print("Tokens that were deleted or regenerated since the backup:\n" +
                          format_dead(restoration.dead, session.style())));
    }
    if (restoration.result.flag("done") || restoration.dead.empty())
        return session.print(format_result(restoration.result));
    const std::string again = "sudo patctl admin restore " + name_for_shell(options.file);
    session.warn(
        "nothing was restored; to restore the others and leave these dead, run:" +
        own_line(again + " --keep-dead") +
        "\nTo bring one of them back, whose old secret then works again:" +
        own_line(again + " --accept-rollback " + printable(restoration.dead.front().text("id"))));
    return {};
}

// The backup as a regular file: what comes through a pipe is copied into one.
Result<UniqueFd> open_backup(const Session& session, const std::string& path) {
    UniqueFd file(path == "-" ? fcntl(session.environment().input, F_DUPFD_CLOEXEC, 0)
                              : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file)
        return Error{Errc::BadFile,
                     shown_file(path) + ": " + std::generic_category().message(errno)};
    if (is_regular_file(file.get()))
        return file;
    UniqueFd nameless = TRY(make_own_file());
    TRY(copy_all(file.get(), nameless.get()));
    if (lseek(nameless.get(), 0, SEEK_SET) != 0)
        return Error{Errc::Internal, "the backup cannot be read"};
    return nameless;
}

// A machine whose store is empty has a key of its own that nobody misses.
Error explain_foreign(client::TokensClient& client, const RestoreOptions& options) {
    const Result<client::Dictionary> status = client.status();
    if (!status || !status->has("tokens-all") || status->count("tokens-all") > 0)
        return Errc::ForeignBackup;
    return Error{Errc::ForeignBackup,
                 "this machine has a new master key and no tokens yet; run:" +
                     own_line("sudo patctl admin recover-key RECOVERY-FILE --install --new-store") +
                     own_line("sudo patctl admin restore " + name_for_shell(options.file))};
}

// The ids of those that the backup holds and that have died since, by their names.
Result<std::vector<std::string>> find_dead(client::TokensClient& client, int file,
                                           const std::vector<std::string>& names) {
    client::Dictionary sent;
    sent.set("dry-run", true);
    const client::Restoration seen = TRY(client.admin_restore(file, sent));
    if (lseek(file, 0, SEEK_SET) != 0)
        return Error{Errc::Internal, "the backup cannot be read"};
    std::vector<std::string> ids;
    for (const std::string& name : names) {
        const Result<client::Dictionary> dead = find_named(seen.dead, name);
        if (!dead)
            return Error{dead.error().code,
                         "of those that died since the backup, " + dead.error().context};
        ids.push_back(dead->text("id"));
    }
    return ids;
}

Result<client::Restoration> restore_from(client::TokensClient& client, int file,
                                         const RestoreOptions& options) {
    std::vector<std::string> ids;
    if (!options.accept.empty())
        ids = TRY(find_dead(client, file, options.accept));
    return client.admin_restore(file, to_dictionary(ids, options.keep_dead));
}

Result<ExitCode> restore(const Session& session, const RestoreOptions& options) {
    const UniqueFd file = TRY(open_backup(session, options.file));
    client::TokensClient client = TRY(session.connect());
    const Result<client::Restoration> restoration = restore_from(client, file.get(), options);
    if (!restoration && restoration.error().code == Errc::ForeignBackup)
        return explain_foreign(client, options);
    if (!restoration)
        return restoration.error();
    TRY(print(session, *restoration, options));
    return restoration->result.flag("done") ? ExitCode::Success : ExitCode::Refused;
}

void add_backup(CLI::App& admin, Session& session) {
    const auto path = std::make_shared<std::string>();
    CLI::App& command =
        *admin.add_subcommand("backup", "Write every token and the audit log to a file");
    command.add_option("FILE", *path,
                       "The file to write; it must not exist yet. Or - for standard output");
    add_output_fd(command, session);
    command.get_option("--output-fd")->description("Write to descriptor N instead of a file");
    command.callback([&session, path] {
        session.action = [&session, path] { return back_up(session, *path); };
    });
}

void add_restore(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<RestoreOptions>();
    CLI::App& command = *admin.add_subcommand("restore", "Bring back missing tokens from a backup");
    command.add_option("FILE", options->file, "The backup, or - for standard input")->required();
    command
        .add_option(
            "--accept-rollback", options->accept,
            "Bring this token back although it was deleted or regenerated since: its id, the "
            "beginning of it, or its description; repeat for more")
        ->allow_extra_args(false)
        ->type_name("ID");
    command.add_flag("--keep-dead", options->keep_dead,
                     "Do not bring back tokens that were deleted or regenerated since");
    command.callback([&session, options] {
        session.action = [&session, options] { return restore(session, *options); };
    });
}

}  // namespace

void add_admin_backup(CLI::App& admin, Session& session) {
    add_backup(admin, session);
    add_restore(admin, session);
}

}  // namespace patd::cli
