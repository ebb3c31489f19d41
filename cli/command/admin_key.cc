// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/command/key_install.h"
#include "cli/git/git_config.h"
#include "cli/io/descriptor_io.h"
#include "cli/io/new_file.h"
#include "cli/text/counted.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "common/base/recovery_key.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace patd::cli {
namespace {

struct KeyOptions {
    std::string input;
    std::string output;
    bool install = false;
    bool new_store = false;
};

// Where a key goes: a new file, or a descriptor of the caller's.
class KeyOutput {
  public:
    static Result<KeyOutput> open(const Session& session, const std::string& path) {
        if (session.output_fd)
            return KeyOutput(*session.output_fd, std::nullopt);
        if (path.empty())
            return Error{Errc::MalformedRequest, "FILE is required (or --output-fd N)"};
        NewFile file = TRY(NewFile::create(path, shown_file(path)));
        const int fd = file.fd();
        return KeyOutput(fd, std::move(file));
    }
    Result<void> write(const SecretBuffer& bytes) {
        TRY(write_all(fd_, bytes.reveal()));
        return file_ ? file_->keep() : Result<void>();
    }

  private:
    KeyOutput(int fd, std::optional<NewFile> file) : fd_(fd), file_(std::move(file)) {}

    int fd_;
    std::optional<NewFile> file_;
};

Result<ExitCode> export_key(const Session& session, const KeyOptions& options) {
    KeyOutput output = TRY(KeyOutput::open(session, options.output));
    client::TokensClient client = TRY(session.connect());
    const MasterKey key(TRY(client.admin_export_key()));
    TRY(output.write(TRY(format_recovery_key(key))));
    TRY(client.admin_confirm_export());
    TRY(session.report({{"exported", true}},
                       "The recovery key is written. Print it, keep it away from the backups, and "
                       "delete the file."));
    return ExitCode::Success;
}

Result<ExitCode> rotate_master_key(const Session& session, const std::string& path) {
    KeyOutput output = TRY(KeyOutput::open(session, path));
    client::TokensClient client = TRY(session.connect());
    const MasterKey key(TRY(client.admin_rotate_master_key()));
    TRY(output.write(TRY(format_recovery_key(key))));
    TRY(client.admin_confirm_export());
    TRY(session.report(
        {{"rotated", false}},
        "The recovery key of the new master key is written. Until the key is "
        "installed, the old one opens the store. Next:" +
            own_line("sudo patctl admin recover-key " + printable(quote_for_shell(path)) +
                     " --install && sudo systemctl restart patd.service")));
    return ExitCode::Success;
}

// One line that is written over, for who watches.
void show_progress(const Session& session, const client::Dictionary& status) {
    if (isatty(session.environment().errors) != 1)
        return;
    const std::string text = "\r" + std::to_string(status.count("rotation-done")) + " of " +
                             counted(status.count("rotation-total"), "record");
    (void)write_all(session.environment().errors, std::string_view(text));
}

Result<client::Dictionary> wait_for_rotation(const Session& session, client::TokensClient& client) {
    constexpr int kEveryMs = 200;
    while (true) {
        client::Dictionary status = TRY(client.admin_status());
        show_progress(session, status);
        if (!status.flag("rotating"))
            return status;
        poll(nullptr, 0, kEveryMs);
    }
}

Result<ExitCode> rotate_key(const Session& session, const KeyOptions& options) {
    if (!options.output.empty())
        return rotate_master_key(session, options.output);
    client::TokensClient client = TRY(session.connect());
    const Result<void> begun = client.admin_rotate_key();
    // One that a restart interrupted goes on by itself: it is watched here.
    if (!begun &&
        (begun.error().code != Errc::Busy || !TRY(client.admin_status()).flag("rotating")))
        return begun.error().code == Errc::Busy
                   ? Error{Errc::Busy,
                           "a new master key waits for its first use; restart patd.service"}
                   : begun.error();
    const client::Dictionary status = TRY(wait_for_rotation(session, client));
    if (isatty(session.environment().errors) == 1)
        (void)write_all(session.environment().errors, std::string_view("\n"));
    if (const std::string error = status.text("rotation-error"); !error.empty())
        return Error{errc_from_name(error).value_or(Errc::Internal),
                     "the rotation stopped; run the same command again to continue"};
    TRY(session.report({{"rotated", true}, {"records", status.count("rotation-done")}},
                       "The data key is rotated; " +
                           counted(status.count("rotation-done"), "record") +
                           (status.count("rotation-done") == 1 ? " was" : " were") +
                           " sealed again. Make a new backup."));
    return ExitCode::Success;
}

Result<SecretBuffer> read_text(const Session& session, const std::string& path) {
    UniqueFd file;
    if (path != "-")
        file.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (path != "-" && !file)
        return Error{Errc::BadFile,
                     shown_file(path) + ": " + std::generic_category().message(errno)};
    const int fd = file ? file.get() : session.environment().input;
    SecretBuffer text(kRecoveryTextBytes);
    while (text.size() < text.capacity()) {
        const std::span<char> free = text.free_space();
        const ssize_t count = read(fd, free.data(), free.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::BadFile,
                         shown_file(path) + ": " + std::generic_category().message(errno)};
        if (count == 0)
            break;
        text.grow(static_cast<std::size_t>(count));
    }
    return text;
}

Result<ExitCode> recover_key(const Session& session, const KeyOptions& options) {
    const SecretBuffer text = TRY(read_text(session, options.input));
    MasterKey key = TRY(parse_recovery_key(text.reveal()));
    if (options.install)
        return install_key(session, key, options.new_store);
    KeyOutput output = TRY(KeyOutput::open(session, options.output));
    TRY(output.write(key.take()));
    TRY(session.report({{"recovered", true}},
                       "The master key is written. Delete the file as soon as it is installed."));
    return ExitCode::Success;
}

void add_key_output_fd(CLI::App& command, Session& session) {
    add_output_fd(command, session);
    command.get_option("--output-fd")->description("Write to descriptor N instead of a file");
}

void add_export_key(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<KeyOptions>();
    CLI::App& command =
        *admin.add_subcommand("export-key", "Write the master key to a recovery file");
    command.add_option("FILE", options->output, "The file to write; it must not exist yet");
    add_key_output_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return export_key(session, *options); };
    });
}

