// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/keyring/keyring_gate.h"
#include "daemon/line/refusal.h"
#include "daemon/service_process.h"
#include "daemon/user/command_line.h"
#include "daemon/user/surroundings.h"

#include <cstdlib>

namespace patd::user {
namespace {

std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

Result<void> make_directories(const DaemonOptions& options) {
    TRY(make_private_directory(options.state_directory));
    return make_private_directory(folder_of(options.line_socket));
}

Result<std::unique_ptr<StoreGate>> make_gate() {
    std::unique_ptr<keyring::SecretServiceKeyring> keyring =
        TRY(keyring::SecretServiceKeyring::create());
    return std::unique_ptr<StoreGate>(std::make_unique<keyring::KeyringGate>(std::move(keyring)));
}

int run(int argc, char** argv) {
    const Result<CommandLine> line = parse_command_line(argc, argv);
    if (!line)
        return EXIT_FAILURE;
    if (line->exit_status)
        return *line->exit_status;
    const Config config = load_config(line->options.config_root);
    const std::string_view why = why_not_started_for_user(!config.faults.empty());
    if (const std::optional<int> status = run_other_task(*line, config, why))
        return *status;
    if (const Result<void> made = make_directories(line->options); !made) {
        log(messages::kCannotServe, made.error());
        return EXIT_FAILURE;
    }
    return serve(line->options, config, make_gate);
}

}  // namespace
}  // namespace patd::user

int main(int argc, char** argv) {
    patd::user::clear_environment();
    patd::protect_process();
    patd::use_one_heap();
    int status = EXIT_FAILURE;
    patd::bus::guarded("main", [&] { status = patd::user::run(argc, argv); });
    return status;
}
