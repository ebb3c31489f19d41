// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/io/new_file.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"

#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace patd::cli {
namespace {

struct RestoreOptions {
    std::string file;
    std::vector<std::string> accept;
    bool keep_dead = false;
};

Result<ExitCode> back_up(const Session& session, const std::string& path) {
    NewFile file = TRY(NewFile::create(path));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary manifest = TRY(client.admin_backup(file.fd()));
    TRY(file.keep());
    TRY(session.report(to_json(manifest),
                       "The backup holds " + counted(manifest.count("tokens"), "token") +
                           ". Only the master key can open it: see 'patctl admin "
                           "export-key'."));
    return ExitCode::Success;
}

Result<client::Dictionary> to_dictionary(const RestoreOptions& options) {
    client::Dictionary sent;
    for (const std::string& id : options.accept)
        TRY(parse_id(id));
    if (!options.accept.empty())
        sent.set("accept-rollback", options.accept);
    if (options.keep_dead)
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
        text += ", " + std::to_string(result.count("revived")) + " brought back to life";
    if (result.count("damaged") > 0)
        text += ", " + std::to_string(result.count("damaged")) + " damaged in the backup";
    return text + ".\n";
}

Result<void> print(const Session& session, const client::Restoration& restoration) {
    if (session.json) {
        nlohmann::json json = to_json(restoration.result);
        json["dead"] = to_json(restoration.dead);
        return session.print_json(json);
    }
    if (!restoration.dead.empty()) {
        TRY(session.print("Tokens that were deleted or regenerated since the backup:\n" +
                          format_dead(restoration.dead, session.style())));
    }
    if (restoration.result.flag("done"))
        return session.print(format_result(restoration.result));
    session.warn(
        "nothing was restored: use --keep-dead, or name each token to bring back with "
        "--accept-rollback ID");
    return {};
}

Result<ExitCode> restore(const Session& session, const RestoreOptions& options) {
    const client::Dictionary sent = TRY(to_dictionary(options));
    const UniqueFd file(open(options.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file)
        return Error{Errc::BadFile,
                     printable(options.file) + ": " + std::generic_category().message(errno)};
    client::TokensClient client = TRY(session.connect());
    const client::Restoration restoration = TRY(client.admin_restore(file.get(), sent));
    TRY(print(session, restoration));
    return restoration.result.flag("done") ? ExitCode::Success : ExitCode::Refused;
}

void add_backup(CLI::App& admin, Session& session) {
    const auto path = std::make_shared<std::string>();
    CLI::App& command =
        *admin.add_subcommand("backup", "Write every token and the audit log to a file");
    command.add_option("FILE", *path, "The file to write; it must not exist yet")->required();
    command.callback([&session, path] {
        session.action = [&session, path] { return back_up(session, *path); };
    });
}

void add_restore(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<RestoreOptions>();
    CLI::App& command = *admin.add_subcommand("restore", "Bring back missing tokens from a backup");
    command.add_option("FILE", options->file, "The backup")->required();
    command
        .add_option(
            "--accept-rollback", options->accept,
            "Bring this token back although it was deleted or regenerated since; repeat for more")
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