void add_recover_key(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<KeyOptions>();
    CLI::App& command = *admin.add_subcommand(
        "recover-key", "Install the master key of a recovery file, or write it to a file");
    command.add_option("FILE", options->input, "The recovery file, or - for standard input")
        ->required();
    command.add_option("--output", options->output, "The key file to write; it must not exist yet")
        ->type_name("FILE");
    add_key_output_fd(command, session);
    CLI::Option* install =
        command.add_flag("--install", options->install,
                         "Make it the master key of this machine; the one before is kept");
    install->excludes("--output")->excludes("--output-fd");
    command
        .add_flag("--new-store", options->new_store,
                  "Put a store that has no tokens aside, so that a backup can be restored")
        ->needs(install);
    command.callback([&session, options] {
        session.action = [&session, options] { return recover_key(session, *options); };
    });
}

void add_rotate_key(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<KeyOptions>();
    CLI::App& command =
        *admin.add_subcommand("rotate-key", "Seal every token again, under a new data key");
    command
        .add_option("--master", options->output,
                    "Make a new master key instead, and write its recovery file (a new file)")
        ->type_name("FILE");
    command.callback([&session, options] {
        session.action = [&session, options] { return rotate_key(session, *options); };
    });
}

}  // namespace

void add_admin_key(CLI::App& admin, Session& session) {
    add_export_key(admin, session);
    add_recover_key(admin, session);
    add_rotate_key(admin, session);
}

}  // namespace patd::cli
